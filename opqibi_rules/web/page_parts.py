"""What the tabs share: the fields of a form, what is wrong with them, and files to be kept."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from opqibi_rules.desk.paper_files import FORMS, made_apart
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import PlanRequest, QuoteRequest, understood
from opqibi_rules.desk.service import Compared, Service
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import exactly
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.partial import incomplete, total, total_excl_vat, total_incl_vat
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import Base, Counted, Event, PerQualification, Schedule, Tranches
from opqibi_rules.web.api import service_of
from opqibi_rules.web.languages import SPOKEN, asked_for
from opqibi_rules.web.pages import Tab, carried, in_both_languages, render
from opqibi_rules.web.prices.question_form import Given, QuestionForm, Row, needs_turnover
from opqibi_rules.web.problems import json_bytes

_Answer = TypeVar("_Answer", Quote, Plan, Compared)

KINDS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "ics": "text/calendar; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}


class EventPrices(NamedTuple):
    """An event, and what one qualification costs then, by tariff code."""

    event: Event
    held: Mapping[int, Decimal]
    new: Mapping[int, Decimal]
    """One newly asked for; nothing where the event takes none."""


class TurnoverInput(NamedTuple):
    """An input for a turnover that the schedule declares."""

    name: str
    base: Base
    held_only: tuple[str, ...]
    """The codes that must stand alone for it to be meant; nothing: it is meant in general."""


def form_context(form: QuestionForm, service: Service, *, more: bool = False) -> dict[str, object]:
    """What the fields of a question need: prices by tariff, turnovers, known codes, territories."""
    schedule = form.schedule
    return {
        "form": form,
        "rows": [*form.rows, Row()] if more or not form.rows else list(form.rows),
        "schedule": schedule,
        "prices": [_prices(schedule, event) for event in schedule.events],
        "at_new": _where(schedule, Schedule.takes_new),
        "at_turnover": _where(schedule, needs_turnover),
        "turnovers": [
            TurnoverInput(name, schedule.base(base), _held_only(schedule, base))
            for base, name in form.turnovers.items()
        ],
        "nomenclature": [
            source.address
            for source in service.tables.nomenclature.sources
            if source.reliability == "opqibi" and source.address
        ],
        "entries": list(service.tables.nomenclature.entries.values()),
        "territories": [rules[0] for rules in service.tables.vat.rules.values()],
    }


def _where(schedule: Schedule, holds: Callable[[Schedule, Event], bool]) -> str:
    """The classes of what is shown at the events for which something holds; nothing: it never is."""
    return " ".join(f"at-{index}" for index, event in enumerate(schedule.events) if holds(schedule, event))


@exactly
def _prices(schedule: Schedule, event: Event) -> EventPrices:
    parts = [
        part for fee in schedule.borne(event) for part in fee.parts if isinstance(part, PerQualification)
    ]
    return EventPrices(
        event,
        _sums(schedule, (part.prices for part in parts if part.counts is not Counted.NEW)),
        _sums(schedule, (part.prices for part in parts if part.counts is Counted.NEW)),
    )


def _sums(schedule: Schedule, lists: Iterable[str]) -> Mapping[int, Decimal]:
    found = [schedule.price_list(name).by_tariff for name in lists]
    if not found:
        return {}
    return {tariff: sum((prices[tariff] for prices in found), Decimal(0)) for tariff in schedule.tariffs}


def _held_only(schedule: Schedule, base: str) -> tuple[str, ...]:
    parts = [part for fee in schedule.fees for part in fee.parts if isinstance(part, Tranches)]
    if any(part.turnover == base for part in parts):
        return ()
    exceptions = (item for part in parts for item in part.exceptions)
    return next((item.held_only for item in exceptions if item.turnover == base), ())


def all_said(wrong: Sequence[Wrong], form: QuestionForm, voice: Language) -> list[dict[str, str | None]]:
    """All that is wrong, each at the input where it can be mended."""
    return [
        {"input": place, "reason": voice.say(reason)}
        for item in wrong
        for place, reason in _placed(item, form)
    ]


def _placed(item: Wrong, form: QuestionForm) -> Iterator[tuple[str | None, Message]]:
    """A code without a known tariff is asked for where it stands."""
    if not item.unpriced:
        yield form.input_of(item.field), _beside_its_input(item.reason)
    for code in item.unpriced:
        row = next((f"code-{index}" for index, row in enumerate(form.rows) if row.code == code), None)
        yield row or form.input_of(f"unpriced.{code}"), Message(_CHOOSE if row else _WRITE, code=code)


_CHOOSE = marked(
    "The published schedule does not give the tariff code of {code}: choose it beside the code "
    "(it stands in the nomenclature, and on your last invoice)."
)
_WRITE = marked(
    "The published schedule does not give the tariff code of {code}: write it after the code, as in 1905:5 "
    "(it stands in the nomenclature, and on your last invoice)."
)


def _beside_its_input(reason: Message) -> Message:
    """The same without the name that a program gives the field."""
    named = re.match(r"\{(name|event|field)\}: ", reason.text)
    if named is None or not isinstance(reason.values.get(named[1]), str):
        return reason
    return Message(reason.text, reason.many, **{**reason.values, named[1]: Message("What you typed")})


def sum_names(answer: Quote | Plan, voice: Language) -> Json:
    """What the sums of an answer are called, and what it lacks, where it lacks something."""
    missing, ranges = answer.missing_fees, answer.range
    return {
        "excl_name": voice.say(total_excl_vat(missing)),
        "incl_name": voice.say(total_incl_vat(missing)),
        "all_name": voice.say(total(missing)),
        "incomplete": ranges and voice.say(incomplete(missing, ranges)),
    }


@dataclass(frozen=True)
class Asking(Generic[_Answer]):
    """A tab that asks a question: the answer to what its address asks, under its form; and as files."""

    tab: Tab
    asks: type[QuoteRequest | PlanRequest]
    form_of: Callable[[Service, Given], QuestionForm]
    answer: Callable[[Service, Json], _Answer]
    view: Callable[[_Answer, Language], Json]
    document: Callable[[_Answer], Document]
    beside: Mapping[str, object] = field(default_factory=dict)
    """What its template shows beside."""

    @property
    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(include_in_schema=False)
        for method in ("GET", "POST"):
            in_both_languages(router, self.tab, method)(self.page)
        router.add_api_route(f"/{self.tab.name}.{{kind}}", self.file)
        return router

    async def page(self, voice: Language, request: Request) -> Response:
        """The answer under its form; what is wrong with the question, at its inputs.

        A script asks by POST at each key, so that no log of a proxy holds what was typed.
        """
        given = await request.form() if request.method == "POST" else request.query_params
        service, wrong, shown = service_of(request), list[dict[str, str | None]](), None
        form = self.form_of(service, given)
        if not form.empty:
            try:
                shown = self.view(await to_thread.run_sync(self.answer, service, form.question()), voice)
            except RefusedError as refused:
                wrong = all_said(refused.wrong, form, voice)
        context = {
            **form_context(form, service, more="more" in given),
            **self.beside,
            "tab": self.tab.name,
            "address": form.address(),
            "answer": shown,
            "wrong": wrong,
            "carried": carried(request.url.query, form.named),
        }
        part = "_answer" if "part" in request.query_params else ""
        return render(request, f"prices/{self.tab.name}{part}.html", voice, context)

    async def file(self, request: Request, kind: str, lang: str | None = None) -> Response:
        """The answer as a file to be kept: a page, a workbook or a picture is made in a process apart.

        Raises:
            RefusedError: a kind that is not made here (404), or whose extra is not installed.
        """
        service, voice = service_of(request), SPOKEN[asked_for(request, lang)]
        given = self.form_of(service, request.query_params).question()
        answer = await to_thread.run_sync(self.answer, service, given)  # what has none is refused here
        if kind in FORMS[self.asks]:
            question = understood(self.asks, given)
            data = await made_apart(request.app.state.workers, question, service, form=kind, voice=voice)
        elif kind in {"json", "csv"}:
            if kind == "csv":
                data = self.document(answer).as_csv(voice).encode()
            else:
                data = json_bytes(answer.to_dict(voice.say, language=voice.name))
        else:
            message = Message("{kinds} expected.", kinds=("json", "csv", *FORMS[self.asks]))
            raise RefusedError([Wrong(None, message)], 404)
        headers = {"Content-Disposition": f'attachment; filename="opqibi-{self.tab.name}.{kind}"'}
        return Response(data, media_type=KINDS[kind], headers=headers)
