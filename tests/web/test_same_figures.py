"""Every figure on the page equals the command line's, over two hundred questions drawn at random."""

import json
import random
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from opqibi_rules.money import parse_amount
from opqibi_rules.paper.language import Language
from tests.cli.running import asked

CASES = 200
TERRITORIES = ("metropolitan", "guadeloupe", "reunion", "guyane", "mayotte", "eu")
CODES = ("0607", "1202", "1717", "1905", "1911", "0317")


def drawn(chance: random.Random) -> tuple[list[tuple[str, str]], list[str]]:
    """One question, as an address and as options."""
    event = chance.choice(("first", "renewal", "control"))
    query: list[tuple[str, str]] = [("event", event)]
    options = ["--event", event]
    for tariff in chance.sample(range(1, 8), chance.randint(1, 4)):
        count = str(chance.randint(1, 20))
        query.append((f"t{tariff}", count))
        options += ["-t", f"{tariff}={count}"]
    for code in chance.sample(CODES, chance.randint(0, 3)):
        named, short, option = f"{code}:{chance.randint(1, 7)}", *chance.choice((("q", "-q"), ("p", "-p")))
        query.append((short, named))
        options += [option, named]
    if event == "control" and chance.random() < 0.5:
        query.append(("n5", "2"))
        options += ["--new-tariff", "5=2"]
    if event != "control" and chance.random() < 0.9:
        cents = chance.choice((chance.randint(0, 10**8), chance.randint(0, 10**10), 22_500_000, 80_000_000))
        turnover = f"{cents // 100},{cents % 100:02d}"
        query.append(("turnover", turnover))
        options += ["--turnover", turnover]
    vat = chance.choice(TERRITORIES)
    return [*query, ("vat", vat), ("on", "2026-03-02")], [*options, "--vat", vat, "--date", "2026-03-02"]


def amounts(page: str) -> list[str]:
    """Every amount in the cells of the page's table, in plain notation."""
    cells = re.findall(r'<td class="amount"[^>]*>([^<]*)</td>', page)
    return [str(parse_exact(unescape(cell))) for cell in cells]


def parse_exact(cell: str) -> Any:
    """An amount as the page writes it; those of article III may be exact beyond the cent."""
    text = re.sub(r"[\s€]", "", cell)
    whole, _, decimals = text.partition(",")
    if len(decimals) <= 2:
        return parse_amount(text)
    return f"{whole}.{decimals}"


@pytest.mark.long
def test_the_page_gives_the_figures_of_the_command_line(client: TestClient) -> None:
    chance = random.Random(20240208)
    french = Language("fr")
    for _ in range(CASES):
        query, options = drawn(chance)
        told = json.loads(asked("quote", *options, "--format", "json").out)
        page = client.get(f"/?{urlencode(query)}&part=answer").text
        shown = amounts(page)
        expected = [line["amount"] for line in told["lines"]]
        expected += [amount for amount in told["subtotals"].values() if amount is not None]
        expected += [told["total_excl_vat"], told["vat"], told["total_incl_vat"]]
        assert sorted(shown) == sorted(expected), (query, options)
        for note in told["notes"]:
            assert len(note) > 10
        sentences = asked("quote", *options, "--format", "table").out
        total = french.amount(parse_amount(told["total_incl_vat"]))
        assert total in unescape(page)
        assert total in sentences
