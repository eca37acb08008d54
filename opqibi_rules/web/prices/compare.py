"""« Comparer »: the same years with one thing changed, each choice beside the first."""

from collections.abc import Iterator

from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import CompareRequest, PlanRequest, understood
from opqibi_rules.desk.service import Compared, Service
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.papers.quote_document import estimate
from opqibi_rules.web.page_parts import Asking
from opqibi_rules.web.pages import COMPARE
from opqibi_rules.web.prices.question_form import Given, QuestionForm, number_typed

ASKS = {
    "one": Message("What one more of anything costs"),
    "add": Message("When to ask for something new"),
    "drop": Message("Whether to keep something"),
    "other": Message("Another choice, beside this one"),
}
_COUNTS = {"add": ("a", "add_tariffs"), "drop": ("d", "drop_tariffs"), "other": ("b", "tariffs")}
"""What is compared: the inputs of its counts, and the field that they fill."""


_NOTHING = {
    "add": Message("Say what would be asked for."),
    "drop": Message("Say what would be given up."),
    "other": Message("Say what the other choice would be."),
}


class CompareForm(QuestionForm):
    """A plan, and what is compared about it."""

    __slots__ = ()

    @property
    def ask(self) -> str:
        """Which of the questions."""
        given = self.text("ask")
        return given if given in ASKS else "one"

    def question(self) -> Json:
        """The question as the API takes it.

        Raises:
            RefusedError: as of any form; or what is to be compared is none of what is.
        """
        if (given := self.text("ask")) and given not in ASKS:
            message = Message("« {name} » is not one of {known}.", name=given[:40], known=tuple(ASKS))
            raise RefusedError([Wrong("ask", message)])
        asked = super().question()
        if self.ask not in _COUNTS:
            return asked
        prefix, field = _COUNTS[self.ask]
        if not self.text(self.ask) and not any(text.strip("0") for text in self.counts(prefix).values()):
            raise RefusedError([Wrong("changes", _NOTHING[self.ask])])
        counts = {tariff: number_typed(text) for tariff, text in self.counts(prefix).items()}
        if self.ask == "other":
            named = ("qualifications", "probationary")
            return {
                **asked,
                "others": [{**{key: asked[key] for key in asked if key not in named}, field: counts}],
            }
        return {**asked, field: counts, self.ask: self.text(self.ask).replace(",", " ").split()}

    def input_of(self, field: str | None) -> str | None:
        """The identifier of the input that a field of the question comes from."""
        name, _, place = (field or "").replace("[", ".").rstrip("]").partition(".")
        if name == "others":
            inside = place.partition(".")[2]
            counts, _, tariff = inside.partition(".")
            return (
                f"b{tariff or self.schedule.tariffs[0]}" if counts == "tariffs" else super().input_of(inside)
            )
        for prefix, counts in _COUNTS.values():
            if name == counts and name != "tariffs":
                return f"{prefix}{place or self.schedule.tariffs[0]}"
        if name in {"changes", "unpriced"} and self.ask in _COUNTS:
            return self.ask if self.text(self.ask) else f"{_COUNTS[self.ask][0]}{self.schedule.tariffs[0]}"
        return name if name in {"add", "drop"} else super().input_of(field)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        yield "ask", self.ask
        if self.ask in _COUNTS:
            prefix, _ = _COUNTS[self.ask]
            yield from ((f"{prefix}{tariff}", text) for tariff, text in self.counts(prefix).items())
            yield self.ask, self.text(self.ask)
        yield from super()._pairs()


def _form(service: Service, given: Given) -> CompareForm:
    return CompareForm.read(PlanRequest, given, service.tables, service.today(), day="start")


def _view(answer: Compared, voice: Language) -> Json:
    """The choices as their page shows them."""
    content = answer.document.said(voice)
    content["estimate"] = voice.say(estimate(answer.schedules))
    return content


router = Asking(
    COMPARE,
    CompareRequest,
    _form,
    lambda service, given: service.compare(understood(CompareRequest, given)),
    _view,
    lambda answer: answer.document,
    {"asks": ASKS},
).router
