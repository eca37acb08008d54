"""What is well written in a table and cannot be: found by ``tables check``, each with its line."""

from pathlib import Path

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.tables.check import checked_table
from opqibi_rules.tables.library import SHIPPED, Tables, table_files, tables_in
from opqibi_rules.tables.together import Together, checked_together
from tests.tables.editing import FACTS, edited, line_of, nomenclature

SCHEDULE = "bareme_2024.yaml"
EDITIONS = Path(__file__).parents[1] / "editions"
LATER = (EDITIONS / "later" / "bareme_2027.yaml").read_text("utf-8")


def mistakes(text: str) -> list[tuple[str, int | None, str]]:
    with pytest.raises(FileError) as raised:
        checked_table(text.encode(), "t.yaml")
    return [(item.path, item.line, str(item.message)) for item in raised.value.mistakes]


FEE = """\
  - id: extra
    name: { fr: Supplément, en: Extra }
    article: "V"
    events: [control]
    billed: control
    parts:
      - { kind: flat, id: flat, article: "V", label: { fr: Supplément, en: Extra }, amount: "10.00" }

assumptions:
"""


TOGETHER = "« part » and « when » go together; « always », for the whole schedule, stands alone."


def with_fee(*changes: tuple[str, str]) -> str:
    """The shipped schedule with one more fee, some of its words replaced."""
    fee = FEE
    for old, new in changes:
        assert fee.count(old) == 1, old
        fee = fee.replace(old, new)
    return edited(SCHEDULE, ("\nassumptions:\n", fee))


