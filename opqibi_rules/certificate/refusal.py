"""An answer that is an error: what it means for a certificate, and what to do about it.

One error says that no certificate is known: 404 with the code 11003. All others say nothing of the
certificate; taking an outage or a refused token for « no certificate » is the mistake to avoid.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BeforeValidator

from opqibi_rules.certificate.reading.answer_fields import Words, called
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.messages import Message, Text
from opqibi_rules.tables.api_errors import ApiErrors
from opqibi_rules.verdict import Verdict

_NOT_FOUND = 404


def _provider(meta: object) -> str | None:
    named = meta.get("provider") if isinstance(meta, dict) else None
    return None if named is None else str(named)


@dataclass(frozen=True, slots=True)
class ApiError:
    """One error of an answer; ``None`` wherever it says nothing."""

    code: Words = None
    title: Words = None
    detail: Words = None
    provider: Annotated[Words, BeforeValidator(_provider), called("meta")] = None
    """Whose answer it tells of."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error body: one error, several, or none that can be named."""

    errors: tuple[ApiError, ...]


def judge_refusal(
    refusal: Refusal, http_status: int | None, catalogue: ApiErrors
) -> tuple[Verdict, Reason, tuple[Reason, ...]]:
    """What an error body means, why, and what to do about each of its errors.

    It says that no certificate is known with one voice, and under the status that goes with it (if one is known).
    """
    absent = catalogue.no_certificate if http_status in {None, _NOT_FOUND} else frozenset()
    unlike = [
        error
        for error in refusal.errors
        if error.code not in absent or catalogue.is_of_another(error.code, error.provider)
    ]
    remarks = tuple(
        Reason(
            "error-is-no-answer" if error in unlike else "no-certificate-known",
            Message("{what} {advice}", what=_told(error), advice=_advised(error, http_status, catalogue)),
        )
        for error in refusal.errors
    )
    if not refusal.errors:
        message = Message("The answer is an error that names no cause.")
    elif not unlike:
        message = Message("No certificate was known for this firm on the day of the call.")
        return Verdict.NO, Reason("no-certificate-known", message), remarks
    else:
        first = unlike[0]
        if first.title is not None:
            first = replace(first, detail=None)  # the remark on it tells it whole
        message = Message("The answer is an error, not a certificate: {what}", what=_told(first))
    return Verdict.UNDETERMINED, Reason("error-is-no-answer", message), remarks


def _advised(error: ApiError, http_status: int | None, catalogue: ApiErrors) -> Text | Message:
    if error.code in catalogue.no_certificate and http_status not in {None, _NOT_FOUND}:
        return Message(
            "This code says that no certificate is known, and HTTP {status} says otherwise: conclude nothing.",
            status=http_status,
        )
    if catalogue.is_of_another(error.code, error.provider):
        return Message(
            "It speaks of another register ({provider}), and says nothing of OPQIBI.", provider=error.provider
        )
    advice = catalogue.advice(error.code, http_status)
    if not advice.access:
        return advice.text
    access = catalogue.access
    return Message(
        "{advice} {access} Source: {document}, {address}",
        advice=advice.text,
        access=access.text,
        document=access.sources[0].document,
        address=access.sources[0].address,
    )


def _told(error: ApiError) -> Message:
    """An error in its own words."""
    text = " — ".join(part.strip() for part in (error.title, error.detail) if part and part.strip()) or "—"
    if error.code is None:
        return Message("« {text} ».", text=text)
    return Message("{code}, « {text} ».", code=error.code, text=text)
