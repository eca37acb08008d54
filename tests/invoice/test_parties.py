"""Who sells and who buys: each case says what is known, what the document says, and what follows."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.findings import verdict_of
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.invoice.parties import PartyChecker, Supplier
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.wording.invoices import InvoiceWording
from opqibi_rules.tables.wording.phrases import Phrases
from opqibi_rules.verdict import Verdict
from tests.editions.pinned import OTHER_BODY, TABLES_2024
from tests.invoice.bills import ON, bill, check_invoice, first, line, totals

SCHEDULE = TABLES_2024.schedule(ON)
WORDING = TABLES_2024.invoice_wording
FIRM = Structure(siren="434717997", name="Bureau d’études Exemple")
IBAN, OTHER_IBAN = "FR7630006000011234567890189", "FR1420041010050500013M02606"
KNOWN = Supplier(name="OPQIBI", siren="732829320", vat_id="FR44732829320", ibans=(IBAN,))
SELLER = Party("OPQIBI", siren="732829320", vat_id="FR44732829320")

NOBODY = Party()

YES, NO, OPEN = Verdict.YES, Verdict.NO, Verdict.UNDETERMINED


def judged(
    seller: Party = SELLER,
    buyer: Party = NOBODY,
    *,
    payee: str | None = None,
    payee_ids: tuple[str, ...] = (),
    account_names: tuple[str, ...] = (),
    ibans: tuple[str, ...] = (),
    remarks: tuple[str, ...] = (),
    **known: Any,
) -> tuple[Verdict, list[str]]:
    """The verdict, and the codes of what is wrong or open."""
    invoice = Invoice(
        "F1",
        ON,
        seller=seller,
        buyer=buyer,
        payee=payee,
        payee_ids=payee_ids,
        account_names=account_names,
        ibans=ibans,
        remarks=remarks,
    )
    findings = PartyChecker(SCHEDULE, WORDING, **known).findings(invoice)
    return verdict_of(findings), [item.code for item in findings if item.verdict is not YES]


def not_compared(
    seller: Party = SELLER, buyer: Party = NOBODY, ibans: tuple[str, ...] = (), **known: Any
) -> list[str]:
    invoice = Invoice("F1", ON, seller=seller, buyer=buyer, ibans=ibans)
    findings = PartyChecker(SCHEDULE, WORDING, **known).findings(invoice)
    assert all(item.verdict is YES and item.severity == "info" for item in findings)
    return [str(item.message) for item in findings]


class TestTheSellerByItsName:
    @pytest.mark.parametrize(
        "name",
        [
            "OPQIBI",
            "opqibi",
            "  Opqibi ",
            "O.P.Q.I.B.I.",
            "Association OPQIBI",
            "L’OPQIBI",
            "OPQIBI (association loi 1901)",
            "Organisme de Qualification de l’Ingénierie",
            "ORGANISME DE QUALIFICATION DE L'INGENIERIE - OPQIBI",
            "OPQIBI – Organisme professionnel de qualification de l’ingénierie",
            "OPQIBI - Service facturation",
        ],
    )
    def test_the_body_of_the_schedule(self, name: str) -> None:
        assert judged(Party(name)) == (YES, [])

    @pytest.mark.parametrize(
        "name",
        [
            "Qualibat",
            "Escroquerie SARL",
            "Au bon moulin",
            "OPQUIBI",
            "OPQIBIS",
            "Organisme de qualification du bâtiment",
            "Ingénierie",
            "Association",
            "QOPQIBI",
        ],
    )
    def test_another(self, name: str) -> None:
        assert judged(Party(name)) == (NO, ["other_seller"])

    @pytest.mark.parametrize(
        "name",
        [
            "OPQIBI Conseil",
            "Cabinet Martin, accompagnement OPQIBI",
            "OPQIBI Formation",
            # It is an association: a company of its name, or a name spelt otherwise, is somebody else's.
            "OPQIBI SARL",
            "S.A.S. OPQIBI Ltd",
            "Bureau d’études OPQIBI",
            "OPQI BI",
        ],
    )
    def test_a_name_that_holds_the_body_s_and_more_is_open(self, name: str) -> None:
        assert judged(Party(name)) == (OPEN, ["seller_unclear"])
        assert judged(Party(name), confirmed={"seller": "Opqibi"}) == (YES, [])

    @pytest.mark.parametrize("name", [None, "", " – "])
    def test_none_is_open_until_it_is_confirmed(self, name: str | None) -> None:
        assert judged(Party(name)) == (OPEN, ["seller_missing"])
        assert judged(Party(name), confirmed={"seller": "OPQIBI"}) == (YES, [])
        assert judged(Party(name), confirmed={"seller": "Qualibat"}) == (NO, ["other_seller"])
        assert judged(Party(name), confirmed={"seller": "OPQIBI Conseil"}) == (OPEN, ["seller_unclear"])

    def test_a_person_s_word_against_the_document_s_leaves_it_open(self) -> None:
        assert judged(confirmed={"seller": "Qualibat"}) == (OPEN, ["seller_unclear"])
        assert judged(confirmed={"seller": "Association OPQIBI"}) == (YES, [])

    def test_nobody_s_word_mends_another_seller(self) -> None:
        assert judged(Party("Qualibat"), confirmed={"seller": "OPQIBI"}) == (NO, ["other_seller"])

    @pytest.mark.parametrize(
        "given", [{"vendeur": "OPQIBI"}, {"seller": ""}, {"seller": "–"}, {"total": "12"}, {"buyer": " "}]
    )
    def test_what_cannot_be_confirmed_is_refused(self, given: dict[str, str]) -> None:
        with pytest.raises(RequestError, match="seller, buyer, payee") as refused:
            PartyChecker(SCHEDULE, WORDING, confirmed=given)
        assert refused.value.field == "confirm"


class TestTheBodyThatTheScheduleNames:
    def test_it_is_in_the_title_or_the_sources(self) -> None:
        assert WORDING.body_of(SCHEDULE)[0] == "OPQIBI"

    def test_another_body_bills_by_its_own(self) -> None:
        schedule = OTHER_BODY.schedule(date(2026, 3, 2))
        checker = PartyChecker(schedule, OTHER_BODY.invoice_wording)
        for name, verdict in (("Autre organisme", YES), ("OPQIBI", NO)):
            assert verdict_of(checker.findings(Invoice("F1", ON, seller=Party(name)))) is verdict

    def test_a_schedule_that_names_none_or_two_leaves_it_open(self) -> None:
        none = WORDING.over(InvoiceWording(**{**_plain(), "bodies": {"opqibi": Phrases()}}))
        two = InvoiceWording(
            **{**_plain(), "bodies": {"a": Phrases(fr=("OPQIBI",)), "b": Phrases(en=("fee schedule",))}}
        )
        bare = InvoiceWording(**_plain())
        assert none.body_of(SCHEDULE)[0] == "OPQIBI"
        for wording in (two, bare):
            assert wording.body_of(SCHEDULE) == ()
            invoice = Invoice("F1", ON, seller=Party("OPQIBI"))
            (finding, *_) = PartyChecker(SCHEDULE, wording).findings(invoice)
            assert (finding.code, finding.verdict) == ("seller_unknown", OPEN)
            said = PartyChecker(SCHEDULE, wording, confirmed={"seller": "OPQIBI"})
            assert verdict_of(said.findings(invoice)) is YES
            other = PartyChecker(SCHEDULE, wording, confirmed={"seller": "Qualibat"})
            assert verdict_of(other.findings(invoice)) is NO
            kept = PartyChecker(SCHEDULE, wording, supplier=Supplier(name="Opqibi"))
            assert verdict_of(kept.findings(invoice)) is YES


def _plain() -> dict[str, Any]:
    kept = ("id", "title", "in_force_from", "checked_on", "checked_by", "sources")
    return {name: getattr(WORDING, name) for name in kept}


class TestTheSellerByItsNumbers:
    def test_those_known(self) -> None:
        assert judged(ibans=(IBAN,), supplier=KNOWN) == (YES, [])
        by_siret = Party("OPQIBI", siret="732 829 320 00074", vat_id="fr 44 732829320")
        assert judged(by_siret, ibans=(IBAN,), supplier=KNOWN) == (YES, [])
        assert judged(ibans=(IBAN,), supplier=Supplier(vat_id="FR44732829320")) == (YES, [])

    def test_a_change_of_iban_is_told_for_itself(self) -> None:
        assert judged(ibans=(OTHER_IBAN,), supplier=KNOWN) == (NO, ["seller_iban_changed"])
        assert judged(ibans=(IBAN, OTHER_IBAN), supplier=KNOWN) == (NO, ["seller_iban_changed"])
        both = Supplier(name="OPQIBI", ibans=(IBAN, OTHER_IBAN))
        assert judged(ibans=(OTHER_IBAN,), supplier=both) == (YES, [])

    def test_a_change_of_siren_or_vat_number_too(self) -> None:
        other = Party("OPQIBI", siren="552100554", vat_id="FR44732829320")
        assert judged(other, supplier=KNOWN) == (NO, ["seller_siren_changed", "seller_numbers"])
        other = Party("OPQIBI", siren="732829320", vat_id="FR99732829320")
        assert judged(other, supplier=KNOWN) == (NO, ["seller_vat_id_changed"])
        other = Party("OPQIBI", vat_id="FR99552100554")
        assert judged(other, ibans=(OTHER_IBAN,), supplier=KNOWN) == (
            NO,
            ["seller_siren_changed", "seller_vat_id_changed", "seller_iban_changed"],
        )
        assert judged(Party("OPQIBI", siren="552100554"), supplier=Supplier(vat_id="FR44732829320")) == (
            NO,
            ["seller_siren_changed"],
        )

    def test_the_numbers_tell_a_seller_that_its_name_does_not(self) -> None:
        for name in (None, "OPQIBI Conseil"):
            assert judged(Party(name, siren="732829320"), supplier=KNOWN) == (YES, [])
            assert judged(Party(name, vat_id="FR44732829320"), supplier=KNOWN) == (YES, [])
        assert judged(Party(None, siren="552100554"), supplier=KNOWN) == (
            NO,
            ["seller_missing", "seller_siren_changed"],
        )
        assert judged(Party(None, siren="732829320"), ibans=(OTHER_IBAN,), supplier=KNOWN) == (
            NO,
            ["seller_missing", "seller_iban_changed"],
        )

    @pytest.mark.parametrize("supplier", [KNOWN, Supplier(ibans=(IBAN,))])
    def test_an_account_alone_names_nobody(self, supplier: Supplier) -> None:
        for name, code in ((None, "seller_missing"), ("OPQIBI Conseil", "seller_unclear")):
            known: dict[str, Any] = {"ibans": (IBAN,), "supplier": supplier}
            assert judged(Party(name), **known) == (OPEN, [code])
            assert judged(Party(name), confirmed={"seller": "OPQIBI"}, **known) == (YES, [])
        assert judged(Party("Qualibat"), ibans=(IBAN,), supplier=KNOWN) == (OPEN, ["seller_unclear"])

    def test_another_name_with_the_known_numbers_is_open(self) -> None:
        assert judged(Party("Qualibat", siren="732829320"), supplier=KNOWN) == (OPEN, ["seller_unclear"])
        assert judged(Party("Qualibat", siren="732829320"), supplier=Supplier(name="Qualibat")) == (YES, [])

    def test_another_seller_is_told_once(self) -> None:
        assert judged(Party("Qualibat", siren="552100554"), supplier=KNOWN) == (NO, ["other_seller"])

    def test_what_was_not_compared_is_said(self) -> None:
        assert (
            not_compared(ibans=(IBAN,), supplier=KNOWN, structure=FIRM, buyer=Party(siren="434717997")) == []
        )
        assert not_compared(structure=FIRM, buyer=Party(siren="434717997")) == [
            "The seller's SIREN, VAT number, IBAN: not compared, as no accepted invoice that shows it was kept."
        ]
        assert not_compared(
            Party("OPQIBI"), supplier=KNOWN, structure=FIRM, buyer=Party(siren="434717997")
        ) == ["The seller's SIREN, VAT number, IBAN: not compared, as the document does not say."]
        assert not_compared(Party("OPQIBI"), supplier=Supplier(siren="732829320")) == [
            "The seller's VAT number, IBAN: not compared, as no accepted invoice that shows it was kept.",
            "The seller's SIREN: not compared, as the document does not say.",
            "The buyer: not compared, as no structure was given.",
        ]


class TestTheSellersOwnNumbers:
    """404833048 and 732829320 have right keys (Luhn); 123456789 has not. FR83 is that of 404833048."""

    FIRM = Structure(name="BE", siren="404833048")

    @pytest.mark.parametrize(
        ("seller", "code"),
        [
            (Party("OPQIBI", siren="732829320", vat_id="FR83404833048"), "seller_numbers"),
            (Party("OPQIBI", siren="732829320", siret="404 833 048 00022"), "seller_numbers"),
            (Party("OPQIBI", siren="123456789"), "seller_siren_key"),
            (Party("OPQIBI", siren="732829320", vat_id="DE136695976"), "seller_elsewhere"),
        ],
    )
    def test_they_contradict_each_other_or_what_is_known(self, seller: Party, code: str) -> None:
        assert judged(seller) == (OPEN, [code])

    def test_they_are_the_buyer_s(self) -> None:
        for seller in (Party("OPQIBI", siren="404833048"), Party("OPQIBI", vat_id="FR83404833048")):
            assert judged(seller, Party("BE", siren="404833048"), structure=self.FIRM) == (
                OPEN,
                ["seller_is_buyer"],
            )

    def test_those_that_were_accepted_before_are_not_doubted(self) -> None:
        """A group has one VAT number; a few registered firms bear a SIREN whose key is wrong."""
        odd = Party("OPQIBI", siren="732829320", vat_id="FR83404833048")
        assert judged(odd, supplier=Supplier(siren="732829320", vat_id="FR83404833048")) == (YES, [])
        assert judged(Party("OPQIBI", siren="123456789"), supplier=Supplier(siren="123456789")) == (YES, [])


class TestWhoIsToBePaid:
    def test_the_seller(self) -> None:
        for payee in (None, "", "OPQIBI", "Opqibi (association)"):
            assert judged(payee=payee) == (YES, [])

    def test_another_is_open_until_it_is_confirmed(self) -> None:
        assert judged(payee="Affacturage SA") == (OPEN, ["other_payee"])
        assert judged(payee="Affacturage SA", confirmed={"payee": "affacturage"}) == (YES, [])
        assert judged(payee="Affacturage SA", confirmed={"payee": "OPQIBI"}) == (OPEN, ["other_payee"])
        seller = {"seller": "Affacturage"}
        assert judged(payee="Affacturage SA", confirmed=seller) == (OPEN, ["seller_unclear", "other_payee"])
        assert judged(payee="OPQIBI SARL") == (OPEN, ["other_payee"])

    def test_one_of_the_seller_s_name_and_of_another_number_is_open(self) -> None:
        # 552 100 554 is not the seller's 732 829 320; a GLN (13 digits) is compared with nothing.
        for number in ("552100554", "55210055400013", "FR96552100554", "3012345678900"):
            assert judged(payee="OPQIBI", payee_ids=(number,)) == (OPEN, ["other_payee"])
            assert judged(payee_ids=("732829320", number)) == (OPEN, ["other_payee"])
        for number in ("732829320", "732 829 320 00074", "FR44732829320"):
            assert judged(payee="OPQIBI", payee_ids=(number,)) == (YES, [])
            assert judged(Party("OPQIBI"), payee_ids=(number,)) == (OPEN, ["other_payee"])
            assert judged(Party("OPQIBI"), payee_ids=(number,), supplier=Supplier(siren="732829320")) == (
                YES,
                [],
            )

    def test_its_number_is_settled_by_a_person_too(self) -> None:
        given: dict[str, Any] = {"payee": "Affacturage SA", "payee_ids": ("552100554",)}
        assert judged(**given) == (OPEN, ["other_payee", "other_payee"])
        assert judged(**given, confirmed={"payee": "Affacturage"}) == (YES, [])
        assert judged(payee_ids=("552100554",), confirmed={"payee": "552 100 554"}) == (YES, [])

    def test_an_account_in_another_name_is_open(self) -> None:
        assert judged(account_names=("OPQIBI",)) == (YES, [])
        assert judged(account_names=("M. Dupont",)) == (OPEN, ["other_payee"])
        assert judged(account_names=("OPQIBI", "M. Dupont")) == (OPEN, ["other_payee"])
        assert judged(account_names=("M. Dupont",), confirmed={"payee": "M. Dupont"}) == (YES, [])

    def test_an_account_whose_key_is_wrong_is_open(self) -> None:
        assert judged(ibans=(IBAN,)) == (YES, [])
        assert judged(ibans=("FR7630006000011234567890188",)) == (OPEN, ["iban_key"])
        assert judged(ibans=("30006000011234567890",)) == (YES, [])  # no IBAN: nothing tells

    def test_an_account_in_no_bank_in_france_is_open_unless_it_is_known(self) -> None:
        german = "DE89370400440532013000"
        assert judged(ibans=(german,)) == (OPEN, ["iban_elsewhere"])
        assert judged(ibans=(german,), supplier=Supplier(ibans=(german,))) == (YES, [])
        assert judged(ibans=(german,), supplier=KNOWN) == (NO, ["seller_iban_changed"])
        assert judged(ibans=("MC5811222000010123456789030",)) == (YES, [])

    def test_several_accounts_are_open_unless_they_are_known(self) -> None:
        assert judged(ibans=(IBAN, OTHER_IBAN)) == (OPEN, ["iban_several"])
        assert judged(ibans=(IBAN, IBAN)) == (YES, [])
        assert judged(ibans=(IBAN, OTHER_IBAN), supplier=Supplier(ibans=(IBAN, OTHER_IBAN))) == (YES, [])

    def test_a_seller_in_another_country_is_open(self) -> None:
        for country, verdict in (
            ("FR", YES),
            ("France", YES),
            (None, YES),
            ("DE", OPEN),
            ("Allemagne", OPEN),
        ):
            assert judged(Party("OPQIBI", country=country))[0] is verdict

    def test_a_person_s_word_against_the_buyer_s_number_leaves_it_open(self) -> None:
        own = Party("Bureau d’études Exemple", siren="434717997")
        each: tuple[dict[str, Any], ...] = ({}, {"structure": FIRM})
        for known in each:
            assert judged(buyer=own, confirmed={"buyer": "552100554"}, **known) == (OPEN, ["buyer_unclear"])
            assert judged(buyer=own, confirmed={"buyer": "434 717 997"}, **known) == (YES, [])
        assert judged(confirmed={"buyer": "552100554"}) == (YES, [])  # nothing that it contradicts

    def test_two_legal_forms_are_two_firms(self) -> None:
        firm = Structure(name="BE Martin SAS")
        for name, verdict in (
            ("BE Martin", YES),
            ("BE MARTIN, S.A.S.", OPEN),  # its letters apart are read as words
            ("BE Martin SARL", OPEN),
            ("SAS Bureau d’études Martin", YES),
            ("Martin SAS", OPEN),
        ):
            assert judged(buyer=Party(name), structure=firm)[0] is verdict

    def test_a_buyer_that_is_the_seller_is_open(self) -> None:
        assert judged(buyer=Party("OPQIBI")) == (OPEN, ["buyer_is_seller"])
        assert judged(buyer=Party("BE", siret="73282932000074")) == (OPEN, ["buyer_is_seller"])
        assert judged(buyer=Party("BE", siren="434717997")) == (YES, [])
        assert judged(buyer=Party("OPQIBI"), structure=FIRM) == (NO, ["other_buyer"])


class TestTheBuyer:
    @pytest.mark.parametrize(
        "buyer",
        [
            Party("Bureau d’études Exemple", siren="434717997"),
            Party("Another name altogether", siren="434 717 997"),
            Party(siret="434717997 00019"),
            Party(vat_id="FR12434717997"),
            Party(siren="434717997", siret="43471799700019", vat_id="FR 12 434717997"),
            Party("BUREAU D'ETUDES EXEMPLE"),
            Party("SARL BE Exemple"),
            Party("Société BET Exemple"),
            Party(),
        ],
    )
    def test_nothing_contradicts_it(self, buyer: Party) -> None:
        assert judged(buyer=buyer, structure=FIRM) == (YES, [])

    @pytest.mark.parametrize(
        "buyer",
        [
            Party("Bureau d’études Exemple", siren="552100554"),
            Party(siret="55210055400013"),
            Party(vat_id="FR99552100554"),
            Party(siren="552100554", vat_id="FR99552100554"),
            Party("Autre SA"),
            Party("Cabinet Dupont"),
        ],
    )
    def test_another_firm(self, buyer: Party) -> None:
        assert judged(buyer=buyer, structure=FIRM) == (NO, ["other_buyer"])
        assert judged(buyer=buyer, structure=FIRM, confirmed={"buyer": "434717997"}) == (NO, ["other_buyer"])

    @pytest.mark.parametrize(
        "buyer",
        [
            Party(siren="434717997", vat_id="FR99552100554"),  # the number of a VAT group
            Party(siren="43471799"),
            Party(vat_id="DE123456789"),
            Party("Exemple Sud"),
            Party("Groupe Exemple"),
            Party("Exemple"),  # of which trade?
            Party("SAS Exemple"),
            Party("E"),
        ],
    )
    def test_what_is_open_may_be_confirmed(self, buyer: Party) -> None:
        assert judged(buyer=buyer, structure=FIRM) == (OPEN, ["buyer_unclear"])
        for said in ("434 717 997", "43471799700019", "BE Exemple"):
            assert judged(buyer=buyer, structure=FIRM, confirmed={"buyer": said}) == (YES, [])
        for said in ("552100554", "Autre SA", "Exemple Sud"):
            assert judged(buyer=buyer, structure=FIRM, confirmed={"buyer": said}) == (OPEN, ["buyer_unclear"])

    def test_a_structure_of_which_less_is_known(self) -> None:
        named, numbered = Structure(name="Bureau d’études Exemple"), Structure(siren="434717997")
        assert judged(buyer=Party("Autre SA", siren="434717997"), structure=named) == (NO, ["other_buyer"])
        assert judged(buyer=Party("Autre SA"), structure=numbered) == (YES, [])
        assert judged(buyer=Party("Autre SA", siren="552100554"), structure=numbered) == (NO, ["other_buyer"])
        assert judged(buyer=Party("Autre SA", siren="552100554"), structure=Structure()) == (YES, [])

    def test_what_was_not_compared_is_said(self) -> None:
        seller: dict[str, Any] = {"seller": SELLER, "ibans": (IBAN,), "supplier": KNOWN}
        assert not_compared(**seller, structure=Structure()) == [
            "The buyer: not compared, as no structure was given."
        ]
        assert not_compared(**seller, structure=FIRM, buyer=Party("BE Exemple")) == [
            "The buyer's SIREN: not compared, as the document does not say."
        ]
        assert not_compared(**seller, structure=FIRM, buyer=Party(siren="434717997")) == []

    def test_the_message_names_both(self) -> None:
        invoice = Invoice("F1", ON, seller=SELLER, buyer=Party("Autre SA", siren="552100554"))
        (*_, wrong) = PartyChecker(SCHEDULE, WORDING, structure=FIRM).findings(invoice)
        assert (
            str(wrong.message)
            == "The buyer is Autre SA 552100554, and not Bureau d’études Exemple 434717997."
        )


class TestWhatIsSaid:
    """Every finding: its code, its subject, how grave it is, its words; each is about the parties."""

    BUYER = Party(siren="434717997")

    @pytest.mark.parametrize(
        ("given", "known", "code", "words"),
        [
            ({"seller": Party("Qualibat")}, {}, "other_seller", "The seller is Qualibat, and not OPQIBI."),
            ({"seller": Party()}, {}, "seller_missing", "The document does not name the seller; OPQIBI is expected."),
            (
                {"seller": Party("OPQIBI Conseil")}, {}, "seller_unclear",
                "« OPQIBI Conseil » is named, where OPQIBI is expected.",
            ),
            (
                {"seller": Party("OPQIBI", siren="552100554")}, {"supplier": Supplier(siren="732829320")},
                "seller_siren_changed",
                "The seller's SIREN is 552100554; that of the invoices accepted before is 732829320.",
            ),
            (
                {"seller": Party("OPQIBI", vat_id="FR99732829320")}, {"supplier": Supplier(vat_id="FR44732829320")},
                "seller_vat_id_changed",
                "The seller's VAT number is FR99732829320; that of the invoices accepted before is FR44732829320.",
            ),
            (
                {"ibans": (OTHER_IBAN,)}, {"supplier": Supplier(ibans=(IBAN,))}, "seller_iban_changed",
                f"The document asks for payment to the account {OTHER_IBAN}; the invoices accepted before, to {IBAN}. "
                "Ask the seller, by a way that you know, before anything is paid.",
            ),
            (
                {"payee": "Affacturage SA"}, {}, "other_payee",
                "The document asks to pay Affacturage SA, who is not the seller.",
            ),
            (
                {"buyer": Party(siren="434717997", vat_id="FR99552100554")}, {}, "buyer_unclear",
                "The buyer bears FR99552100554, which is not the SIREN of Bureau d’études Exemple 434717997.",
            ),
            (
                {"buyer": Party("Autre SA")}, {}, "other_buyer",
                "The buyer is Autre SA, and not Bureau d’études Exemple 434717997.",
            ),
            (
                {"buyer": Party("Exemple Sud")}, {}, "buyer_unclear",
                "« Exemple Sud » is named, where Bureau d’études Exemple 434717997 is expected.",
            ),
        ],
    )  # fmt: skip
    def test_of_what_is_wrong_or_open(
        self, given: dict[str, Any], known: dict[str, Any], code: str, words: str
    ) -> None:
        invoice = Invoice("F1", ON, **{"seller": SELLER, "buyer": self.BUYER, **given})
        findings = PartyChecker(SCHEDULE, WORDING, **{"structure": FIRM, **known}).findings(invoice)
        (found,) = (item for item in findings if item.verdict is not YES)
        assert (found.code, found.about, str(found.message)) == (code, "parties", words)
        grave = (code.startswith("other_") and code != "other_payee") or code.endswith("_changed")
        assert (found.severity, found.verdict) == (("error", NO) if grave else ("warning", OPEN))

    def test_of_a_schedule_that_names_no_body(self) -> None:
        (found, *_) = PartyChecker(SCHEDULE, InvoiceWording(**_plain())).findings(
            Invoice("F1", ON, seller=SELLER)
        )
        assert (found.code, found.about, found.severity) == ("seller_unknown", "parties", "warning")
        assert str(found.message) == (
            "The schedule names no body that bills by it: nothing tells whether the seller is the one."
        )

    def test_of_what_was_not_compared(self) -> None:
        invoice = Invoice("F1", ON, seller=Party("OPQIBI"))
        half = PartyChecker(SCHEDULE, WORDING, structure=FIRM, supplier=Supplier(siren="732829320"))
        codes = ["seller_not_compared", "seller_not_compared", "buyer_not_compared"]
        assert [item.code for item in half.findings(invoice)] == codes
        assert {item.about for item in half.findings(invoice)} == {"parties"}
        (*_, none) = PartyChecker(SCHEDULE, WORDING).findings(invoice)
        assert (none.code, none.about) == ("buyer_not_compared", "parties")

    def test_of_two_suppliers(self) -> None:
        with pytest.raises(RequestError) as refused:
            Supplier(siren="732829320").completed(Supplier(siren="552100554"))
        assert str(refused.value) == (
            "These invoices show several suppliers (732829320; 552100554): keep what one of them shows."
        )

    def test_of_what_cannot_be_confirmed(self) -> None:
        with pytest.raises(RequestError) as refused:
            PartyChecker(SCHEDULE, WORDING, confirmed={"vendeur": "O" * 80})
        assert str(refused.value) == (
            f"confirm: « vendeur={'O' * 52} »; one of seller, buyer, payee is expected, and its name."
        )


class TestNearly:
    def test_a_siret_tells_the_siren(self) -> None:
        other = Party("OPQIBI", siret="55210055400013")
        assert judged(other, supplier=Supplier(siren="732829320")) == (NO, ["seller_siren_changed"])
        known: dict[str, Any] = {"ibans": (IBAN,), "supplier": KNOWN, "structure": FIRM}
        assert not_compared(buyer=Party(siret="43471799700019"), **known) == []

    def test_a_number_of_another_kind_tells_nothing(self) -> None:
        """The SIREN is known and the account is shown: nothing was compared."""
        only = Supplier(siren="732829320")
        assert judged(Party(), ibans=(IBAN,), supplier=only) == (OPEN, ["seller_missing"])
        assert judged(Party("Qualibat"), ibans=(IBAN,), supplier=only) == (NO, ["other_seller"])

    def test_a_word_in_common_or_initials(self) -> None:
        firm = Structure(name="Dupont Ingénierie Sud")
        for name in ("Dupont Nord", "DIS", "D.I.S.", "Cabinet Dupont"):
            assert judged(buyer=Party(name), structure=firm) == (OPEN, ["buyer_unclear"])
        for name in ("DIN", "Durand", "Bureau d’études"):
            assert judged(buyer=Party(name), structure=firm) == (NO, ["other_buyer"])
        assert judged(buyer=Party("Dupont Ingénierie Sud"), structure=Structure(name="DIS")) == (
            OPEN,
            ["buyer_unclear"],
        )

    def test_a_structure_whose_name_says_nothing(self) -> None:
        dashes = Structure(name="–", siren="434717997")
        assert judged(buyer=Party("Autre SA"), structure=dashes) == (YES, [])
        assert judged(buyer=Party(siren="43471799"), structure=dashes, confirmed={"buyer": "Autre"}) == (
            OPEN,
            ["buyer_unclear"],
        )
        numbered = Structure(siren="434717997")
        assert judged(buyer=Party(siren="43471799"), structure=numbered, confirmed={"buyer": "Autre"}) == (
            OPEN,
            ["buyer_unclear"],
        )
        named = Structure(name="Exemple")
        assert judged(buyer=Party("Exemple Sud"), structure=named, confirmed={"buyer": "Exemple"}) == (
            YES,
            [],
        )
        assert judged(buyer=Party("Exemple Sud"), structure=named, confirmed={"buyer": "x"}) == (
            OPEN,
            ["buyer_unclear"],
        )


class TestWhatAnInvoiceShows:
    def test_of_its_seller(self) -> None:
        seller = Party("OPQIBI", siret="73282932000074", vat_id="fr 44 732829320")
        shown = Supplier.shown_by(Invoice("F1", ON, seller=seller, ibans=(IBAN,)))
        assert shown == KNOWN
        assert Supplier.shown_by(Invoice("F1", ON)) == Supplier()

    def test_two_invoices_complete_each_other_or_contradict(self) -> None:
        name, number = (
            Supplier(name="OPQIBI", ibans=(IBAN,)),
            Supplier(siren="732829320", vat_id="FR44732829320"),
        )
        assert name.completed(number) == number.completed(name) == KNOWN
        assert KNOWN.completed(KNOWN) == KNOWN
        for other in (
            Supplier(siren="552100554"),
            Supplier(vat_id="FR99552100554"),
            Supplier(ibans=(OTHER_IBAN,)),
        ):
            with pytest.raises(RequestError, match="several suppliers"):
                KNOWN.completed(other)


class TestTheWholeVerdict:
    """The everyday case ends in « Conform »; another seller's bill never does."""

    def test_an_invoice_of_the_body(self) -> None:
        answer = check_invoice(totals("1160.00"), expected=first())
        assert (answer.verdict, answer.verdicts["parties"]) == ("conform", "conform")
        assert str(answer.summary) == "Conform: 1160.00 € excl. VAT, to the cent."

    def test_another_s(self) -> None:
        fee = line("Frais d’instruction", "1160.00")
        answer = check_invoice(bill(fee, seller=Party("Qualibat")), expected=first())
        assert (answer.verdict, answer.verdicts["price"]) == ("discrepancy", "conform")
        assert str(answer.summary) == "Discrepancy: The seller is Qualibat, and not OPQIBI."

    def test_nobody_s(self) -> None:
        nobody = bill(line("Frais d’instruction", "1160.00"), seller=Party())
        answer = check_invoice(nobody, expected=first())
        assert answer.verdict == "undetermined"
        assert (
            str(answer.summary) == "Undetermined: The document does not name the seller; OPQIBI is expected."
        )
        assert check_invoice(nobody, expected=first(), confirmed={"seller": "OPQIBI"}).verdict == "conform"

    def test_for_another_firm(self) -> None:
        fee = line("Frais d’instruction", "1160.00")
        invoice = bill(fee, buyer=Party("Autre SA", siren="552100554"))
        assert check_invoice(invoice, expected=first(), structure=FIRM).verdicts["parties"] == "discrepancy"

    def test_to_another_account(self) -> None:
        invoice = bill(line("Frais d’instruction", "1160.00"), ibans=(OTHER_IBAN,))
        answer = check_invoice(invoice, expected=first(), supplier=KNOWN)
        assert answer.verdict == "discrepancy"
        assert f"the account {OTHER_IBAN}; the invoices accepted before, to {IBAN}" in str(answer.summary)


