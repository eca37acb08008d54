"""Which headings are read as which column, which stop the run, which are the user's own: told by hand, one by one.

Read: what says, whole, what a column of ours holds. Stops: what speaks of it beside words that may change what is
meant, or of something near. Own: the rest, whatever it is.
"""

import itertools

import polars as pl
import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.price.columns import with_fees
from opqibi_rules.price.columns.inputs import Editions
from opqibi_rules.price.headings import Headings, headings_of
from tests.price.proof import ENGINES, ON, TABLES

STOPS, OWN = "stops", "own"
HEADINGS = {
    # The kind of application
    "Type de démarche": "event",
    "TYPE DE LA DEMARCHE": "event",
    "Nature de la démarche": "event",
    "Démarche OPQIBI": "event",
    "Événement (type)": "event",
    "évènements": "event",
    "typeDemarche": "event",
    "Type de demande": "event",
    "Event type": "event",
    "Démarche précédente": STOPS,
    "Demande": STOPS,
    "Typ demarce": STOPS,
    "Événemen": STOPS,  # a letter is missing at its end
    "Nature": STOPS,
    "Nature juridique": OWN,
    "Demandeur": OWN,
    # How many of a tariff
    "Nombre tarif 1": "t1",
    "Nb T1": "t1",
    "T1 (nb)": "t1",
    "Qté tarif 1": "t1",
    "Quantités tarifs 1": "t1",
    "Nombre de qualifications au tarif 1": "t1",
    "Number of T1": "t1",
    "nbTarif1": "t1",
    "Nb nouveaux T1": "new_t1",
    "Nouvelles qualifications tarif 1": "new_t1",
    "T1 nouveaux": STOPS,
    "T1 2025": STOPS,
    "T1 (€)": STOPS,
    "Tarif horaire": STOPS,
    "Nouveau client": STOPS,
    "t9": STOPS,
    "3": STOPS,  # beside « t5 », it may be the tariff 3
    "Niveau 3": STOPS,
    "T III": STOPS,
    "Nombre 3": STOPS,
    "Qté 3": STOPS,
    "Catégorie 3": STOPS,
    "Tier 3": STOPS,
    "Q3": STOPS,
    "12": OWN,  # no schedule has a tariff 12
    "III": OWN,
    "Trimestre": OWN,
    # The qualifications
    "Code qualification": "qualification_codes",
    "Code(s) qualification(s)": "qualification_codes",
    "Codes OPQIBI": "qualification_codes",
    "codes": STOPS,
    "Qualifications": STOPS,
    "N° qualification": STOPS,
    "Code postal": OWN,
    "Code NAF du siège": OWN,
    # The day
    "Date de la demande": "date",
    "Application date": "date",
    "Date de création de la société": STOPS,
    "Jour de relance": STOPS,
    "Année": OWN,
    # The territory
    "Territoire": "vat_territory",
    "Territoire de la TVA": "vat_territory",
    "TVA": STOPS,
    "Taux de TVA": STOPS,
    "N° TVA intracommunautaire": OWN,
    # The turnovers
    "Dernier CA (€)": "turnover",
    "Chiffre d’affaires HT en euros": "turnover",
    "Turnover (EUR)": "turnover",
    "CA audit": "turnover_energy_audit",
    "CA HT (k€)": STOPS,
    "CA %": STOPS,
    "Chiffre d’affaires 2023": STOPS,
    "Chargé d’affaires": OWN,
    # What is nobody's but theirs
    "Nom": OWN,
    "Ville": OWN,
    "SIRET": OWN,
    "Commentaire": OWN,
    "Catégorie": OWN,
}
CELLS = {"event": "contrôle annuel", "date": "2019-01-01", "vat_territory": "Atlantide", "turnover": "x"}
"""What no row can hold without its fees being others, or an error."""


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_is_read_or_stops_or_is_the_users_own(heading: str) -> None:
    # 2 at tariff 5: 86 + 2 · 1 500… is not what matters here: what is read changes the answer, what is carried does not.
    meant = HEADINGS[heading]
    plain = {"turnover": ["800000"], "t5": ["2"]}
    if meant == "turnover":
        del plain["turnover"]
    cell = CELLS.get(meant, "3")
    asked = pl.DataFrame({**plain, heading: [cell]})
    alone = with_fees(pl.DataFrame({"turnover": ["800000"], "t5": ["2"]}), on=ON, tables=TABLES)
    if meant == STOPS:
        with pytest.raises(RequestError) as refused:
            with_fees(asked, on=ON, tables=TABLES)
        assert heading in str(refused.value)
        assert refused.value.field == "carry"
    else:
        answer = with_fees(asked, on=ON, tables=TABLES)
        same = answer.select("total_excl_vat", "error").equals(alone.select("total_excl_vat", "error"))
        assert same == (meant == OWN)
    if meant != "turnover":
        carried = with_fees(asked, on=ON, tables=TABLES, carry=[heading])
        assert carried[heading].to_list() == [cell]
        assert carried.drop(heading).equals(alone)


