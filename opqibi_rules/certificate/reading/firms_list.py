"""A list of firms: a CSV file or a workbook with a column of SIRENs or SIRETs, or a folder of saved answers.

Columns, in French or in English, in any order: ``siren`` or ``siret``; and, if they are there, ``name``,
``consortium`` (the firms that bear the same one answer together), ``role``, and ``answer``: the file of the answer
about that firm, from the folder of the list. Others are left alone, but for what may be one of ours under another
name, and would make a subcontractor a member. A list of numbers alone, one a line, needs no first line.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import NamedTuple

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.firms import Firm, Role, failed
from opqibi_rules.certificate.reading.answer_fields import Day, read_part
from opqibi_rules.certificate.reading.certificate_answer import (
    SUFFIXES,
    one_answer,
    read_answer_file,
    read_answers,
)
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.identifiers import read_siren, siren_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes, files_in, remember
from opqibi_rules.paper.rows.csv_rows import read_rows
from opqibi_rules.paper.text import fold, one_line, plain_words


@dataclass(frozen=True, slots=True)
class _Fetched:
    fetched_on: Day = None


_COLUMNS = {
    "siren": ("siren", "n siren", "numero siren"),
    "siret": ("siret", "n siret", "numero siret"),
    "name": ("name", "nom", "raison sociale", "denomination", "entreprise", "structure", "firm"),
    "consortium": ("consortium", "groupement", "candidat", "candidate"),
    "role": ("role",),
    "answer": ("answer", "reponse", "file", "fichier"),
    "fetched": (
        *(
            "fetched",
            "fetched on",
            "obtenue le",
            "obtenu le",
            "reponse du",
            "reponse obtenue le",
            "consulte le",
        ),
        *(
            "date de reponse",
            "date de la reponse",
            "date d obtention",
            "date de consultation",
            "date d appel",
        ),
    ),
}
_WITH_OTHERS = ("cotraitant", "co traitant", "cotraitante", "co traitante")
_ROLES = {
    "": Role.MEMBER,
    "member": Role.MEMBER,
    "membre": Role.MEMBER,
    "mandataire": Role.MEMBER,
    **dict.fromkeys(_WITH_OTHERS, Role.MEMBER),
    **dict.fromkeys(
        ("subcontractor", "sub contractor", "sous traitant", "sous traitante"), Role.SUBCONTRACTOR
    ),
}
_SUBCONTRACTED = r"\b(?:sous ?trait(?!ement)|ss? ?traitan|sub ?(?:contract|consult))|^(?:s ?)?s ?t$"
"""In plain words, by their stems: « sous-traitante », « sous-trait. », « s/traitant », « ST »."""
_OF_ROLES = re.compile(rf"\b(?:roles?\b|mandataires?\b|co ?traitan)|{_SUBCONTRACTED}")
_OF_SUBCONTRACTORS = re.compile(rf"{_SUBCONTRACTED}|\(s?[./ ]?s[./ ]?t[.]?\)")
_OF_CONSORTIUMS = re.compile(
    r"\b(?:groupements?|groupes?|gme|consorti(?:um|a)s?|equipes?|teams?|candidate?s?|candidatures?|partenaires?|plis?)\b"
)
_OF_DAYS = re.compile(
    r"\b(?:fetched|obtenue?s?|consultee?s?|interrogee?s?)\b|\b(?:date|jour)\b.*\b(?:reponse|appel|api)\b"
)


def read_firms(path: Path) -> list[Firm]:
    """The firms of a list; one whose line cannot be read keeps it, and says why.

    Raises:
        FileError: the list cannot be opened, names no column of SIRENs, or no firm.
        RequestError: a workbook, and the extra that reads it is not installed.
    """
    if path.is_dir():
        remember(path)
        return [firm for file in files_in(path, SUFFIXES) for firm in _of_answers(file)]
    return _listed(str(path), file_bytes(path, MAX_DOCUMENT), lambda name: one_answer(path.parent / name))


class Brought(NamedTuple):
    """A file as it was brought: its name, and what it holds."""

    name: str
    data: bytes


def firms_brought(listed: Brought | None, brought: Sequence[Brought]) -> list[Firm]:
    """The firms of a list, each with its answer among the files brought with it; without a list, those of the files.

    A file is about the firm that it names, or the one that the list's column ``answer`` names it for; a single answer
    that names none, brought with a list of a single firm, is about that firm. One that is about no firm of the list
    keeps a line, and says so: nothing brought is passed over.

    Raises:
        FileError: the list cannot be read, names no column of SIRENs, or no firm.
        RequestError: a workbook, and the extra that reads it is not installed.
    """
    if listed is None:
        return [firm for file in brought for firm in _of_answers(file)]
    named: dict[str, list[Brought]] = {}
    for file in brought:
        named.setdefault(PurePath(file.name).name, []).append(file)
    taken: set[str] = set()

    def answer_called(text: str) -> Answer:
        name = PurePath(text).name
        if (n := len(named.get(name, ()))) != 1:
            message = Message("not among the files of answers that came with the list.")
            if n:
                message = Message("{n} files of answers that came with the list bear this name.", n=n)
            raise FileError(text, [Mistake(message)])
        taken.add(name)
        return one_answer(named[name][0].data, named[name][0].name)

    firms = _listed(listed.name, listed.data, answer_called)
    left = [file for name, files in named.items() if name not in taken for file in files]
    loose = [firm for file in left for firm in _of_answers(file)]
    if len(firms) == len(loose) == 1 and loose[0].siren is None and not firms[0].answer:
        loose = [replace(loose[0], siren=firms[0].siren)]
    return [*_with_theirs(firms, loose), *_of_nobody(firms, loose)]


def _with_theirs(firms: Sequence[Firm], loose: Iterable[Firm]) -> Iterator[Firm]:
    """Each firm of a list with the one answer about it."""
    about: dict[str | None, list[Firm]] = {}
    for one in loose:
        about.setdefault(None if one.failed else one.siren, []).append(one)
    for firm in firms:
        held = about.get(firm.siren, []) if firm.siren else []
        if firm.failed or firm.answer:
            yield firm
        elif len(held) > 1:
            names = tuple(one.source for one in held)
            message = Message("{names} are about it: keep the one to be judged.", names=names)
            yield replace(firm, unknown=message)
        elif held:
            yield replace(firm, answer=held[0].answer)
        else:
            yield replace(firm, unknown=Message("No answer about it came with the list."))


def _of_nobody(firms: Sequence[Firm], loose: Iterable[Firm]) -> Iterator[Firm]:
    """The answers that are about no firm of a list, each as a line that says so."""
    known = Counter(firm.siren for firm in firms if not firm.answer)
    for one in loose:
        if one.failed:
            yield one
        elif one.siren is None:
            yield replace(one, answer=None, unknown=_NAMELESS)
        elif one.siren not in known:
            message = Message("It is about {siren}, which the list does not name.", siren=one.siren)
            yield replace(one, answer=None, unknown=message)


_NAMELESS = Message(
    "The answer does not name its firm: give a list of two columns, « siren » and « answer », where the name of this "
    "file stands beside its SIREN."
)


def _listed(name: str, data: bytes, answer_called: Callable[[str], Answer]) -> list[Firm]:
    if data.lstrip()[:1] in {b"{", b"["}:
        message = Message(
            "JSON, not a list of firms: a CSV or XLSX is expected, or a folder of saved answers."
        )
        raise FileError(name, [Mistake(message)])
    rows: list[tuple[int, Sequence[object]]]
    if data.startswith(b"PK"):
        load("python_calamine", extra="invoice")
        from opqibi_rules.paper.rows.sheet_rows import first_sheet  # noqa: PLC0415 - an extra

        rows = list(first_sheet(data, name).items())
    else:
        found = read_rows(data, name, lambda cells: len(_columns(cells)), most=MAX_DOCUMENT)
        rows = [(row.line, row.cells) for row in found]
    if _has_no_heading([cells for _, cells in rows]):
        rows = [(0, ("siren",)), *rows]
    columns = _columns(rows[0][1]) if rows else {}
    if not {"siren", "siret"} & columns.keys():
        message = Message("no column siren or siret; the first line names the columns, as siren;name.")
        raise FileError(name, [Mistake(message, line=1)])
    _refuse_what_may_be_ours([cells for _, cells in rows], columns, name)
    firms = [
        _firm(name, line, cells, columns, answer_called) for line, cells in rows[1:] if any(map(_text, cells))
    ]
    if not firms:
        raise FileError(name, [Mistake(Message("the list names no firm below its first line."))])
    return firms


def _refuse_what_may_be_ours(rows: Sequence[Sequence[object]], columns: Mapping[str, int], name: str) -> None:
    """A column that says who is a subcontractor, or in which consortium, is not passed over for its heading.

    Raises:
        FileError: each such column, and two that bear one heading of ours.
    """
    headings, mistakes = [_text(cell) for cell in rows[0]], []
    read = {field: headings[index] for field, index in columns.items()}
    for index, heading in enumerate(headings):
        if index not in columns.values():
            cells = {plain_words(_text(row[index])) for row in rows[1:] if index < len(row)}
            mistakes.append(_may_be_ours(heading, cells, read))
    if found := [Mistake(message, line=1) for message in mistakes if message]:
        raise FileError(name, found)


def _may_be_ours(heading: str, cells: Iterable[str], read: Mapping[str, str]) -> Message | None:
    """Why a column that is not read may be one of ours, if it may.

    ``cells``: what stands below its heading, in plain words; ``read``: the headings of those that are, by what they
    hold.
    """
    words = plain_words(heading)
    same = next((field for field, names in _COLUMNS.items() if words in names and field != "name"), None)
    if same is not None:
        return Message(
            "two columns are headed « {one} » and « {other} », which is one and the same: keep one.",
            one=read[same],
            other=heading,
        )
    if "role" not in read and any(map(_OF_ROLES.search, (words, *cells))):
        return Message(
            "the column « {heading} » may say who is a subcontractor, and is not read: head it « role », "
            "with member (membre) or subcontractor (sous-traitant) below.",
            heading=heading,
        )
    if "consortium" not in read and _OF_CONSORTIUMS.search(words) and not _OF_ROLES.search(words):
        return Message(
            "the column « {heading} » may say who answers together, and is not read: head it « consortium » "
            "(groupement), or otherwise.",
            heading=heading,
        )
    if read.keys() & {"answer", "fetched"} == {"answer"} and _OF_DAYS.search(words):
        return Message(
            "the column « {heading} » may say when the answers were fetched, and is not read: head it "
            "« fetched » (obtenue le), or otherwise.",
            heading=heading,
        )
    return None


def _has_no_heading(rows: Sequence[Sequence[object]]) -> bool:
    """Whether they are numbers alone, one a line: the first is no heading."""
    lines = [list(filter(None, map(_text, cells))) for cells in rows]
    first = next(filter(None, lines), [""])[0]
    return first != "" and not any(map(str.isalpha, first)) and all(len(found) <= 1 for found in lines)


def _of_answers(file: Path | Brought) -> Iterator[Firm]:
    """The firms of a file of saved answers."""
    try:
        found = read_answer_file(file) if isinstance(file, Path) else read_answers(file.data, file.name)
        for answer in found:
            yield Firm(source=answer.name, siren=siren_of(answer.siren), answer=answer)
    except FileError as error:
        message = Message("{problem}", problem=error.mistakes[0].message)
        yield failed(Firm(source=str(file) if isinstance(file, Path) else file.name), message)


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


def _firm(
    source: str,
    line: int,
    cells: Sequence[object],
    columns: Mapping[str, int],
    answer_called: Callable[[str], Answer],
) -> Firm:
    given = {field: _text(cells[index]) for field, index in columns.items() if index < len(cells)}
    siren, role, answer, problem = None, Role.MEMBER, None, None
    try:
        siren = _siren(given)
        role = _role(given)
        if not given.get("role"):
            _refuse_a_subcontractor(
                cell for index, cell in enumerate(cells) if index != columns.get("answer")
            )
        if file := given.get("answer"):
            answer = answer_called(file)
            if (day := _day(given)) is not None:
                answer = _fetched_on(answer, day)
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


def _day(given: Mapping[str, str]) -> date | None:
    """The day on which the answer of a line was fetched; a workbook gives it an hour, midnight."""
    text = given.get("fetched", "").removesuffix(" 00:00:00")
    return read_part({"fetched_on": text}, _Fetched, "fetched").fetched_on if text else None


def _fetched_on(answer: Answer, day: date) -> Answer:
    """An answer with the day that its line gives it.

    Raises:
        RequestError: it tells another one itself.
    """
    if answer.fetched_on not in {None, day}:
        raise RequestError(
            "the answer tells that it was fetched on {own:date}, and the list on {day:date}.",
            own=answer.fetched_on,
            day=day,
        )
    return answer.told_on(day)


def _refuse_a_subcontractor(cells: Iterable[object]) -> None:
    """A line that says no role, and that a subcontractor may stand on: in a name, a consortium, a remark.

    Raises:
        RequestError: the first cell that may say so.
    """
    for text in map(_text, cells):
        if _OF_SUBCONTRACTORS.search(plain_words(text)) or _OF_SUBCONTRACTORS.search(fold(text)):
            raise RequestError(
                "« {text} » may say that it is a subcontractor: say what it is in a column « role », member (membre) "
                "or subcontractor (sous-traitant).",
                text=text[:80],
            )


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


def _role(given: Mapping[str, str]) -> Role:
    text = given.get("role", "")
    role = _ROLES.get(plain_words(text))
    if role is None:
        raise RequestError(
            "« {text} » is no role: member (membre) or subcontractor (sous-traitant).", text=text[:40]
        )
    if given.get("consortium") == "" and plain_words(text) in _WITH_OTHERS:
        raise RequestError("« {text} » answers with others: say its consortium.", text=text)
    return role
