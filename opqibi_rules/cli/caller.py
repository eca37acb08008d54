"""Calling API Entreprise from the command line: the token, what is said on the way, one quota for all calls."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from opqibi_rules.cli.result import note
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.text import decoded
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.certificate.reading.api_entreprise_client import ApiEntreprise

TOKEN = "API_ENTREPRISE_TOKEN"  # noqa: S105 - the name of the variable
LONGEST_OBJECT = 49


def caller(
    tables: Tables,
    say: Say,
    *,
    recipient: str,
    context: str,
    purpose: str,
    token_file: str | None,
    staging: bool,
) -> "ApiEntreprise":
    """What calls, within one quota; it tells aside what is odd, and how long it waits.

    Raises:
        RequestError: no token, or what is asked with it does not hold together.
    """
    from opqibi_rules.certificate.reading.api_entreprise_client import ApiEntreprise
    from opqibi_rules.certificate.reading.quota import Quota, waiting

    def wait(seconds: float) -> None:
        note(say(waiting(seconds)))
        time.sleep(seconds)

    token = _token(token_file, tables)
    if len(purpose) > LONGEST_OBJECT:
        note(say(Message("--object has {n} characters; the API documents fewer than 50.", n=len(purpose))))
    if staging:
        note(say(Message("The staging server makes its data up: its answers prove nothing.")))
    return ApiEntreprise(
        token,
        recipient=recipient,
        context=context,
        purpose=purpose,
        host="staging" if staging else "production",
        quota=Quota.of(tables.api_errors.limits.quota, sleep=wait),
        tables=tables,
    )


def _token(file: str | None, tables: Tables) -> str:
    """The token, from a file or from the environment; never from the command line, which others can read."""
    if file is not None:
        return decoded(file_bytes(Path(file)), file)
    token = os.environ.get(TOKEN)
    if not token:
        raise RequestError(
            "No token: put it in {variable}, or in a file named by --token-file. {access}",
            variable=TOKEN,
            access=tables.api_errors.access.text,
        )
    return token