def test_one_more_fee_is_right() -> None:
    assert checked_table(with_fee().encode(), "t.yaml")["fees"][4]["id"] == "extra"


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("  - { id: energy_audit,", "  - { id: idle, name: { fr: x, en: x } }\n  - { id: energy_audit,",
         "$.turnovers[1].id", "« idle » is declared, and no fee takes it."),
        ("prices: # euros", "prices:\n  - { id: idle, article: x, by_tariff: "
         '{ "1": "1", "2": "1", "3": "1", "4": "1", "5": "1", "6": "1", "7": "1" } }\n# euros',
         "$.prices[0].id", "« idle » is declared, and no fee takes it."),
        ("  - { id: control, role: control,", "  - { id: idle, name: { fr: x, en: x } }\n  - { id: control, role: control,",
         "$.events[2].id", "« idle » is declared, and no fee takes it."),
        # A row of a batch that named the one was priced as the other.
        ("fr: renouvellement, en: renewal", "fr: Premiere  demande, en: renewal",
         "$.events[1]", "another event bears this name or this id."),
        ("fr: renouvellement, en: renewal", "fr: renouvellement, en: First",
         "$.events[1]", "another event bears this name or this id."),
        ("{ fr: « audit énergétique », en: « audit énergétique » }", "{ fr: « Ingénierie », en: audit }",
         "$.turnovers[1].name", "another turnover bears this name."),
        # « {year: 2025, document: "1000"} » of a structure is no amount.
        ("  - { id: energy_audit,", "  - { id: document, name: { fr: x, en: x } }\n  - { id: energy_audit,",
         "$.turnovers[1].id", "« document » means something else; give it another id."),
        ("{ id: renewal, role: renewal,", "{ id: renewal, role: first,",
         "$.events[1].role", "another event is this already; keep one."),
        ("    billed: control", "    billed: application", "$.fees[3].billed", "annual control is not billed then: the fees of a control, and they alone, are billed « control »; make another fee for it."),
        ("    billed: notification", "    billed: control", "$.fees[2].billed", "first application is not billed then: the fees of a control, and they alone, are billed « control »; make another fee for it."),
        ("        turnover: engineering", "        turnover: global", "$.fees[2].parts[0].turnover",
         "« global » is not declared in this file; it declares: engineering, energy_audit."),
        ("{ turnover: energy_audit, held_only", "{ turnover: engineering, held_only",
         "$.fees[2].parts[0].exceptions[0].turnover", "this turnover is taken already; an exception takes another."),
        ('held_only: ["0607", "1717", "1905", "1911"]', 'held_only: ["0607", "0607"]',
         "$.fees[2].parts[0].exceptions[0].held_only[1]", "given twice; keep one."),
        ("        prices: control", "        prices: controls", "$.fees[3].parts[1].prices",
         "« controls » is not declared in this file; it declares: instruction, control."),
        ("        id: new_flat", "        id: flat", "$.fees[3].parts[2].id", "given twice; keep one."),
        ("        id: tranches", "        id: floor", "$.fees[2].parts[0].id",
         "« floor » means something else; give it another id."),
        ('label: { fr: "Qualifications au tarif {tariff}",', 'label: { fr: "Qualifications au tarif",',
         "$.fees[1].parts[1].label.fr", "write « {tariff} » where the tariff code stands, and no other brace."),
        ('label: { fr: "Qualifications au tarif {tariff}",', 'label: { fr: "Qualifications {tariff:5}",',
         "$.fees[1].parts[1].label.fr", "write « {tariff} » where the tariff code stands, and no other brace."),
        ('en: "Application file, first application" }', 'en: "Application file {tariff" }',
         "$.fees[0].parts[0].label.en", "no brace is expected here."),
        ("    part: brand_usage.tranches\n    when: rounded", "    part: brand_usage.slices\n    when: rounded",
         "$.assumptions[2].part", "« brand_usage.slices » is not a part of a fee here; write FEE or FEE.PART."),
        ("    part: brand_usage.tranches\n    when: rounded", "    when: rounded",
         "$.assumptions[2].when", TOGETHER),
        ("    part: brand_usage.tranches\n    when: rounded", "    part: brand_usage.tranches",
         "$.assumptions[2].part", TOGETHER),
        ("    part: brand_usage.tranches\n    when: rounded", "    part: brand_usage.tranches\n    when: always",
         "$.assumptions[2].part", TOGETHER),
        ("    part: brand_usage.tranches\n    when: rounded", "    part: instruction\n    when: rounded",
         "$.assumptions[2].when", "that part never comes into this situation."),
        ("    tariffs: [5, 7]", "    tariffs: [5, 8]", "$.assumptions[9].tariffs",
         "tariff 8 is not priced by that part."),
        ("    tariffs: [5, 7]", "    tariffs: [5, 5]", "$.assumptions[9].tariffs[1]", "given twice; keep one."),
        ("        when: new_requests", "        when: new", "$.fees[3].parts[2].when", "'new_requests' expected."),
        ("      - kind: tranches", "      - kind: slices", "$.fees[2].parts[0]",
         "'flat', 'per_qualification', 'tranches' expected."),
        ("        counts: held", "        counts: owned", "$.fees[3].parts[1].counts",
         "'asked', 'held', 'new' expected."),
    ],
)  # fmt: skip
def test_what_a_schedule_cannot_be(old: str, new: str, path: str, message: str) -> None:
    found = mistakes(edited(SCHEDULE, (old, new)))
    assert (path, message) in [(item[0], item[2]) for item in found]
    assert all(item[1] is not None for item in found)


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("id: extra", "id: vat", "id", "« vat » means something else; give it another id."),
        ("id: extra", "id: t1", "id", "« t1 » means something else; give it another id."),
        ("id: extra", "id: verdict", "id", "« verdict » means something else; give it another id."),
        # « row » made a batch crash; « base » and « total_incl_vat » could not be expected by a case.
        ("id: extra", "id: row", "id", "« row » means something else; give it another id."),
        ("id: extra", "id: base", "id", "« base » means something else; give it another id."),
        (
            "id: extra",
            "id: total_incl_vat",
            "id",
            "« total_incl_vat » means something else; give it another id.",
        ),
        (
            "id: extra", "id: turnover_home", "id",
            "« turnover_home » means something else; give it another id.",
        ),
        ("id: extra", "id: items", "id", "« items » means something else; give it another id."),
        ("id: extra", "id: dossier", "id", "given twice; keep one."),
        ("{ fr: Supplément, en: Extra }\n    article", "{ fr: Dossier postulant, en: Application file }\n    article",
         "name", "another fee bears this name."),
        ("[control]", "[controls]", "events[0]",
         "« controls » is not declared in this file; it declares: first, renewal, control."),
        ("events: [control]", "events: []", "events", "empty; at least one is expected."),
        ("events: [control]\n    billed: control", "events: [first]\n    billed: application\n    years: 0",
         "years", "at least one year is expected."),
        ('amount: "10.00"', 'amount: "10.00", when: new_requests', None, ""),
        ("events: [control]\n    billed: control", "events: [first]\n    billed: application", None, ""),
    ],
)  # fmt: skip
def test_what_a_fee_cannot_be(old: str, new: str, path: str | None, message: str) -> None:
    text = with_fee((old, new))
    if path is None:
        assert checked_table(text.encode(), "t.yaml")
    else:
        assert (f"$.fees[4].{path}", message) in [(item[0], item[2]) for item in mistakes(text)]


