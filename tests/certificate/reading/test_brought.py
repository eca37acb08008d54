"""Firms and answers brought together as files: each answer is of the firm that it names, and none is passed over."""

import io
import json
from datetime import date

import pytest
import xlsxwriter

from opqibi_rules.certificate.firms_check import check_firms
from opqibi_rules.certificate.reading.firms_list import Brought, firms_brought
from opqibi_rules.errors import FileError
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import ExitCode
from tests.web.test_api import CERTIFICATE


def saved(name: str, siren: str | None = None) -> Brought:
    """An answer as the register gives it, which names no firm; or as it is stored, with the SIREN asked about."""
    stored = {"fetched_on": "2024-06-03", "siren": siren, "answer": CERTIFICATE}
    return Brought(name, json.dumps(stored if siren else CERTIFICATE).encode())


def listed(text: str) -> Brought:
    return Brought("firms.csv", text.encode())


TWO = listed("siren;nom\n732829320;Alpha\n552100554;Bêta\n")


def test_each_firm_has_the_answer_about_it() -> None:
    alpha, beta = firms_brought(TWO, [saved("x.json", "552100554"), saved("y.json", "732829320")])
    assert (alpha.name, beta.name) == ("Alpha", "Bêta")
    assert alpha.answer is not None
    assert beta.answer is not None
    assert (alpha.answer.siren, beta.answer.siren) == ("732829320", "552100554")


def test_a_firm_without_an_answer_keeps_its_line() -> None:
    alpha, beta = firms_brought(TWO, [saved("x.json", "732829320")])
    assert alpha.unknown is None
    assert beta.answer is None
    assert "No answer about it" in str(beta.unknown)


def test_two_answers_about_one_firm_settle_nothing() -> None:
    alpha, _ = firms_brought(TWO, [saved("x.json", "732829320"), saved("y.json", "732829320")])
    assert alpha.answer is None
    assert "x.json" in str(alpha.unknown)
    assert "y.json" in str(alpha.unknown)


@pytest.mark.parametrize(
    ("file", "said", "failed"),
    [
        (saved("x.json", "120027016"), "120027016, which the list does not name", None),
        (saved("x.json"), "does not name its firm", None),
        (Brought("x.json", b"{"), "JSON", ExitCode.UNREADABLE),
    ],
)
def test_an_answer_about_no_firm_of_the_list_is_told(
    file: Brought, said: str, failed: ExitCode | None
) -> None:
    """What was read is undetermined; what could not be, unreadable."""
    *_, left = firms_brought(TWO, [file])
    assert left.source == "x.json"
    assert left.answer is None
    assert left.failed is failed
    assert said in str(left.unknown)


def test_the_list_says_whose_an_answer_is_that_names_nobody() -> None:
    firms = listed("siren,answer\n732829320,answers/x.json\n552100554,z.json\n")
    alpha, beta = firms_brought(firms, [saved("x.json")])
    assert alpha.answer is not None
    assert beta.failed is ExitCode.UNREADABLE
    assert "not among" in str(beta.unknown)
    alpha, *_ = firms_brought(firms, [saved("a/x.json"), saved("b/x.json"), saved("z.json")])
    assert alpha.answer is None  # two bear its name
    assert "2 files" in str(alpha.unknown)


def test_without_a_list_each_answer_is_a_firm() -> None:
    first, second = firms_brought(None, [saved("x.json", "732829320"), saved("y.json")])
    assert (first.siren, second.siren) == ("732829320", None)
    assert second.source == "y.json"


def test_a_list_may_be_a_workbook() -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["SIREN", "Nom"])
        sheet.write_row(1, 0, [732829320, "Alpha"])
    (alpha,) = firms_brought(Brought("firms.xlsx", data.getvalue()), [saved("x.json", "732829320")])
    assert alpha.answer is not None
    with pytest.raises(FileError, match="workbook"):
        firms_brought(Brought("firms.xlsx", b"PK\x03\x04"), [])


def test_a_list_without_a_column_of_sirens_is_refused() -> None:
    with pytest.raises(FileError, match="siren"):
        firms_brought(listed("name\nAlpha\n"), [])


@pytest.mark.parametrize("text", ["732829320", "732 829 320\n", "siren;nom\n732829320;Alpha\n"])
def test_one_answer_that_names_nobody_is_of_the_one_firm_listed(text: str) -> None:
    """As one SIREN asked about is told of one answer that names none."""
    (alpha,) = firms_brought(listed(text), [saved("x.json")])
    assert alpha.siren == "732829320"
    assert alpha.answer is not None
    for files in ([saved("x.json"), saved("y.json")], [saved("x.json"), saved("y.json", "732829320")]):
        alpha, *left = firms_brought(listed(text), files)
        assert {str(one.unknown)[:31] for one in left} == {"The answer does not name its fi"}
        assert (alpha.answer is not None) is (files[1].data == saved("y.json", "732829320").data)
    assert [one.answer for one in firms_brought(listed("siren\n12"), [saved("x.json")])] == [None, None]


def test_numbers_alone_need_no_first_line_and_keep_their_lines() -> None:
    found = firms_brought(listed("732829320\n123\n\n552 100 554\n"), [])
    assert [(firm.line, firm.siren) for firm in found] == [(1, "732829320"), (2, None), (4, "552100554")]
    with pytest.raises(FileError, match="no column siren"):  # two numbers on a line: which is which?
        firms_brought(listed("732829320;552100554\n"), [])


def test_the_answers_that_a_list_ties_to_two_firms_are_two_files() -> None:
    """Each names nobody; both are judged, each as its own firm's."""
    other = Brought("y.json", saved("y.json").data.replace(b"24 03 4567", b"24 03 4568"))
    both = [saved("x.json"), other]
    firms = firms_brought(listed("siren;nom;réponse\n732829320;A;x.json\n552100554;B;y.json\n"), both)
    assert [firm.answer.name for firm in firms if firm.answer] == ["x.json", "y.json"]
    check = check_firms(firms, on=date(2024, 6, 3), tables=Tables())
    assert [(one.verdict, one.firm.unknown) for one in check.firms] == [("valid", None)] * 2
    one = firms_brought(listed("siren;réponse\n732829320;x.json\n552100554;x.json\n"), both[:1])
    told = check_firms(one, on=date(2024, 6, 3), tables=Tables())
    assert [standing.verdict for standing in told.firms] == ["undetermined", "undetermined"]
