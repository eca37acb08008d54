"""``opqibi-fees check-certificate``: is it valid on that day, and does it meet what a tender requires?"""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

from opqibi_rules.certificate.answers_together import weighed
from opqibi_rules.certificate.check import CertificateReport, check_certificate
from opqibi_rules.certificate.papers.certificate_document import (
    flat_document,
    passe_marche,
    report_document,
    summary_document,
)
from opqibi_rules.certificate.papers.forms import certificate_forms
from opqibi_rules.certificate.reading.certificate_answer import SUFFIXES, read_answer_file
from opqibi_rules.certificate.siren import one_firm
from opqibi_rules.cli.attempts import Attempts
from opqibi_rules.cli.options import argument, day_of, facts, on_that_day, option, takes
from opqibi_rules.cli.result import Result, answer_in
from opqibi_rules.deadlines import to_day
from opqibi_rules.messages import marked
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.files import files_in
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees check-certificate answer.json --on 2026-11-21 --siren 434717997",
    'opqibi-fees check-certificate answers/ --requires "1905|1911" --format csv',
)

Files = Annotated[
    list[str], argument("FILE…", marked("Saved answers: files, folders, or - for the standard input."))
]
Siren = Annotated[
    str | None, option("--siren SIREN", marked("The firm asked about; the v3 answer does not name it."))
]
Requires = Annotated[
    list[str],
    option(
        "--requires CODE",
        marked('A qualification the tender requires; "1905|1911": either. Repeat for several.'),
    ),
]
RequiresRge = Annotated[list[str], option("--requires-rge CODE", marked("The same, with the RGE mention."))]
Fetched = Annotated[
    str | None,
    option(
        "--fetched YYYY-MM-DD", marked("The day the answer was fetched, where the file does not tell it.")
    ),
]
AcceptProbationary = Annotated[
    bool, option("--accept-probationary", marked("A probationary qualification meets a requirement too."))
]


@takes(on_that_day, facts, answer_in(*GENERAL, "pdf", "passe-marche"))
def command(
    on: date,
    tables: Tables,
    result: Result,
    files: Files,
    siren: Siren = None,
    requires: Requires = [],
    requires_rge: RequiresRge = [],
    accept_probationary: AcceptProbationary = False,
    fetched: Fetched = None,
    explain: Annotated[
        bool, option("--explain", marked("Show every rule that is named, with its source."))
    ] = False,
) -> int:
    """Check saved answers."""
    check = partial(
        check_certificate,
        on=on,
        siren=siren,
        requires=requires,
        requires_rge=requires_rge,
        accept_probationary=accept_probationary,
        fetched=fetched,
        today=day_of(None),
        tables=tables,
    )
    attempts = Attempts()
    paths = attempts.each(files, lambda name: files_in(Path(name), SUFFIXES))
    answers = list(attempts.each(paths, read_answer_file))
    one_firm(siren, [answer.siren for answer in answers])
    stated = None if fetched is None else to_day(fetched, "fetched")
    beside = weighed([(siren, answer) for answer in answers], on, tables.api_errors, stated=stated)
    each = zip(answers, beside, strict=True)
    reports = list(
        attempts.each(each, lambda one: [check(one[0], doubt=one[1].doubt)], named=lambda one: one[0].name)
    )
    attempts.told(len(reports), result.language.say)
    put_reports(reports, attempts, result, explain=explain)
    return attempts.code(report.outcome.exit_code for report in reports)


def put_reports(
    reports: list[CertificateReport], attempts: Attempts, result: Result, *, explain: bool
) -> None:
    """Let the verdicts out in the form asked for: one alone, several as a list with a summary."""

    def listed(one: Callable[[CertificateReport, Language], Json]) -> Callable[[Language], object]:
        return lambda machine: attempts.as_json([one(report, machine) for report in reports], machine.say)

    def documents() -> list[Document]:
        found = [report_document(report, explain=explain) for report in reports]
        return found if attempts.alone(reports) else [*found, summary_document(reports, attempts.failed)]

    def for_passe_marche() -> str:
        return result.json(listed(lambda report, machine: passe_marche(report, machine.say)))

    result.put_document(
        lambda: flat_document(reports, attempts.failed),
        listed(lambda report, machine: report.to_dict(machine.say, language=machine.name)),
        {
            "pdf": certificate_forms(reports, result.language, made_on=day_of(None))["pdf"],
            "passe-marche": for_passe_marche,
        },
        one_by_one=documents,
    )