def test_what_nothing_new_can_lead_to_is_never_due() -> None:
    changes = (
        ("events: [control]\n    billed: control", "events: [first]\n    billed: application"),
        ('amount: "10.00"', 'amount: "10.00", when: new_requests'),
    )
    ((path, _, message),) = mistakes(with_fee(*changes))
    assert (path, message) == (
        "$.fees[4].parts[0].when",
        "nothing new can be asked for at the events of this fee.",
    )


def test_a_fee_takes_one_turnover() -> None:
    text = (EDITIONS / "other_body" / "schedule.yaml").read_text("utf-8")
    start, end = text.index("      - kind: tranches"), text.index("  - id: passage\n    name")
    again = text[:end] + text[start:end].replace("id: slices", "id: others") + text[end:]
    assert [(item[0], item[2]) for item in mistakes(again)] == [
        ("$.fees[1].parts[1]", "a fee takes one turnover; make another fee of this part.")
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "path", "message"),
    [
        ("vat.yaml", 'countries: ["GP"]', 'countries: ["MC"]', "$.territories[1].countries",
         "« MC » tells metropolitan already; keep one."),
        ("vat.yaml", 'postcodes: ["988"]', 'postcodes: ["974"]', "$.outside[6].postcodes",
         "« 974 » tells reunion already; keep one."),
        ("vat.yaml", "id: saint-martin", "id: reunion", "$.outside[1].id", "given twice; keep one."),
        ("api_errors.yaml", 'codes: ["00107"]', 'codes: ["00100"]', "$.families[5].codes",
         "00100: another family has it already."),
        ("dispute_codes.yaml", "findings: [vat_rate, vat_category]", "findings: [fee_amount]", "$.reasons[3].findings[0]",
         "it goes with another reason already."),
        ("validity.yaml", "wording: [valable un an]", "wording: [Valable un an]",
         "$.certificate.wording[0]", "small letters are expected."),
        ("validity.yaml", "  - id: late-control-counts\n    article: null", "  - id: late-control-counts\n    when: always",
         "$.assumptions[3].when", "only a schedule says in which situation a price rests on it."),
        ("accounts.yaml", "  - id: default-accounts\n    article: null", "  - id: default-accounts\n    part: dossier",
         "$.assumptions[0].part", "only a schedule says in which situation a price rests on it."),
    ],
)  # fmt: skip
def test_what_another_table_cannot_be(name: str, old: str, new: str, path: str, message: str) -> None:
    assert (path, message) in [(item[0], item[2]) for item in mistakes(edited(name, (old, new)))]


def test_a_day_of_no_flag() -> None:
    ((path, _, _),) = mistakes(nomenclature('code: "1905", rge_as_of: "2026-01-01"'))
    assert path == "$.entries[0].rge_as_of"


# ACROSS TABLES


def together(folder: Path, **files: str) -> Together:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return checked_together(table_files(tables_in(folder)), Tables())


def contradictions(folder: Path, **files: str) -> list[tuple[str, str, int | None, str]]:
    with pytest.raises(FileError) as raised:
        together(folder, **files)
    return [(Path(item.file).stem, item.path, item.line, str(item.message)) for item in raised.value.mistakes]


ACCOUNT = f'kind: accounts\nid: ours\n{FACTS}accounts:\n  extra: {{ number: "6226", name: Honoraires }}\n'
WORDS = f"kind: invoice_wording\nid: ours\n{FACTS}fees:\n  extra: {{ fr: [supplément annuel] }}\n"


