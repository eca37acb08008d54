"""Lists of firms as buyers keep them: CSV and workbooks of any make, and folders of answers."""

import json
from pathlib import Path

import pytest
import xlsxwriter

from opqibi_rules.certificate.firms import Firm, Role
from opqibi_rules.certificate.reading.firms_list import read_firms
from opqibi_rules.errors import FileError
from opqibi_rules.verdict import ExitCode

V3 = (Path(__file__).parents[2] / "answers" / "v3_two_lists.json").read_bytes()


def read(folder: Path, text: str, encoding: str = "utf-8") -> list[Firm]:
    (folder / "list.csv").write_text(text, encoding)
    return read_firms(folder / "list.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_columns_in_any_order_under_french_or_english_names(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    text = (
        "Rôle;N° SIREN;Raison sociale;Groupement;Ville\n"
        "Mandataire;732 829 320;Énergie & Cie;Alpha;Lyon\n"
        "sous-traitant;552100554;Beta;Alpha;\n"
        ";443061841;;;\n"
    )
    found = read(tmp_path, text.replace(";", separator), encoding)
    assert [(one.siren, one.name, one.consortium, one.role, one.line) for one in found] == [
        ("732829320", "Énergie & Cie", "Alpha", Role.MEMBER, 2),
        ("552100554", "Beta", "Alpha", Role.SUBCONTRACTOR, 3),
        ("443061841", None, None, Role.MEMBER, 4),
    ]


def test_a_siret_is_cut_to_its_siren(tmp_path: Path) -> None:
    found = read(tmp_path, "siret,name\n73282932000074,A\n732 829 320 00082,B\n")
    assert [one.siren for one in found] == ["732829320", "732829320"]


def test_a_bad_line_keeps_its_place_and_the_others_theirs(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "siren;role\n732829320;\n12345;\n\n;membre\n000000000;\n5580113;\n05580113;\n552100554;chef\n",
    )
    assert [(one.line, one.siren, bool(one.failed)) for one in found] == [
        (2, "732829320", False),
        (3, None, True),
        (5, None, True),
        (6, None, True),
        (7, None, True),
        (8, None, True),
        (9, "552100554", True),
    ]
    told = [str(one.unknown) for one in found]
    assert "not a SIREN" in told[1]
    assert "no SIREN on this line" in told[2]
    assert "zeros" in told[3]
    assert "leading zero" in told[5]
    assert "« chef » is no role" in told[6]


def test_a_workbook_that_made_numbers_of_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "SIRET"])
        sheet.write_row(1, 0, ["A", 73282932000074])
        sheet.write_row(2, 0, ["B", "552 100 554 00010"])
        sheet.write_row(3, 0, ["C", 1.5])
    found = read_firms(tmp_path / "list.xlsx")
    assert [(one.name, one.siren, one.line) for one in found] == [
        ("A", "732829320", 2),
        ("B", "552100554", 3),
        ("C", None, 4),
    ]


def test_a_list_may_name_the_file_of_an_answer_that_names_no_firm(tmp_path: Path) -> None:
    (tmp_path / "alpha.json").write_bytes(V3)
    found = read(tmp_path, "siren;réponse\n732829320;alpha.json\n552100554;beta.json\n")
    assert found[0].answer is not None
    assert (found[0].siren, found[0].failed) == ("732829320", None)
    assert found[1].failed
    assert "beta.json" in str(found[1].unknown)


def test_a_folder_of_answers(tmp_path: Path) -> None:
    saved = {"fetched_on": "2024-06-01", "siren": "732829320", "http_status": 200, "answer": json.loads(V3)}
    (tmp_path / "a.json").write_text(json.dumps(saved), "utf-8")
    (tmp_path / "b.json").write_bytes(b"{")
    (tmp_path / "c.json").write_bytes(V3)
    found = read_firms(tmp_path)
    assert [(one.siren, one.answer is None, bool(one.failed)) for one in found] == [
        ("732829320", False, False),
        (None, True, True),
        (None, False, False),
    ]


@pytest.mark.parametrize("text", ["", "nom;ville\nA;Lyon\n", "732829320;552100554\n"])
def test_without_a_column_of_sirens_it_is_no_list(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError, match="line 1: no column siren or siret"):
        read(tmp_path, text)


def test_two_numbers_of_two_firms_on_one_line(tmp_path: Path) -> None:
    same, other = read(tmp_path, "siren;siret\n732829320;73282932000074\n732829320;55210055400013\n")
    assert (same.siren, same.failed) == ("732829320", None)
    assert other.failed