class TestVatNumbers:
    """The key of FR 44 732 829 320: (12 + 3 × (732829320 mod 97)) mod 97 = 44. That of the seller is not taken for its own."""

    def told(self, verdict: str = "conform", supplier: Supplier | None = None, **changes: Any) -> list[str]:
        right = {"seller": Party("OPQIBI", vat_id="FR44732829320"), "syntax": "cii"}
        bills = bill(line("Frais d’instruction", "1160.00"), **{**right, **changes})
        answer = check_invoice(bills, expected=first(), supplier=supplier)
        assert answer.verdicts["parties"] == verdict
        return [item.code for item in answer.findings if "vat_number" in item.code]

    def test_a_right_one(self) -> None:
        assert self.told() == []

    def test_a_wrong_key(self) -> None:
        wrong = Party("OPQIBI", vat_id="FR45732829320")
        assert self.told("undetermined", seller=wrong) == ["vat_number_key"]
        known = Supplier(name="OPQIBI", siren="732829320")  # by which it is not known
        assert self.told("undetermined", known, seller=replace(wrong, name=None)) == ["vat_number_key"]
        assert Supplier.shown_by(bill(seller=wrong)).siren is None
        assert self.told(supplier=Supplier(vat_id="FR45732829320"), seller=wrong) == ["vat_number_key"]
        assert self.told(buyer=Party("BE", vat_id="FR45 552 100 554")) == ["vat_number_key"]

    @pytest.mark.parametrize("number", ["DE123456789", "FRAB552100554", "FR05987654321"])
    def test_another_country_s_one_of_letters_and_one_whose_siren_alone_is_odd(self, number: str) -> None:
        # (12 + 3 × (987654321 mod 97)) mod 97 = 5: its key is right.
        assert self.told(buyer=Party("BE", vat_id=number)) == []

    @pytest.mark.parametrize("number", ["FR4473282932", "FR 44 7328293200", "FR44 O12829320"])
    def test_what_is_none(self, number: str) -> None:
        assert self.told("undetermined", seller=Party("OPQIBI", vat_id=number)) == ["vat_number_key"]
        assert self.told(buyer=Party("BE", vat_id=number)) == ["vat_number_key"]

    def test_none_of_the_seller_where_an_e_invoice_bills_vat(self) -> None:
        assert self.told(seller=Party("OPQIBI")) == ["seller_vat_number_missing"]
        assert self.told(seller=Party("OPQIBI"), syntax=None) == []  # a sheet of one's own says what it likes


