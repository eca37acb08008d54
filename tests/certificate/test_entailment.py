"""What a qualification entails: the sentence of its own definition, as OPQIBI words it."""

from dataclasses import replace
from typing import Any

import pytest

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.entailment import Entailment, all_defined, defined, entailed
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.tables.facts import Source
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature import NomenclatureEntry

from .conftest import Build

ON = "2017-06-01"
SENTENCE = (
    "Nota :  L'attribution de la qualification 0317 entraîne automatiquement celle de la qualification 0316."
)


@pytest.mark.parametrize(
    ("code", "definition", "codes"),
    [
        ("0317", f"Aptitude à la mission.<br /><br />{SENTENCE}", ("0316",)),
        ("0317", SENTENCE.replace("'", "’").replace(" ", "\u00a0"), ("0316",)),
        ("0317", SENTENCE.upper(), ("0316",)),
        ("0317", "L&#39;attribution de la qualification 0317 entra&icirc;ne automatiquement celle de la "
                 "qualification 0316", ("0316",)),
        ("0316", SENTENCE, ()),  # the sentence of another code
        ("1905", "L'attribution de la qualification 1905 entraîne automatiquement celles des qualifications 1911, "
                 "0607 et 1717.", ("1911", "0607", "1717")),
        ("1905", "Audit d'un système d'entraînement de machines.", ()),
        ("1905", "", ()),
    ],
)  # fmt: skip
def test_the_sentence_is_read(code: str, definition: str, codes: tuple[str, ...]) -> None:
    found = defined(code, definition)
    assert (found.codes, found.known) == (codes, True)
    assert (found.said is not None) == bool(codes)


@pytest.mark.parametrize(
    "definition",
    [
        "L'attribution de la qualification 0317 entraîne automatiquement celle de la qualification 0316 sous réserve.",
        "L'attribution de la qualification 0317 entraîne celle de la qualification 0316.",
        "La qualification 0317 n'entraîne pas automatiquement la qualification 0316.",
        "L'attribution de la qualification 0317 entraîne automatiquement celle de la qualification 316.",
    ],
)
def test_a_sentence_worded_otherwise_is_not_guessed(definition: str) -> None:
    assert defined("0317", definition) == Entailment((), known=False, said=None)


def test_what_is_entailed_entails_in_turn(tables: Tables) -> None:
    """1300 says 1332; 1332 has no definition here, and the table says 1331 of it; 1331 is there, and says nothing."""
    said = "L'attribution de la qualification 1300 entraîne automatiquement celle de la qualification 1332."
    found = entailed("1300", all_defined({"1300": said}), tables.nomenclature)
    assert (found.codes, found.known, found.said) == (("1332", "1331"), True, said)
    unknown = said.replace("1332", "1999")
    assert entailed("1300", all_defined({"1300": unknown}), tables.nomenclature) == Entailment(
        ("1999",), False, unknown
    )


def test_what_a_table_says_is_followed_to_its_end() -> None:
    """9901 entails 9902 and 9903; 9902 entails 9903, 9901 again, and 9904; 9903 itself."""
    source = Source(document="d", address="https://example.org", reliability="opqibi")
    direct = {"9901": ("9902", "9903"), "9902": ("9903", "9901", "9904"), "9903": ("9903",), "9904": ()}
    table = replace(
        Tables().nomenclature,
        entries={
            code: NomenclatureEntry(code=code, entails=codes, source=source) for code, codes in direct.items()
        },
    )
    assert sorted(entailed("9901", {}, table).codes) == ["9902", "9903", "9904"]
    assert entailed("9904", {}, table) == Entailment()
    assert entailed("9905", {}, table) == Entailment(known=False)


def test_two_that_entail_each_other_end(tables: Tables) -> None:
    told = "L'attribution de la qualification {} entraîne automatiquement celle de la qualification {}."
    both = {"1300": told.format("1300", "1301"), "1301": told.format("1301", "1300")}
    assert entailed("1300", all_defined(both), tables.nomenclature).codes == ("1301",)


def test_the_definition_prevails_over_the_table(tables: Tables) -> None:
    assert entailed("0317", {}, tables.nomenclature).codes == ("0316",)
    assert entailed("0317", all_defined({"0317": None}), tables.nomenclature).codes == ("0316",)
    assert entailed("0317", all_defined({"0317": "Une mission."}), tables.nomenclature).codes == ()


def asked(build: Build, *held: CertifiedQualification, **options: Any) -> tuple[str, str]:
    report = check_certificate(build(qualifications=held), on=ON, **{"requires": ["1202"], **options})
    (result,) = report.requirements
    assert report.verdict == {"met": "valid", "unmet": "not_valid"}.get(result.status, result.status)
    return result.status, result.reason.rule


NAMED = "L'attribution de la qualification 1203 entraîne automatiquement celle de la qualification 1202."


def test_a_requirement_is_met_by_what_the_definition_entails_which_is_cited(build: Build) -> None:
    held = CertifiedQualification("1203", None, definition=NAMED)
    assert asked(build, held) == ("met", "entailed-by-definition")
    report = check_certificate(build(qualifications=(held,)), on=ON, requires=["1202"])
    assert NAMED in str(report.requirements[0].reason.message)
    data = report.to_dict()["qualifications"][0]
    assert (data["entails"], data["entails_said"], data["entails_known"]) == (["1202"], NAMED, True)


def test_a_sentence_is_cited_for_what_it_names_alone(build: Build) -> None:
    """1203 says 1332, and the table says 1331 of that one: the sentence proves the first, not the second."""
    held = CertifiedQualification("1203", None, definition=NAMED.replace("1202", "1332"))
    assert asked(build, held, requires=["1332"]) == ("met", "entailed-by-definition")
    assert asked(build, held, requires=["1331"]) == ("met", "requirement-entailed")