@pytest.mark.parametrize(
    "folder", [SHIPPED, *(EDITIONS / name for name in ("later", "repeated", "more_fees", "other_body"))]
)
def test_ours_and_the_editions_of_the_tests_are_right_together(folder: Path) -> None:
    assert together(folder).notes == ()


def test_a_fee_has_an_account(tmp_path: Path) -> None:
    text = with_fee()
    ((file, path, line, message),) = contradictions(tmp_path, schedule=text)
    assert (file, path, line) == ("schedule", "$.fees[4].id", line_of(text, "id: extra"))
    assert message == "« extra » has no account: give it one in a table of kind « accounts »."


def test_a_fee_known_by_its_own_name_alone_is_no_mistake(tmp_path: Path) -> None:
    (note,) = together(tmp_path, schedule=with_fee(), accounts=ACCOUNT).notes
    assert "« extra » by its own name alone" in str(note)
    assert together(tmp_path, words=WORDS).notes == ()


def test_a_rate_per_mille_typed_as_it_is_printed_is_told(tmp_path: Path) -> None:
    """« 0,80 ‰ » typed 0.80 makes 40 000 € of a turnover of 800 000 €; and yet a body may take a tenth."""
    typed = edited(SCHEDULE, ('rate: "0.00080"', 'rate: "0.80"'))
    (note,) = together(tmp_path, schedule=typed).notes
    assert str(note).endswith(
        "schedule.yaml: « brand_usage » takes 80 % of a turnover; if it was meant per mille, write 0.00080."
    )


def test_accounts_and_words_are_for_fees_that_a_schedule_declares(tmp_path: Path) -> None:
    known = "those known: annual_control, brand_usage, dossier, instruction."
    assert contradictions(tmp_path, accounts=ACCOUNT, words=WORDS) == [
        ("accounts", "$.accounts.extra", 10, f"no schedule declares the fee « extra »; {known}"),
        ("words", "$.fees.extra", 10, f"no schedule declares the fee « extra »; {known}"),
    ]


def test_a_tariff_code_that_no_schedule_prices(tmp_path: Path) -> None:
    codes = nomenclature('code: "1905", tariff: 5', 'code: "9901", tariff: 9')
    ((_, path, line, message),) = contradictions(tmp_path, codes=codes)
    assert (path, line, message) == ("$.entries[1].tariff", 11, "no schedule prices tariff 9.")
    nine = LATER.replace('"8": ', '"9": ')
    assert together(tmp_path, later=nine)


def test_two_editions_of_one_day_or_of_one_id(tmp_path: Path) -> None:
    same_day = LATER.replace('in_force_from: "2027-01-01"', 'in_force_from: "2024-02-08"')
    ((_, path, line, message),) = contradictions(tmp_path, a=same_day)
    assert (path, line) == ("$.in_force_from", line_of(same_day, "in_force_from"))
    assert message == "the schedule bareme_2024 starts on this day too."
    found = contradictions(tmp_path, a=LATER, b=LATER.replace("2027-01-01", "2028-01-01"))
    assert [item[:2] for item in found] == [("a", "$.id"), ("b", "$.id")]


def test_the_same_words_name_one_fee(tmp_path: Path) -> None:
    words = WORDS.replace("supplément annuel", "Contrôle annuel").replace("extra", "dossier")
    ((_, path, _, message),) = contradictions(tmp_path, words=words)
    assert path == "$.fees.dossier.fr[0]"
    assert message == "« Contrôle annuel » names the fee « annual_control » already."


def test_a_fee_does_not_bear_the_words_of_another(tmp_path: Path) -> None:
    named = with_fee(("name: { fr: Supplément,", "name: { fr: Suivi annuel,"))
    ((_, path, _, message),) = contradictions(tmp_path, schedule=named, accounts=ACCOUNT)
    assert (path, message) == ("$.fees[4].name", "« Suivi annuel » names the fee « annual_control » already.")


def test_each_file_is_right_alone_first(tmp_path: Path) -> None:
    found = contradictions(tmp_path, schedule=with_fee(), broken="kind: vat\n")
    assert {item[0] for item in found} == {"broken"}
