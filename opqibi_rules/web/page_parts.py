"""What the tabs share: the fields of a form, what is wrong with them, and files to be kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from anyio import to_thread
from fastapi import Response

from opqibi_rules.desk.answering import Desk, told
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.price.question import EVENT_NAMES
from opqibi_rules.web.quote_form import QuoteForm, Row

_KINDS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "ics": "text/calendar; charset=utf-8",
}


def form_context(form: QuoteForm, desk: Desk) -> dict[str, Any]:
    """What the fields of a quote need: prices by tariff, known codes, territories."""
    schedule = desk.tables.schedules[-1]
    rows = list(form.rows) or [Row()]
    return {
        "form": form,
        "rows": rows,
        "schedule": schedule,
        "events": EVENT_NAMES,
        "entries": list(desk.tables.nomenclature.entries.values()),
        "territories": [rules[0] for rules in desk.tables.vat.rules.values()],
    }


def without_options(text: str) -> str:
    """A sentence of the core without the command-line options that it names in brackets.

    On the page, the field stands before the reader's eyes.
    """
    start = text.find(" (--")
    if start < 0:
        return text
    end = text.find(")", start)
    return text[:start] + text[end + 1 :]


def _by_code(wrong: Sequence[Wrong]) -> list[Wrong]:
    """Codes without a known tariff are asked for where they stand."""
    found = []
    for item in wrong:
        if "ways" not in item.reason.values:
            found.append(item)
            continue
        found += [
            Wrong(
                item.field,
                Message(
                    "The published schedule does not give the tariff code of {code}: choose it beside the code "
                    "(it stands in the OPQIBI nomenclature, and on your last invoice).",
                    code=code,
                ),
            )
            for code in item.reason.values["codes"]
        ]
    return found


def shown_answers(answers: list[Any]) -> list[Any]:
    """The answers of a worker, their warnings without command-line options."""
    for answer in answers:
        for warning in answer.get("warnings", ()):
            warning["message"] = without_options(warning["message"])
    return answers


def said_on_page(item: Wrong, form: QuoteForm, voice: Language) -> dict[str, str | None]:
    """What is wrong, and the input where it can be mended."""
    named = item.reason.values.get("code")
    place = next((f"code-{index}" for index, row in enumerate(form.rows) if row.code == named), None)
    return {"input": place or form.input_of(item.field), "reason": without_options(voice.say(item.reason))}


def all_said(wrong: Sequence[Wrong], form: QuoteForm, voice: Language) -> list[dict[str, str | None]]:
    """All that is wrong, each at the input where it can be mended."""
    return [said_on_page(item, form, voice) for item in _by_code(wrong)]


async def download(forms: Mapping[str, Callable[[], bytes]], kind: str, name: str) -> Response:
    """A file to be kept, made off the event loop.

    Raises:
        RefusedError: a kind that is not made here (404), or whose extra is not installed.
    """
    if kind not in forms:
        message = Message("{kinds} expected.", kinds=tuple(forms))
        raise RefusedError([Wrong(None, message)], 404)
    data = await to_thread.run_sync(lambda: told(forms[kind], {}))
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(data, media_type=_KINDS[kind], headers=headers)
