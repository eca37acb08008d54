"""``opqibi-fees check-certificate``: is it valid on that day, and does it meet what a tender requires?"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.cli.options import (
    UNREADABLE,
    Lang,
    Output,
    Result,
    TablesFolder,
    day_of,
    tables_of,
)
from opqibi_rules.errors import FileError
from opqibi_rules.messages import marked
from opqibi_rules.paper.language import Language
from opqibi_rules.verdict import worst

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document

HELP = marked("Is a certificate valid on a day, part by part, and does it meet what a tender requires?")
EXAMPLES = (
    "opqibi-fees check-certificate answer.json --on 2026-11-21 --siren 434717997",
    'opqibi-fees check-certificate answers/ --requires "1905|1911" --format csv',
)

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…", help=marked("Saved answers: files, folders, or - for the standard input.")
    ),
]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="YYYY-MM-DD", help=marked("The day asked about (default: today).")),
]
Siren = Annotated[
    str | None,
    typer.Option(
        "--siren", metavar="SIREN", help=marked("The firm asked about; the v3 answer does not name it.")
    ),
]
Requires = Annotated[
    list[str],
    typer.Option(
        "--requires",
        metavar="CODE",
        help=marked('A qualification the tender requires; "1905|1911": either. Repeat for several.'),
    ),
]
RequiresRge = Annotated[
    list[str], typer.Option("--requires-rge", metavar="CODE", help=marked("The same, with the RGE mention."))
]
AcceptProbationary = Annotated[
    bool,
    typer.Option(
        "--accept-probationary", help=marked("A probationary qualification meets a requirement too.")
    ),
]
Form = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="NAME", help=marked("table (default), json, csv, markdown or passe-marche.")
    ),
]


def command(
    files: Files,
    on: On = None,
    siren: Siren = None,
    requires: Requires = [],
    requires_rge: RequiresRge = [],
    accept_probationary: AcceptProbationary = False,
    explain: Annotated[
        bool, typer.Option("--explain", help=marked("Show every rule that is named, with its source."))
    ] = False,
    tables: TablesFolder = None,
    lang: Lang = None,
    form: Form = None,
    output: Output = None,
) -> int:
    """Check saved answers."""
    result = Result(lang, form, output)
    day, facts = day_of(on), tables_of(tables)

    def check(answer: Answer) -> CertificateReport:
        return check_certificate(
            answer,
            on=day,
            siren=siren,
            requires=requires,
            requires_rge=requires_rge,
            accept_probationary=accept_probationary,
            tables=facts,
        )

    reports, unread = _checked(files, check)
    if len(unread) == 1 and not reports:
        raise unread[0]
    for error in unread:
        print(error.explain(result.language.say), file=sys.stderr)  # noqa: T201 - errors have their own stream
    put_reports(reports, unread, result, explain=explain)
    return worst([*(report.outcome.exit_code for report in reports), *(UNREADABLE for _ in unread)])


def _checked(
    files: list[str], check: Callable[[Answer], CertificateReport]
) -> tuple[list[CertificateReport], list[FileError]]:
    """Check every answer; a file that cannot be read does not keep the others from it."""
    from opqibi_rules.certificate.reading.certificate_answer import (
        answer_files,
        read_answer_file,
    )

    reports: list[CertificateReport] = []
    unread: list[FileError] = []
    for name in files:
        try:
            paths = list(answer_files([Path(name)]))
        except FileError as error:
            unread.append(error)
            continue
        for path in paths:
            try:
                reports += map(check, read_answer_file(path))
            except FileError as error:
                unread.append(error)
    return reports, unread


def put_reports(
    reports: list[CertificateReport], unread: list[FileError], result: Result, *, explain: bool
) -> None:
    """Let the verdicts out in the form asked for: one alone, several as a list with a summary."""
    from opqibi_rules.certificate.papers.certificate_document import (
        flat_document,
        passe_marche,
        report_document,
        summary_document,
    )

    language = result.language
    alone = len(reports) == 1 and not unread

    def listed(one: Callable[[CertificateReport, Language], Any]) -> Callable[[Language], Any]:
        def content(machine: Language) -> Any:
            if alone:
                return one(reports[0], machine)
            refused = [
                {"schema_version": 1, "source": error.name, "error": error.explain(machine.say)}
                for error in unread
            ]
            return [one(report, machine) for report in reports] + refused

        return content

    def documents() -> "list[Document]":
        found = [report_document(report, explain=explain) for report in reports]
        return found if alone else [*found, summary_document(reports, unread)]

    result.put_document(
        lambda: flat_document(reports, unread),
        listed(lambda report, machine: report.to_dict(machine.say, language=machine.name)),
        {
            "table": lambda: "\n".join(
                one.as_text(language, width=result.width, styled=result.on_terminal) for one in documents()
            ),
            "markdown": lambda: "\n".join(one.as_markdown(language) for one in documents()),
            "passe-marche": lambda: result.json(
                listed(lambda report, machine: passe_marche(report, machine.say))
            ),
        },
    )
