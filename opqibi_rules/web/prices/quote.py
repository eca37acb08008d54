"""« Devis »: the price of an event, at the address of the page itself; whole without any script."""

from dataclasses import replace

from opqibi_rules.desk.requests import QuoteRequest, understood
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.explanation import explain
from opqibi_rules.price.papers.quote_document import estimate, quote_document, quote_title
from opqibi_rules.price.quote import Quote
from opqibi_rules.web.page_parts import Asking, sum_names
from opqibi_rules.web.pages import EMBED, QUOTE, in_both_languages
from opqibi_rules.web.prices.drawings import turnover_lines
from opqibi_rules.web.prices.question_form import QuestionForm


def quote_view(answer: Quote, voice: Language) -> Json:
    """A quote as its page shows it: its own JSON, the lines under their fees, and the calculation."""
    content = answer.to_dict(voice.say, language=voice.name)
    steps = explain(answer)
    content["title"] = voice.say(quote_title(answer))
    content["fees"] = [
        {
            "name": fee.title,
            "lines": [line for line in content["lines"] if line["fee"] == fee.id],
            "subtotal": content["subtotals"][fee.id],
            "steps": [step for step in steps if step.fee == fee],
        }
        for fee in answer.fees
    ]
    content["estimate"] = voice.say(estimate([answer.schedule]))
    content["curves"] = turnover_lines(answer, voice)
    content |= sum_names(answer, voice)
    return content


_ASKED = Asking(
    QUOTE,
    QuoteRequest,
    lambda service, given: QuestionForm.read(QuoteRequest, given, service.tables, service.today(), day="on"),
    lambda service, given: service.quote(understood(QuoteRequest, given)),
    quote_view,
    quote_document,
)
router = _ASKED.router
in_both_languages(router, EMBED)(replace(_ASKED, tab=EMBED).page)
in_both_languages(router, EMBED, "POST")(replace(_ASKED, tab=EMBED).page)
