"""``opqibi-fees check-certificates``: many firms at once, fetched if need be, and what a tender makes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from opqibi_rules.certificate.firms import Firm
from opqibi_rules.certificate.firms_check import FirmsCheck, check_firms
from opqibi_rules.certificate.papers.firms_document import firms_document, flat_firms_document
from opqibi_rules.certificate.papers.forms import firms_forms
from opqibi_rules.certificate.papers.tender_document import tender_documents
from opqibi_rules.certificate.reading.answers_folder import Register, with_answers, without_answers
from opqibi_rules.certificate.reading.earlier_run import read_earlier_run
from opqibi_rules.certificate.reading.firms_list import read_firms
from opqibi_rules.certificate.reading.requirements_file import read_requirements
from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.tender import Asked, Tender
from opqibi_rules.cli.caller import caller
from opqibi_rules.cli.commands.certificates.check_certificate import (
    AcceptProbationary,
    Fetched,
    Requires,
    RequiresRge,
)
from opqibi_rules.cli.commands.certificates.fetch_certificate import Staging, TokenFile
from opqibi_rules.cli.options import (
    Lang,
    TablesFolder,
    argument,
    day_of,
    facts,
    on_that_day,
    option,
    tables_of,
    takes,
    voice,
)
from opqibi_rules.cli.progress import watched
from opqibi_rules.cli.result import Result, answer_in, note
from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.files import remember
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees check-certificates answers/ --within 90 -o ends.ics",
    "opqibi-fees check-certificates firms.csv --answers answers/ --recipient 13002526500013 \\",
    '    --context "Marchés publics" --object "Marché 2026-042" --since last-month.json -o this-month.json',
    "opqibi-fees check-certificates consortium.csv --answers answers/ --requirements tender.yaml -o page.pdf",
)


def tender(
    requirements: Annotated[
        str | None, option("--requirements FILE", marked("What a tender asks, in YAML: see the guide."))
    ] = None,
    requires: Requires = [],
    requires_rge: RequiresRge = [],
    accept_probationary: AcceptProbationary = False,
) -> Tender | None:
    """What a tender asks, from a file or from options."""
    given = [*((text, False) for text in requires), *((text, True) for text in requires_rge)]
    if requirements is not None:
        if given or accept_probationary:
            raise RequestError(
                "--requirements: its file says all that is required; leave out the other options that do."
            )
        return read_requirements(Path(requirements))
    asked = (Asked(Requirement.parse(text, rge=rge), accept_probationary) for text, rge in given)
    return Tender(tuple(asked)) if given else None


def asking(
    tables: TablesFolder = None,
    lang: Lang = None,
    recipient: Annotated[
        str | None,
        option("--recipient SIRET", marked("Ask for answers: the administration that will use the data.")),
    ] = None,
    context: Annotated[str | None, option("--context TEXT", marked("Why: public contracts, grants…"))] = None,
    purpose: Annotated[
        str | None, option("--object TEXT", marked("The procedure, in under 50 characters."))
    ] = None,
    token_file: TokenFile = None,
    staging: Staging = False,
) -> Register | None:
    """API Entreprise, if it is to be asked."""
    if recipient is None and context is None and purpose is None:
        return None
    if not (recipient and context and purpose):
        raise RequestError("--recipient, --context and --object go together: API Entreprise wants all three.")
    api = caller(
        tables_of(tables),
        voice(lang).say,
        recipient=recipient,
        context=context,
        purpose=purpose,
        token_file=token_file,
        staging=staging,
    )
    from opqibi_rules.certificate.reading.api_entreprise_client import HOSTS

    host = urlsplit(HOSTS["staging" if staging else "production"]).hostname
    return Register(lambda siren: api.fetch(siren).saved, host)


@takes(on_that_day, facts, tender, asking, answer_in(*GENERAL, "pdf", "ics"))
def command(
    on: date,
    tables: Tables,
    asked: Tender | None,
    register: Register | None,
    result: Result,
    firms: Annotated[
        str, argument("LIST", marked("A CSV or XLSX with a column siren or siret, or a folder of answers."))
    ],
    consortium: Annotated[
        str | None,
        option("--consortium NAME", marked("The firms of the list that name no consortium are this one.")),
    ] = None,
    within: Annotated[
        int | None,
        option(
            "--within --ends-within DAYS",
            marked("Tell apart what ends within so many days."),
            min=0,
            max=3660,
        ),
    ] = None,
    since: Annotated[
        str | None, option("--since FILE", marked("The JSON of an earlier run: tell what changed."))
    ] = None,
    answers: Annotated[
        str | None, option("--answers DIR", marked("Where answers are stored, one a firm, as they come."))
    ] = None,
    max_age: Annotated[
        int,
        option(
            "--max-age DAYS", marked("Ask again for what is stored for longer (default: 1)."), min=0, max=3660
        ),
    ] = 1,
    fetched: Fetched = None,
) -> int:
    """Check the firms of a list."""
    earlier = read_earlier_run(Path(since)) if since is not None else None
    fresh_from = day_of(None) - timedelta(days=max_age)
    listed: Sequence[Firm] = read_firms(Path(firms))
    if Path(firms).is_dir():
        if answers is not None or register is not None:
            raise RequestError(
                "The list is a folder of answers, read as it stands; give a CSV or XLSX to ask anew."
            )
    else:
        listed = _answered(listed, answers, fresh_from, register, result)
    check = check_firms(
        [replace(firm, consortium=firm.consortium or consortium) for firm in listed],
        on=on,
        tables=tables,
        today=day_of(None),
        within=within,
        tender=asked,
        earlier=earlier,
        fetched=None if fetched is None else to_day(fetched, "fetched"),
    )
    put(check, result)
    return check.exit_code


def _answered(
    listed: Sequence[Firm], answers: str | None, fresh_from: date, register: Register | None, result: Result
) -> Sequence[Firm]:
    """The firms of a list with their answers, stored or asked for."""
    if answers is None:
        if register is None and any(firm.answer or firm.failed for firm in listed):
            return without_answers(listed)
        raise RequestError(
            "--answers: needed, to say where the answers about the firms of the list are stored."
        )
    folder = Path(answers)
    folder.mkdir(parents=True, exist_ok=True)
    say = result.language.say

    def told(sirens: Iterable[str], total: int) -> Iterable[str]:
        return watched(sirens, total, say, marked("{done} of {total} answers"))

    try:
        found = with_answers(listed, folder, fresh_from=fresh_from, register=register, told=told)
    except KeyboardInterrupt:
        note(
            say(
                Message(
                    "The answers that came are stored in {folder}; the same command goes on from there.",
                    folder=answers,
                )
            )
        )
        raise
    remember(folder)
    return found


def put(check: FirmsCheck, result: Result) -> None:
    """Let the run out in the form asked for: the page of each candidate where a tender asks, else the firms."""
    forms = firms_forms(check, result.language, made_on=day_of(None))

    def texts() -> list[Document]:
        return tender_documents(check) if check.tender else [firms_document(check)]

    result.put_document(
        lambda: flat_firms_document(check, sheets=False),
        lambda machine: check.to_dict(machine.say, language=machine.name),
        {form: forms[form] for form in ("xlsx", "pdf", "ics")},
        one_by_one=texts,
    )
