"""Reading an OPQIBI certificate live from API Entreprise v3, for the administrations that may.

One call, one answer: nothing is cached, and nothing is asked again, but for a 429 that says how long to wait.
The token goes to the host of the API alone (no redirect is followed) and into no message. Needs the extra
``fetch``.

Source: the OpenAPI description of API Entreprise v3, and the headers of its recorded answers.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.reading.certificate_answer import read_answers
from opqibi_rules.certificate.reading.quota import LONGEST_WAIT, Quota, waiting
from opqibi_rules.certificate.reading.whole_answer import Caller, WholeAnswer
from opqibi_rules.certificate.refusal import Refusal, judge_refusal
from opqibi_rules.certificate.siren import bind
from opqibi_rules.errors import FetchError, FileError, RequestError
from opqibi_rules.identifiers import has_right_key, read_siret
from opqibi_rules.messages import Message
from opqibi_rules.paper.json_text import strict_json
from opqibi_rules.paper.text import decoded
from opqibi_rules.tables.api_errors import Advice, ApiErrors
from opqibi_rules.tables.library import Tables, shipped_tables
from opqibi_rules.verdict import Verdict

HOSTS = {"production": "https://entreprise.api.gouv.fr", "staging": "https://staging.entreprise.api.gouv.fr"}

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_OK, _TOO_MANY = 200, 429


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, with what its body does not say."""

    answer: Answer
    saved: str
    """The JSON to write to a file, so that ``check-certificate`` knows whom it is about, how old it is and which
    server gave it (that of staging makes its data up). The body stands in it as it was received."""


