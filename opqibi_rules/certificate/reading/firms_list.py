"""A list of firms: a CSV file or a workbook with a column of SIRENs or SIRETs, or a folder of saved answers.

Columns, in French or in English, in any order: ``siren`` or ``siret``; and, if they are there, ``name``,
``consortium`` (the firms that bear the same one answer together), ``role``, and ``answer``: the file of the answer
about that firm, from the folder of the list. Others are left alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from opqibi_rules.certificate.firms import Firm, Role, failed
from opqibi_rules.certificate.reading.certificate_answer import SUFFIXES, one_answer, read_answer_file
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.identifiers import read_siren, siren_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes, files_in, remember
from opqibi_rules.paper.rows.csv_rows import read_rows
from opqibi_rules.paper.text import one_line, plain_words

_COLUMNS = {
    "siren": ("siren", "n siren", "numero siren"),
    "siret": ("siret", "n siret", "numero siret"),
    "name": ("name", "nom", "raison sociale", "denomination", "entreprise", "structure", "firm"),
    "consortium": ("consortium", "groupement", "candidat", "candidate"),
    "role": ("role",),
    "answer": ("answer", "reponse", "file", "fichier"),
}
_ROLES = {
    "": Role.MEMBER,
    "member": Role.MEMBER,
    "membre": Role.MEMBER,
    "mandataire": Role.MEMBER,
    "cotraitant": Role.MEMBER,
    "co traitant": Role.MEMBER,
    "subcontractor": Role.SUBCONTRACTOR,
    "sous traitant": Role.SUBCONTRACTOR,
}


def read_firms(path: Path) -> list[Firm]:
    """The firms of a list; one whose line cannot be read keeps it, and says why.

    Raises:
        FileError: the list cannot be opened, or names no column of SIRENs.
        RequestError: a workbook, and the extra that reads it is not installed.
    """
    if path.is_dir():
        remember(path)
        return [firm for file in files_in(path, SUFFIXES) for firm in _of_answers(file)]
    data, name = file_bytes(path, MAX_DOCUMENT), str(path)
    rows: list[tuple[int, Sequence[object]]]
    if data.startswith(b"PK"):
        rows = _sheet(path)
    else:
        found = read_rows(data, name, lambda cells: len(_columns(cells)), most=MAX_DOCUMENT)
        rows = [(row.line, row.cells) for row in found]
    columns = _columns(rows[0][1]) if rows else {}
    if not {"siren", "siret"} & columns.keys():
        message = Message("no column siren or siret; the first line names the columns, as siren;name.")
        raise FileError(name, [Mistake(message, line=1)])
    return [_firm(name, line, cells, columns) for line, cells in rows[1:] if any(map(_text, cells))]


def _of_answers(path: Path) -> Iterator[Firm]:
    """The firms of a file of saved answers."""
    try:
        for answer in read_answer_file(path):
            yield Firm(source=answer.name, siren=siren_of(answer.siren), answer=answer)
    except FileError as error:
        message = Message("{problem}", problem=error.mistakes[0].message)
        yield failed(Firm(source=str(path)), message)


def _sheet(path: Path) -> list[tuple[int, Sequence[object]]]:
    load("polars", extra="columns")
    from opqibi_rules.paper.rows.table_xlsx import first_sheet  # noqa: PLC0415 - an extra

    return list(enumerate(first_sheet(path), 1))


def _columns(header: Sequence[object]) -> dict[str, int]:
    """Which column holds what; the first of each kind."""
    words = [plain_words(_text(cell)) for cell in header]
    found = {
        field: next((index for index, word in enumerate(words) if word in names), None)
        for field, names in _COLUMNS.items()
    }
    return {field: index for field, index in found.items() if index is not None}


def _text(cell: object) -> str:
    """A cell as it was typed: a spreadsheet makes a number of a SIREN."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else one_line(str(cell))


def _firm(source: str, line: int, cells: Sequence[object], columns: dict[str, int]) -> Firm:
    given = {field: _text(cells[index]) for field, index in columns.items() if index < len(cells)}
    siren, role, answer, problem = None, Role.MEMBER, None, None
    try:
        siren = _siren(given)
        role = _role(given.get("role", ""))
        if file := given.get("answer"):
            answer = one_answer(Path(source).parent / file)
    except FileError as error:
        problem = Message("{file}: {problem}", file=error.name, problem=error.mistakes[0].message)
    except RequestError as error:
        problem = error.message
    firm = Firm(
        source=source,
        line=line,
        siren=siren,
        name=given.get("name") or None,
        consortium=given.get("consortium") or None,
        role=role,
        answer=answer,
    )
    return failed(firm, problem) if problem else firm


def _siren(given: dict[str, str]) -> str:
    text = given.get("siren") or given.get("siret", "")
    if not text:
        raise RequestError("no SIREN on this line.")
    if text.isdigit() and len(text) in {8, 13}:
        raise RequestError(
            "« {text} » has {n} digits: a spreadsheet drops a leading zero. Make the column a text.",
            text=text,
            n=len(text),
        )
    siren = siren_of(text) or read_siren(text)
    if given.get("siret") and siren_of(given["siret"]) != siren:
        raise RequestError("the SIREN and the SIRET of this line are not those of one firm.")
    return siren


def _role(text: str) -> Role:
    role = _ROLES.get(plain_words(text))
    if role is None:
        raise RequestError(
            "« {text} » is no role: member (membre) or subcontractor (sous-traitant).", text=text[:40]
        )
    return role