ACCOUNTANTS = {
    "turnover": (
        "C.A. | C.A. HT | C.A.H.T. | CA H.T. | CAHT | CaHT | ca_ht_eur | Chiffre d'affaire | "
        "Chiffres d'affaires (HT, €) | chiffre_affaires | CA de l'ingénierie | CA (en €) | "
        "CA HT - en Euros | Last turnover (€)"
    ),
    STOPS: (
        "CA annuel | CA N-1 | CA 2025 (€) | CA en k€ | CA (KEUR) | CA (K EUR) | CA K€ HT | "
        "CA (M€) | CA en milliers d'euros | CA (milliers €) | Turnover (k€) | Turnover kEUR | "
        "CA x 1000 | Turnover (€000) | Turnover '000 | Turnover in thousands | CA TTC | CA net | "
        "CA T1 | CA T1 2025 | CA par mois | CA au trimestre | CA hors audit énergétique | "
        "CA hors ingénierie | CA (CHF) | Turnover USD | Montant du CA | Ch. d'affaires | CA HTVA | "
        "dont audit énergétique | CA audit énerg. | Nature de la demande (OPQIBI) | "
        "Renouvellement | Renouvelement (O/N) | Contrôle | Contrôle annuel (oui/non) | Renewal? | "
        "Annual control | 1re demande | Première demande | Date de renouvellement | "
        "Dernier contrôle | T-1 | T+1 | T – 1 | T1/T2 | T1 à T7 | Total T1 | N° tarif 1 | Prix T1 | "
        "Montant tarif 1 (€) | Tarif 1 HT | T1 en € | Tarif 1 (60 €) | Tarif I | TN1 | T10 | "
        "T4 2025 | TVA T1 | 1er trimestre (T1) | Code T1 | Nombre de qualifications | Nvx T1 | "
        "Nouv. tarif 1 | T1 supplémentaires | Codes qualif. | N° de qualification | Qualifs | "
        "Intitulé de la qualification | Date d'effet | Date (jj/mm/aaaa) | Date (mm/dd/yyyy) | "
        "Échéance (date) | Zone TVA | TVA (%) | Montant TVA"
    ),
    "turnover_energy_audit": "CA audits énergétiques | Turnover – energy audit",
    "event": "Type demande | Démarche(s) | Application type | Event_type",
    OWN: (
        "Contrôleur de gestion | Étape | Trim. 1 | Cat. 1 | Code activité | Code adhérent | "
        "Code APE/NAF | Code-barres | Mois | N° TVA intra. | TVA intra | VAT no. | Région | "
        "Raison sociale | SIREN/SIRET | N° client | Effectif (ETP) | Total HT | Tél. | "
        "Observations | N° de dossier | Contact technique"
    ),
    "t1": ("T 1 | T.1 | T01 | Tarif n°1 (nombre) | Tarif 1 – nb de qualifs | nb_qualifs_t1 | Nbr T1 | # T1"),
    "new_t5": "newT5",
    "new_t1": "Nouvelles demandes T1",
    "new_t2": "New T2 (number)",
    "new_t3": "Nb de nouvelles qualifications – tarif 3",
    "qualification_codes": "Code OPQIBI",
    "date": "Date demande | Dates | Request Date",
    "vat_territory": "Territoire (TVA)",
}
"""Headings of another hand, told before they were tried: no thousand euros, no other year, no other event is read."""


