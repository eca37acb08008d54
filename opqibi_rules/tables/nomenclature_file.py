"""A nomenclature as people have it, in a CSV file saved by a spreadsheet, read into a table of ours.

Columns ``code``, ``name``, ``tariff`` (or « nom », « libellé », « tarif »), in any order; ``;`` or ``,``;
UTF-8 or Windows-1252.
"""

import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.csv_rows import CsvRow, read_rows
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.text import fold

_HEADINGS = {
    "code": "code",
    "code qualification": "code",
    "name": "name",
    "nom": "name",
    "libelle": "name",
    "intitule": "name",
    "tariff": "tariff",
    "tarif": "tariff",
    "code tarif": "tariff",
}

_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def read_nomenclature_csv(path: Path) -> list[tuple[str, str | None, int | None]]:
    """The rows as (code, name, tariff), all its mistakes reported together.

    A code that a spreadsheet has shorn of its leading zero (``607``) is refused, not mended: nobody can say
    what stood there.

    Raises:
        FileError: each bad row with its line and column.
    """
    name = str(path)
    rows = read_rows(file_bytes(path), name, lambda cells: sum(map(bool, _named(cells))))
    return _rows(name, [row for row in rows if any(cell.strip() for cell in row.cells)])


def _named(cells: Sequence[str]) -> list[str | None]:
    return [_HEADINGS.get(fold(cell.strip())) for cell in cells]


def _rows(name: str, rows: list[CsvRow]) -> list[tuple[str, str | None, int | None]]:
    headings = _named(rows[0].cells) if rows else []
    if not {"code", "tariff"} <= set(headings):
        message = Message(
            "the first line must name the columns: code, name, tariff (« ; » or « , » between)."
        )
        raise FileError(name, [Mistake(message, line=1)])
    twice = [at for at, heading in enumerate(headings) if heading and heading in headings[:at]]
    if twice:
        message = Message("a column given twice: {name}; keep one.", name=rows[0].cells[twice[0]].strip())
        raise FileError(name, [Mistake(message, "", 1, twice[0] + 1)])
    column = {heading: headings.index(heading) for heading in headings if heading}
    found: list[tuple[str, str | None, int | None]] = []
    mistakes: list[Mistake] = []
    lines: dict[str, int] = {}
    for line, row in rows[1:]:
        cells = {heading: row[at].strip() if at < len(row) else "" for heading, at in column.items()}
        code, tariff = cells["code"], cells["tariff"]

        def wrong(heading: str, message: Message, line: int = line) -> None:
            mistakes.append(Mistake(message, heading, line, column[heading] + 1))

        if not (len(code) == 4 and code.isascii() and code.isdigit()):
            message = Message(
                "« {given} »; expected {expected}.",
                given=code[:40],
                expected=Message('a code of four digits, such as "0607"'),
            )
            wrong("code", message)
        elif code in lines:
            wrong("code", Message("code {code} already stands on line {line}.", code=code, line=lines[code]))
        lines.setdefault(code, line)
        if tariff and not (len(tariff) <= 2 and tariff.isascii() and tariff.isdigit() and int(tariff)):
            message = Message(
                "« {given} »; expected {expected}.",
                given=tariff[:40],
                expected=Message("a tariff code, a whole number from 1, or nothing"),
            )
            wrong("tariff", message)
        elif len(row) > len(headings) and any(cell.strip() for cell in row[len(headings) :]):
            mistakes.append(Mistake(Message("more cells than columns."), "", line, len(headings) + 1))
        else:
            found.append((code, cells.get("name") or None, int(tariff) if tariff else None))
    if not mistakes and not found:
        mistakes.append(Mistake(Message("no row under the headings."), line=1))
    if mistakes:
        raise FileError(name, mistakes)
    return found


def nomenclature_table(
    rows: list[tuple[str, str | None, int | None]], *, origin: str, imported_on: date
) -> str:
    """The rows as a table of ours, in YAML, ready for a folder of one's own tables."""
    origin = origin if origin.strip() else repr(origin)

    def quoted(value: str | None) -> str:
        # JSON's strings are YAML's, but for a few characters that YAML wants escaped too.
        if value is None:
            return "null"
        text = value.encode("utf-8", "backslashreplace").decode()  # the bytes of a file's name may be no text
        return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))

    lines = [
        "kind: nomenclature",
        "id: own_nomenclature",
        "title: { fr: Nomenclature importée, en: Imported nomenclature }",
        f'in_force_from: "{imported_on.isoformat()}"',
        f'checked_on: "{imported_on.isoformat()}"',
        "checked_by: import",
        "sources:",
        f"  - {{ document: {quoted(origin)}, address: {quoted(origin)}, reliability: user }}",
        "entries:",
    ]
    for code, name, tariff in rows:
        lines += [
            f'  - code: "{code}"',
            f"    name: {quoted(name)}",
            f"    tariff: {'null' if tariff is None else tariff}",
            f"    source: {{ document: {quoted(origin)}, address: {quoted(origin)}, reliability: user }}",
        ]
    return "\n".join(lines) + "\n"