@pytest.mark.parametrize("content", ["siren\n", "siren;nom\n", "siren;nom\n;\n\n"])
def test_a_list_of_nobody_is_refused(tmp_path: Path, content: str) -> None:
    # A script that trusts the exit code would take it for a list whose firms were all checked.
    with pytest.raises(FileError, match="names no firm below its first line"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Qualité", ("mandataire", "sous-traitant")),
        ("Qualité", ("", "Sous-traitants (lot 2)")),
        ("Statut", ("", "ST")),
        ("Type", ("membre", "co-traitant")),
        ("Rôle dans le groupement", ("a", "b")),
        ("Mandataire / sous-traitant", ("M", "S")),
        ("Sous-traitant", ("non", "oui")),
        ("Subcontractor", ("no", "yes")),
        ("Observations", ("", "sous-traitante")),
        ("Observations", ("", "Entreprise sous-traitée")),
        ("Observations", ("", "s/traitant")),
        ("Observations", ("", "ss-traitance")),
        ("Observations", ("", "sous-trait.")),
        ("Observations", ("", "sub-contractor")),
        ("Observations", ("", "S.T.")),
        ("Cotraitance", ("oui", "non")),
    ],
)
def test_a_column_that_may_say_who_is_a_subcontractor_is_not_passed_over(
    tmp_path: Path, heading: str, cells: tuple[str, str]
) -> None:
    """Else a subcontractor is a member, and what it holds counts, against what the buyer says."""
    lines = f"siren;nom;groupement;{heading}\n732829320;A;G;{cells[0]}\n552100554;B;G;{cells[1]}\n"
    with pytest.raises(FileError) as refused:
        read(tmp_path, lines)
    (mistake,) = refused.value.mistakes
    assert (mistake.line, f"« {heading} »" in str(mistake.message)) == (1, True)
    assert "head it « role »" in str(mistake.message)
    (firm,) = read(tmp_path, f"siren;rôle;{heading} (nous)\n732829320;sous-traitant;{cells[1]}\n")
    assert firm.role is Role.SUBCONTRACTOR  # once that is said, the other is theirs


@pytest.mark.parametrize(
    ("name", "consortium"),
    [("B (sous-traitant)", "G"), ("B - Sous-traitante", "G"), ("B (ST)", "G"), ("B", "G (sous-traitant)")],
)
@pytest.mark.parametrize("more", ["", ";rôle", ";rôle;remarque"])
def test_nor_is_a_name_that_says_so_where_no_role_is_given(
    tmp_path: Path, name: str, consortium: str, more: str
) -> None:
    lines = [f"siren;nom;groupement{more}", "732829320;A;G", f"552100554;{name};{consortium}"]
    first, last = read(tmp_path, "\n".join(lines))
    assert (first.failed, last.failed, last.answer) == (None, ExitCode.UNREADABLE, None)
    assert "may say that it is a subcontractor" in str(last.unknown)
    if more:  # the role given settles it
        told = [
            read(tmp_path, "\n".join([*lines[:2], f"{lines[2]};{role}"]))[1]
            for role in ("membre", "sous-traitante")
        ]
        assert [(one.failed, one.role) for one in told] == [(None, Role.MEMBER), (None, Role.SUBCONTRACTOR)]


@pytest.mark.parametrize("heading", ["Équipe", "Nom du groupement", "Groupement candidat", "Candidates"])
def test_nor_is_one_that_may_say_who_answers_together(tmp_path: Path, heading: str) -> None:
    with pytest.raises(FileError, match="may say who answers together"):
        read(tmp_path, f"siren;{heading}\n732829320;G\n552100554;G\n")


@pytest.mark.parametrize(
    "headings", ["siren;siren", "siren;N° SIREN", "siren;rôle;Rôle", "siren;groupement;candidat"]
)
def test_two_columns_of_one_heading_are_refused(tmp_path: Path, headings: str) -> None:
    with pytest.raises(FileError, match="two columns are headed"):
        read(tmp_path, f"{headings}\n732829320;552100554;membre\n")


def test_other_columns_are_their_owners(tmp_path: Path) -> None:
    text = "siren;nom;Raison sociale;Ville;Effectif;Remarque\n732829320;A;B;St-Étienne;12;membre d’un sous-traitement\n"
    (firm,) = read(tmp_path, text)
    assert (firm.name, firm.role, firm.consortium) == ("A", Role.MEMBER, None)