def test_what_accountants_write() -> None:
    headings, known = headings_of(TABLES.invoice_wording), Editions(TABLES.schedules)
    readable = (*known.inputs, "event", "date", "vat_territory", "qualification_codes")
    told = {meant: text.split(" | ") for meant, text in ACCOUNTANTS.items()}
    found: dict[str, list[str]] = {}
    for heading in itertools.chain.from_iterable(told.values()):
        try:
            meant = next(iter(headings.read([heading], readable, ())), OWN)
        except RequestError as refused:
            assert heading in str(refused)
            meant = STOPS
        found.setdefault(meant, []).append(heading)
    assert found == told
    assert headings_of(TABLES.invoice_wording) is headings  # the words of a table are looked through once


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pyarrow", "pandas"])
def test_the_engines_stop_alike(engine: str) -> None:
    there, _ = ENGINES[engine]
    asked = pl.DataFrame({"turnover": ["800000"], "t5": ["2"], "Démarche passée": ["contrôle"], "TVA": ["x"]})
    with pytest.raises(RequestError, match="passed over: Démarche passée, TVA"):
        with_fees(there(asked), on=ON, tables=TABLES)


TOLD: dict[str, list[str | None]] = {
    "events": ["Contrôle annuel", "", None, "renouvellement"],
    "events of some years": ["Contrôle annuel 2026", "contrôle (n° 2)", "Renouvellement 2026-2030"],
    "tariffs": ["T1", "T1, T5", "tarif 3", None],
    "codes": ["1905,1911", "0607", " ", None],
}
UNTOLD: dict[str, list[str | None]] = {
    "a word more": ["Contrôle annuel", "le prochain"],
    "nothing": [None, "", " "],
    "years": ["2024", "2031"],
    "numbers": ["12", "5"],
    "other codes": ["1905", "9999"],
}


@pytest.mark.parametrize("engine", ["polars", "pyarrow", "pandas"])
@pytest.mark.parametrize("kind", [*TOLD, *UNTOLD])
def test_a_column_is_told_by_its_cells(engine: str, kind: str) -> None:
    there, back = ENGINES[engine]
    cells = {**TOLD, **UNTOLD}[kind]
    rows = len(cells)
    plain = pl.DataFrame({"turnover": ["800000"] * rows, "t5": ["2"] * rows})
    asked = there(plain.with_columns(pl.Series("Remarque", cells, pl.String)))
    total = with_fees(plain, on=ON, tables=TABLES)["total_excl_vat"]
    if kind in TOLD:
        with pytest.raises(RequestError, match="events, codes or days: Remarque"):
            with_fees(asked, on=ON, tables=TABLES)
    carry = ["Remarque"] if kind in TOLD else []
    assert back(with_fees(asked, on=ON, tables=TABLES, carry=carry))["total_excl_vat"].equals(total)


def test_what_is_read_elsewhere_is_told_by_no_cell() -> None:
    # The quarters say by their heading what they are; events and codes that are read are read from one column alone.
    asked = {
        "turnover": ["800000"],
        "t5": ["2"],
        "event": ["first"],
        "avant": ["contrôle"],
        "trimestre": ["T1"],
    }
    answer = with_fees(pl.DataFrame(asked), on=ON, tables=TABLES)
    assert answer["error"].to_list() == [None]
    coded = {"event": ["control"], "t5": ["1"], "Codes OPQIBI": ["1905"], "ref": ["1911"]}
    assert with_fees(pl.DataFrame(coded), on=ON, tables=TABLES)["error"].to_list() == [None]