def test_the_sentence_cited_is_that_of_the_qualification_that_meets_it(build: Build) -> None:
    other = NAMED.replace("1203", "1204")
    held = (
        CertifiedQualification("1204", None, definition=other.replace("1202", "1201")),
        CertifiedQualification("1203", None, definition=NAMED),
    )
    report = check_certificate(build(qualifications=held), on=ON, requires=["1202"])
    assert report.requirements[0].by == "1203"
    assert f"« {NAMED} »" in str(report.requirements[0].reason.message)
    silent = check_certificate(
        build(qualifications=(CertifiedQualification("1203"),)), on=ON, requires=["1331"]
    )
    assert (silent.requirements[0].status, silent.requirements[0].by) == ("undetermined", None)


def test_a_definition_that_says_nothing_entails_nothing(build: Build) -> None:
    assert asked(build, CertifiedQualification("1203", None, definition="Études."))[0] == "unmet"


def test_without_a_definition_nor_a_table_it_is_not_known(build: Build) -> None:
    assert asked(build, CertifiedQualification("1203")) == ("undetermined", "entailed-by-definition")
    assert asked(build, CertifiedQualification("1905"))[0] == "unmet"  # the table knows it
    # what is over meets nothing, whatever it entails
    over = check_certificate(
        build(qualifications=(CertifiedQualification("1203"),)), on="2019-01-01", requires=["1202"]
    )
    assert over.requirements[0].status == "unmet"


def test_a_probationary_one_leaves_a_doubt_only_where_it_is_accepted(build: Build) -> None:
    trial = {"qualifications": (), "probationary": (CertifiedQualification("1203"),)}
    for accepted, status in ((False, "unmet"), (True, "undetermined")):
        report = check_certificate(build(**trial), on=ON, requires=["1202"], accept_probationary=accepted)
        assert report.requirements[0].status == status


def test_a_hostile_definition_takes_no_time(build: Build) -> None:
    """Each of these would cost the square of its length, were the patterns unbounded."""
    for piece in (
        "entrain",
        "<",
        "attribution de la qualification 1203 entraine automatiquement celle ",
        "0316, ",
    ):
        asked(build, CertifiedQualification("1203", None, definition=piece * 200_000))


def test_several_sentences_add_up_and_the_longest_definition_is_read_whole() -> None:
    told = "L'attribution de la qualification 1203 entraîne automatiquement celle de la qualification {}."
    both = f"{told.format('1202')}<br />{told.format('1201')}"
    assert defined("1203", both).codes == ("1202", "1201")
    assert defined("1203", "x" * 20_000).known
    assert not defined("1203", "x" * 20_001).known
    assert (
        defined("1203", f"<b>{told.format('1202')} {'x' * 400}</b>").said
        == f"{told.format('1202')} {'x' * 400}"[:300]
    )


def test_a_long_chain_is_followed_as_far_as_a_nomenclature_could_go(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """600 codes, each entailing the next: every definition is read once; past 500, nobody knows."""
    told = (
        "L'attribution de la qualification {:04d} entraîne automatiquement celle de la qualification {:04d}."
    )
    definitions = {f"{code:04d}": told.format(code, code + 1) for code in range(5000, 5600)}
    read: list[str] = []

    def counted(code: str, definition: str) -> Entailment:
        read.append(code)
        return defined(code, definition)

    monkeypatch.setattr("opqibi_rules.certificate.entailment.defined", counted)
    said = all_defined(definitions)
    found = {code: entailed(code, said, tables.nomenclature) for code in definitions}
    assert read == list(definitions)
    assert (len(found["5599"].codes), len(found["5200"].codes)) == (1, 400)
    assert found["5000"].codes[:2] == ("5001", "5002")
    assert not found["5000"].known
    silent = entailed("5200", said | {"5600": Entailment()}, tables.nomenclature)
    assert silent.known


@pytest.mark.parametrize(
    ("definition", "codes", "known"),
    [
        (
            "L'attribution de la qualification 1203 entraîne<br />automatiquement celle de la qualification 1202.",
            ("1202",),
            True,
        ),
        (
            "L'attribution de la qualification 1203 entraîne automatiquement celle de la qualification 1202<br>Autre",
            ("1202",),
            True,
        ),
        (
            "<p>Texte.</p><p>L’attribution de la qualification 1203 entraîne automatiquement celle de la "
            "qualification <b>1202</b>.</p>",
            ("1202",),
            True,
        ),
        # Said otherwise, denied, or past: not believed, and not denied either.
        (
            "Il est faux que l'attribution de la qualification 1203 entraîne automatiquement celle de la qualification 1202.",
            (),
            False,
        ),
        (
            "Jusqu'en 2012, l'attribution de la qualification 1203 entraîne automatiquement celle de la qualification 1202.",
            (),
            False,
        ),
        ("L'attribution de la 1203 entraîne automatiquement celle de la 1202.", (), False),
        ("La qualification 1203 emporte la 1202.", (), False),
        ("Elle vaut attribution de la qualification 1202.", (), False),
        ("L’obtention de la qualification 1202 résulte de celle de la 1203.", (), False),
        ("Études de structures ; ouvrages courants.", (), True),
    ],
)
def test_what_a_definition_says_and_what_it_leaves_open(
    definition: str, codes: tuple[str, ...], known: bool
) -> None:
    found = defined("1203", definition)
    assert (found.codes, found.known) == (codes, known)
