"""Reading an OPQIBI certificate live from API Entreprise v3, for the administrations that may.

One call, one answer: nothing is cached, and nothing is asked again, but for a 429 that says how long to wait.
The token goes to the host of the API alone (no redirect is followed) and into no message. Needs the extra
``fetch``.

Source: the OpenAPI description of API Entreprise v3, and the headers of its recorded answers.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pydantic import JsonValue

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.reading.certificate_answer import read_answers
from opqibi_rules.certificate.refusal import Refusal, judge_refusal
from opqibi_rules.certificate.siren import bind
from opqibi_rules.errors import FetchError, FileError, RequestError
from opqibi_rules.identifiers import read_siret
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_BYTES
from opqibi_rules.paper.json_text import number, strict_json
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict

if TYPE_CHECKING:
    import httpx

HOSTS = {"production": "https://entreprise.api.gouv.fr", "staging": "https://staging.entreprise.api.gouv.fr"}
TIMEOUT = 5.0
"""Seconds, for the whole answer: what API Entreprise advises for JSON."""
LONGEST_WAIT = 60.0
"""Seconds: the quota is counted by the minute, so no wait that the server asks for should be longer."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_OK, _TOO_MANY = 200, 429


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, with what its body does not say."""

    answer: Answer
    saved: str
    """The JSON to write to a file, so that ``check-certificate`` knows whom it is about and how old it is."""


class ApiEntreprise:
    """A caller of API Entreprise, for one recipient; keeps within the quota from one call to the next.

    Args:
        token: the bearer token of the authorisation.
        recipient: SIRET of the administration that will use the data.
        context: why data is asked for at all (« Marchés publics »).
        purpose: the very procedure (``object`` of the API).
        host: ``production``, ``staging``, or the address of another server that speaks the same contract.

    Raises:
        RequestError: a malformed token or recipient, an empty context or purpose, or httpx is not installed.
    """

    def __init__(
        self,
        token: str,
        *,
        recipient: str,
        context: str,
        purpose: str,
        host: str = "production",
        timeout: float = TIMEOUT,
        tables: Tables | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        load("httpx", extra="fetch")  # refused here rather than at the first call
        self._token = _well_formed(token)
        self._traces = {
            "recipient": read_siret(recipient),
            "context": _filled(context, "context"),
            "object": _filled(purpose, "object"),
        }
        self._host = HOSTS.get(host, host).rstrip("/")
        self._timeout = timeout
        self._tables = tables or shipped_tables()
        self._clock, self._sleep = clock, sleep
        self._resume_at = 0.0

    def fetch(self, siren: str) -> Fetched:
        """Ask for the certificate of a firm.

        « No certificate known » (404, code 11003) is an answer, and comes back as one.

        Raises:
            RequestError: a malformed SIREN.
            FetchError: anything that says nothing of the certificate: what it is, and what to do about it.
        """
        firm = bind(siren, None).siren
        response, body = self._call(f"/v3/opqibi/unites_legales/{firm}/certification_ingenierie")
        if response.status_code == _TOO_MANY and (wait := _wait(response, self._clock())) is not None:
            self._sleep(wait)
            response, body = self._call(response.request.url.path)
        answer, content = self._read(response, body)
        day = date.fromtimestamp(self._clock())  # noqa: DTZ012 - the user's own calendar day is meant
        saved = {
            "schema_version": 1,
            "fetched_on": day.isoformat(),
            "siren": firm,
            "http_status": response.status_code,
            "host": response.request.url.host,
            "answer": content,
        }
        text = json.dumps(saved, ensure_ascii=False, indent=2) + "\n"
        return Fetched(read_answers(text.encode(), answer.name)[0], text)

    def _call(self, path: str) -> "tuple[httpx.Response, bytes]":
        """One call, within the quota; the whole body, within the time and the size allowed."""
        import httpx  # noqa: PLC0415 - an extra: only those who fetch pay for it

        if (ahead := self._resume_at - self._clock()) > 0:
            self._sleep(min(ahead, LONGEST_WAIT))
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a small answer; compressed, it could hide a huge one
        }
        over, body = time.monotonic() + self._timeout, bytearray()
        try:
            with httpx.stream(
                "GET", f"{self._host}{path}", params=self._traces, headers=headers, timeout=self._timeout
            ) as response:
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        message = Message(
                            "The answer is over {limit} bytes; it is not read.", limit=MAX_BYTES
                        )
                        raise FetchError(message)
                    if time.monotonic() > over:
                        raise httpx.ReadTimeout("an answer that drips")
        except httpx.TimeoutException:
            seconds = f"{self._timeout:g}"
            message = Message("No whole answer within {seconds} s; call again later.", seconds=seconds)
            raise FetchError(message) from None
        except httpx.RemoteProtocolError:
            raise FetchError("The server cut its answer short; call again in a minute.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(
                "{host} cannot be reached: {problem}.", host=self._host, problem=str(error)[:200]
            ) from None
        if response.headers.get("RateLimit-Remaining") == "0":
            self._resume_at = _number(response.headers.get("RateLimit-Reset")) or 0.0
        return response, bytes(body)

    def _read(self, response: "httpx.Response", body: bytes) -> tuple[Answer, JsonValue]:
        """The answer of a response, where it is one about the certificate, and its body as parsed.

        Raises:
            FetchError: it is not.
        """
        status, catalogue = response.status_code, self._tables.api_errors
        try:
            (answer,) = read_answers(body, response.request.url.host)
            # A register writes JSON; what had to be mended was cut or changed.
            content = strict_json(body, answer.name, numbers=number)
        except (FileError, ValueError):
            advice = catalogue.advice(None, status).text
            raise FetchError(
                "HTTP {status}, and a body that is no answer. {advice}", status=status, advice=advice
            ) from None
        if isinstance(answer.content, Refusal):
            verdict, reason, remarks = judge_refusal(answer.content, status, catalogue)
            if verdict is not Verdict.NO:
                advice = catalogue.advice(None, status).text
                told = tuple(remark.message for remark in remarks)
                told = told or (Message("{what} {advice}", what=reason.message, advice=advice),)
                raise FetchError("HTTP {status}: {told}", status=status, told=told)
        elif not isinstance(answer.content, Certificate) or status != _OK:
            raise FetchError(
                "HTTP {status}, and a body that is not the one expected: not trusted.", status=status
            )
        return answer, content


def _well_formed(token: str) -> str:
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise RequestError("The token is empty or malformed; copy it whole from your account.")
    return token


def _filled(text: str, name: str) -> str:
    if not text.strip():
        raise RequestError("--{name} is empty; API Entreprise wants to know why data is asked.", name=name)
    return text.strip()


def _wait(response: "httpx.Response", now: float) -> float | None:
    """How long a 429 asks to wait; ``None`` where it does not say, or asks for longer than any quota lasts."""
    wait = _number(response.headers.get("Retry-After"))
    if wait is None and (reset := _number(response.headers.get("RateLimit-Reset"))) is not None:
        wait = max(reset - now, 0.0)
    return wait if wait is not None and wait <= LONGEST_WAIT else None


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None