@pytest.mark.parametrize("engine", ["polars", "pyarrow", "pandas"])
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["k€", "k€"], "k€"),
        (["EUR", "USD"], "USD"),
        (["milliers d’euros", None], "milliers d’euros"),
        (["€", "euros"], None),
        (["USD", "États-Unis"], None),  # another column than of units
    ],
)
def test_amounts_in_something_else_than_euros_stop(engine: str, cells: list[str], said: str | None) -> None:
    there, back = ENGINES[engine]
    plain = pl.DataFrame({"turnover": ["800000"] * 2, "t5": ["2"] * 2})
    asked = there(plain.with_columns(pl.Series("Unité", cells, pl.String)))
    if said is not None:
        with pytest.raises(RequestError, match=f"Unité is not read, and says « {said} »") as refused:
            with_fees(asked, on=ON, tables=TABLES)
        assert refused.value.field == "carry"
    answer = with_fees(asked, on=ON, tables=TABLES, carry=["Unité"] if said else [])
    assert back(answer)["error"].to_list() == [None] * 2


@pytest.mark.parametrize(
    ("name", "is_sum"),
    [
        ("Total", True),
        (" TOTAL GÉNÉRAL : ", True),
        ("Sous-total (2 sociétés)", False),  # in words that nobody listed
        ("sous-total 2026", True),
        ("Totaux", True),
        ("Total Énergies", False),
        ("Totalement", False),
    ],
)
@pytest.mark.parametrize(("rows", "engine"), [(2, "polars"), (2, "pyarrow"), (2, "pandas"), (1500, "polars")])
def test_a_row_that_adds_others_up_is_no_structure(rows: int, engine: str, name: str, is_sum: bool) -> None:
    there, back = ENGINES[engine]
    names = [*(f"Bureau {number}" for number in range(rows - 1)), name]
    columns = {"siret": ["", *["1"] * (rows - 2), ""], "nom": names, "note": ["Total"] * rows}
    asked = pl.DataFrame({**columns, "turnover": ["800000"] * rows, "t5": ["2"] * rows})
    if is_sum:
        with pytest.raises(
            RequestError, match=f"The row « {name.strip()} » adds others up .* column nom"
        ) as refused:
            with_fees(there(asked), on=ON, tables=TABLES)
        assert refused.value.field == "carry"
    answer = with_fees(there(asked), on=ON, tables=TABLES, carry=["nom", "note"] if is_sum else [])
    assert back(answer)["error"].null_count() == rows


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_adds_others_up_far_from_both_ends_is_that_row_s_error(engine: str) -> None:
    there, back = ENGINES[engine]
    rows, at = 1500, 1100
    names: list[str | None] = [f"Bureau {number}" for number in range(rows)]
    names[at], names[at + 1], names[at + 2] = "Sous-total :", "Total Énergies", None
    columns = {
        "n°": [*map(str, range(rows))],
        "nom": names,
        "note": ["Total"] * (at + 2) + [None] + ["Total"] * (rows - at - 3),
    }
    asked = pl.DataFrame({**columns, "turnover": ["800000"] * rows, "t5": ["2"] * rows})
    errors = back(with_fees(there(asked), on=ON, tables=TABLES))["error"].to_list()
    assert {row: error for row, error in enumerate(errors) if error} == {at: "row_of_totals"}
    carried = back(with_fees(there(asked), on=ON, tables=TABLES, carry=["nom", "note"]))
    assert carried["error"].null_count() == rows


@pytest.mark.parametrize("heading", ["Accordée le", "granted_on", "Clôture"])
def test_a_table_of_structures_to_plan_does_not_pass_over_the_days_of_a_structure_file(heading: str) -> None:
    to_plan = Headings(TABLES.heading_wording, to_plan=True)
    assert to_plan.told([heading, "t1"], ["t1"]) == ({"t1": ["t1"]}, [heading])
    assert Headings(TABLES.heading_wording).told([heading, "t1"], ["t1"])[1] == []