class TestAnAccountInANote:
    """FR76 3000 6000 0112 3456 7890 189 is known; the other is in a note: as an IBAN, or as a RIB, of the same key."""

    OTHER = "FR7610278060410002041540133"

    @pytest.mark.parametrize(
        "note",
        [
            "Notre RIB a changé : FR76 1027 8060 4100 0204 1540 133",
            "Merci de régler sur notre compte 10278 06041 00020415401 33",
            "Code banque 10278 - Code guichet 06041 - N° de compte 00020415401 - Clé RIB 33",
        ],
    )
    def test_is_another_than_the_known_one(self, note: str) -> None:
        for ibans in ((), (IBAN,)):
            found = judged(ibans=ibans, remarks=(note,), supplier=Supplier(ibans=(IBAN,)))
            assert found == (NO, ["seller_iban_changed"])
        assert judged(ibans=(IBAN,), remarks=(note,))[0] is OPEN

    @pytest.mark.parametrize(
        "note", ["IBAN FR76 3000 6000 0112 3456 7890 189", "RIB 30006 00001 12345678901 89"]
    )
    def test_is_the_known_one(self, note: str) -> None:
        assert judged(ibans=(), remarks=(note,), supplier=Supplier(ibans=(IBAN,))) == (YES, [])
        assert judged(ibans=(IBAN,), remarks=(note,)) == (YES, [])

    @pytest.mark.parametrize(
        "note",
        [
            "Nouvelles coordonnées bancaires : merci de noter notre changement de RIB.",
            "Nos coordonnées bancaires ont changé, voir le RIB ci-joint",
        ],
    )
    def test_words_of_a_change_are_to_be_asked_about(self, note: str) -> None:
        assert judged(ibans=(IBAN,), remarks=(note,)) == (OPEN, ["account_changes"])
        assert judged(remarks=(note,), supplier=Supplier(ibans=(IBAN,))) == (OPEN, ["account_changes"])
        # The account known since the change is the one shown.
        assert judged(ibans=(IBAN,), remarks=(note,), supplier=Supplier(ibans=(IBAN,))) == (YES, [])

    def test_figures_of_another_key_are_no_account(self) -> None:
        note = "Votre commande 10278 06041 00020415401 34"
        assert judged(ibans=(IBAN,), remarks=(note,), supplier=Supplier(ibans=(IBAN,))) == (YES, [])