class ApiEntreprise:
    """A caller of API Entreprise, for one recipient; several threads may share it.

    Args:
        token: the bearer token of the authorisation.
        recipient: SIRET of the administration that will use the data.
        context: why data is asked for at all (« Marchés publics »).
        purpose: the very procedure (``object`` of the API).
        host: ``production``, ``staging``, or the address of another server that speaks the same contract.
        quota: that of the token, where several callers share it; else the published one, for this caller alone.
        timeout: seconds for a whole call, from the search for the host to the last byte; else as published.

    Raises:
        RequestError: a malformed token or recipient, an empty context or purpose, a proxy or authorities that the
            environment names and that cannot be used, or httpx is not installed.
    """

    def __init__(
        self,
        token: str,
        *,
        recipient: str,
        context: str,
        purpose: str,
        host: str = "production",
        quota: Quota | None = None,
        timeout: float | None = None,
        tables: Tables | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._catalogue = (tables or shipped_tables()).api_errors
        limits = self._catalogue.limits
        self._caller = Caller(limits.answer_seconds if timeout is None else timeout)
        self._token = _well_formed(token)
        self._traces = {
            "recipient": _recipient(recipient),
            "context": _filled(context, "context"),
            "object": _filled(purpose, "purpose"),
        }
        self._host = HOSTS.get(host, host).rstrip("/")
        self._quota = quota or Quota.of(limits.quota)
        self._clock = clock

    def fetch(self, siren: str) -> Fetched:
        """Ask for the certificate of a firm.

        « No certificate known » (404, code 11003) is an answer, and comes back as one.

        Raises:
            RequestError: a malformed SIREN, or that of the recipient.
            FetchError: anything that says nothing of the certificate: what it is, what to do about it, whether any
                other firm would meet it too, and how long the server asks to wait.
        """
        firm = bind(siren, None).siren or ""
        if self._traces["recipient"].startswith(firm):
            raise RequestError(
                "The recipient is the firm asked about; give the administration that will use the data.",
                field="recipient",
            )
        heard, wait = self._ask(firm)
        if heard.status == _TOO_MANY and wait is not None and wait <= LONGEST_WAIT:
            heard, wait = self._ask(firm)  # the quota waits as long as it was told
        text = _read(heard, wait, self._catalogue)
        day = date.fromtimestamp(self._clock())  # noqa: DTZ012 - the user's own calendar day is meant
        head = {
            "schema_version": 1,
            "fetched_on": day.isoformat(),
            "siren": firm,
            "http_status": heard.status,
            "host": heard.host,
        }
        # The body is evidence: its numbers and its characters stay as they came.
        saved = f'{json.dumps(head, indent=2)[:-2]},\n  "answer": {text}\n}}\n'
        try:
            return Fetched(read_answers(saved.encode(), heard.host)[0], saved)
        except FileError as error:  # about another firm; or too deep or too large, now that it is wrapped
            raise _unusable(heard, wait, self._catalogue, error.mistakes[0].message) from None

    def _ask(self, firm: str) -> tuple[WholeAnswer, float | None]:
        """One call, within the quota, and how many seconds the server asks to wait."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            "User-Agent": "opqibi-rules",
            "Accept-Encoding": "identity",  # a small answer; compressed, it could hide a huge one
        }
        url = f"{self._host}/v3/opqibi/unites_legales/{firm}/certification_ingenierie"
        with self._quota.turn():
            heard = self._caller.get(url, params=self._traces, headers=headers)
            return heard, self._quota.hear(heard.headers, refused=heard.status == _TOO_MANY)


def _well_formed(token: str) -> str:
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise RequestError("The token is empty or malformed; copy it whole from your account.")
    return token


def _recipient(text: str) -> str:
    siret = read_siret(text)
    if not has_right_key(siret):
        raise RequestError(
            "The key of {siret} is not right: API Entreprise takes no such recipient; check its digits.",
            siret=siret,
            field="recipient",
        )
    return siret


def _filled(text: str, name: str) -> str:
    if not text.strip():
        raise RequestError("Empty; API Entreprise wants to know why data is asked.", field=name)
    return text.strip()


_NO_ANSWER = Message("the body is no answer.")


def _read(heard: WholeAnswer, wait: float | None, catalogue: ApiErrors) -> str:
    """The body of a response as text, where it is an answer about a certificate.

    Raises:
        FetchError: it says nothing of the certificate.
    """
    if strange := _strange(heard):
        raise _unusable(heard, wait, catalogue, strange)
    try:
        (answer,) = read_answers(heard.body, heard.host)
        # A register writes JSON; what had to be mended was cut or changed.
        content = strict_json(heard.body, heard.host)
        text = decoded(heard.body, heard.host).strip()
    except (FileError, ValueError):
        raise _unusable(heard, wait, catalogue, _NO_ANSWER) from None
    if isinstance(answer.content, Refusal):
        refusal = answer.content
        verdict, reason, remarks = judge_refusal(refusal, heard.status, catalogue)
        if verdict is not Verdict.NO:
            advices = [catalogue.advice(error.code, heard.status) for error in refusal.errors]
            waits = [wait] if wait is not None else list(_retry_in(content))
            if not remarks:
                raise _unusable(heard, wait, catalogue, reason.message)
            raise _failure(heard, [remark.message for remark in remarks], advices, max(waits, default=None))
    elif not isinstance(answer.content, Certificate) or heard.status != _OK:
        raise _unusable(heard, wait, catalogue, Message("the body is not the one expected: not trusted."))
    return text


def _strange(heard: WholeAnswer) -> Message | None:
    """What a response is that cannot come from the API, whatever its body."""
    if 300 <= heard.status < 400:
        place = heard.headers.get("Location") or "—"
        return Message(
            "the server sends elsewhere ({place}), where the token is not taken; a network that wants a login first "
            "does so.",
            place=place[:200],
        )
    encoding = heard.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        return Message(
            "the body is compressed ({encoding}), which was not asked; it is not read.",
            encoding=encoding[:40],
        )
    if not heard.body.strip():
        return Message("there is no body, so that nothing is said of a certificate.")
    if heard.body.lstrip()[:1] == b"<":
        return Message(
            "a web page stands in the place of the answer; it comes from a proxy or a gateway on the way, not from "
            "the register."
        )
    return None


def _retry_in(content: object) -> Iterator[float]:
    """The seconds to wait that errors give (``meta.retry_in``)."""
    errors = content.get("errors") if isinstance(content, dict) else None
    for error in errors if isinstance(errors, list) else []:
        meta = error.get("meta") if isinstance(error, dict) else None
        seconds = meta.get("retry_in") if isinstance(meta, dict) else None
        if isinstance(seconds, str) and re.fullmatch("[0-9]{1,9}", seconds):
            yield float(seconds)


def _unusable(heard: WholeAnswer, wait: float | None, catalogue: ApiErrors, what: Message) -> FetchError:
    """A response that names no error: what it is, and what its status advises where a later call may do better."""
    advice = catalogue.advice(None, heard.status)
    told = Message("{what} {advice}", what=what, advice=advice.text) if advice.retry else what
    return _failure(heard, [told], [advice], wait)


def _failure(
    heard: WholeAnswer, told: Sequence[Message], advices: Sequence[Advice], wait: float | None
) -> FetchError:
    said = told[0]
    for more in (*told[1:], *([] if wait is None else [waiting(wait)])):
        said = Message("{what} {advice}", what=said, advice=more)
    error = FetchError("HTTP {status}: {told}", status=heard.status, told=said)
    error.retry_in = wait
    error.every_call = any(advice.every_call for advice in advices)
    return error
