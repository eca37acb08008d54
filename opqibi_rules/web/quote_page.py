"""« Devis »: the price of an event, at the address of the page itself; whole without any script."""

from functools import partial

from fastapi import APIRouter, Request, Response

from opqibi_rules.desk.requests import QuoteRequest, understood
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.explanation import explain
from opqibi_rules.price.papers.forms import quote_forms
from opqibi_rules.price.papers.quote_document import quote_document, quote_title
from opqibi_rules.price.quote import Quote
from opqibi_rules.web.api import service_of
from opqibi_rules.web.drawings import turnover_lines
from opqibi_rules.web.languages import SPOKEN, asked_for
from opqibi_rules.web.page_parts import download, incomplete, question_page
from opqibi_rules.web.pages import QUOTE, in_both_languages
from opqibi_rules.web.question_form import QuestionForm

router = APIRouter(include_in_schema=False)


def _form_of(request: Request) -> QuestionForm:
    """The form that the address holds."""
    service = service_of(request)
    return QuestionForm.read(QuoteRequest, request.query_params, service.tables, service.today(), day="on")


@in_both_languages(router, QUOTE)
async def quote_page(voice: Language, request: Request) -> Response:
    """The quote that the address asks for, under its form."""

    async def view(given: Json) -> Json:
        question = understood(QuoteRequest, given)
        return quote_view(service_of(request).quote(question), voice)

    return await question_page(request, voice, QUOTE, _form_of(request), view)


def quote_view(answer: Quote, voice: Language) -> Json:
    """A quote as its page shows it: its own JSON, the lines under their fees, and the calculation."""
    content = answer.to_dict(voice.say, language=voice.name)
    steps = explain(answer)
    content["title"] = quote_title(answer)
    content["fees"] = [
        {
            "name": fee.title,
            "lines": [line for line in content["lines"] if line["fee"] == fee.id],
            "subtotal": content["subtotals"][fee.id],
            "steps": [step for step in steps if step.fee == fee],
        }
        for fee in answer.fees
    ]
    content["curves"] = turnover_lines(answer, voice)
    content["incomplete"] = incomplete(answer.missing, answer.schedule, voice)
    return content


@router.get("/quote.{kind}")
async def quote_file(request: Request, kind: str, lang: str | None = None) -> Response:
    """The quote of the address as a file."""
    service, voice = service_of(request), SPOKEN[asked_for(request, lang)]
    answer = service.quote(understood(QuoteRequest, _form_of(request).question()))
    return await download(
        "opqibi-quote",
        kind,
        voice,
        document=partial(quote_document, answer),
        content=lambda machine: answer.to_dict(machine.say, language=machine.name),
        forms=quote_forms(answer, voice, made_on=service.today()),
    )
