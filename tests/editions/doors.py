"""The doors, as the tests of editions knock at them: command line, HTTP and page in this process, assistants."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.cli import running
from tests.cli.running import Outcome, plain
from tests.editions.pinned import Pinned
from tests.editions.pinned_command import pinned
from tests.editions.worked import EDITIONS, LATER, Edition
from tests.web.serving import ROOT, environment

__all__ = [
    "BY_NAME", "EDITIONS", "LATER", "Edition", "asked", "assistant", "client_of", "command", "euros", "fees_of", "json_of",
    "pairs", "same_amounts", "tables_of", "text_of",
]  # fmt: skip

BY_NAME = {edition.name: edition for edition in EDITIONS}


def tables_of(edition: Edition) -> Pinned:
    return Pinned(Path(edition.folder))


def asked(*arguments: str) -> Outcome:
    """``opqibi-fees ARGUMENTS`` with the schedule of 2024 and one's own, whatever is shipped."""
    with pinned():
        return running.asked(*arguments)


def command(edition: Edition, name: str, *arguments: str, lang: str = "en") -> Outcome:
    """``opqibi-fees NAME ARGUMENTS``, in English, with the schedule of the edition; a fault of ours is no answer."""
    outcome = asked(name, *arguments, "--tables", edition.folder, "--lang", lang)
    assert outcome.code != 4, outcome.err
    assert "Traceback" not in outcome.err
    return outcome


def json_of(edition: Edition, name: str, *arguments: str, code: int = 0) -> Any:
    """The JSON of a command, which ends with ``code`` and says nothing else."""
    outcome = command(edition, name, *arguments, "--format", "json")
    assert outcome.code == code, outcome
    return json.loads(outcome.out)


def client_of(edition: Edition, today: date | None = None) -> TestClient:
    """The page and the HTTP API, on a day when the schedule is in force unless ``today`` says otherwise."""
    from opqibi_rules.web.app import create_app
    from opqibi_rules.web.settings import Settings

    day = today or date.fromisoformat(edition.on)
    return TestClient(
        create_app(Settings(tables=tables_of(edition), today=lambda: day)), base_url="http://127.0.0.1"
    )


def assistant(edition: Edition, *calls: tuple[str, Mapping[str, Any]]) -> list[Any]:
    """What the tools of ``opqibi-fees mcp`` answer to these calls, by their own protocol."""

    async def talk() -> list[Any]:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "tests.editions.pinned_command", "mcp", "--lang", "en", "--tables", edition.folder],
            env=environment(),
            cwd=ROOT,
        )
        async with Client(stdio_client(parameters)) as talking:
            return [await talking.call_tool(name, dict(arguments)) for name, arguments in calls]

    return asyncio.run(talk())


def fees_of(edition: Edition, on: str) -> list[str]:
    """The ids of the fees in force on a day: those of the edition, or of 2024 before it."""
    if edition.name == "later" and on < "2027-01-01":
        return list(LATER.fees)  # those of 2024 bear the same ids
    return list(edition.fees)


def text_of(page: str) -> str:
    """The text of a page, with ordinary spaces."""
    return re.sub(r"\s+", " ", plain(unescape(re.sub(r"<[^>]*>", " ", page))))


def euros(amount: str) -> str:
    """« 1897.50 » as English prints it: « €1,897.50 »."""
    sign, digits = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, _, cents = digits.partition(".")
    return f"{sign}€{int(whole):,}.{cents}"


def pairs(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The lines of a quote as (fee.part, amount)."""
    return tuple((f"{line['fee']}.{line['part']}", line["amount"]) for line in found["lines"])


def same_amounts(found: Mapping[str, Any], price: Any, fees: list[str]) -> None:
    """The JSON of a quote holds what was worked by hand, and nothing for the fees that the event does not bear."""
    assert found["schema_version"] == 1
    assert (found["event"], found["date"]) == (price.event, price.on)
    assert found["subtotals"] == {fee: price.subtotals.get(fee) for fee in fees}
    sums = [found[name] for name in ("total_excl_vat", "vat_rate", "vat", "total_incl_vat")]
    assert sums == [price.total, "0.20", price.vat, price.incl]
    assert (found["complete"], found["missing"]) == (not price.missing, price.missing)
    if price.parts:
        assert pairs(found) == price.parts


def parties_of(edition: Edition, folder: Path) -> str:
    """A file of parties, its seller the body of the edition."""
    known = Path(__file__).parents[1] / "invoice" / "papers" / "parties.yaml"
    path = folder / "parties.yaml"
    seller = edition.invoices[0].seller
    path.write_text(known.read_text("utf-8").replace("name: OPQIBI", f"name: {seller}"), "utf-8")
    return str(path)
