"""Whatever a parsed answer holds, it is judged, or refused by one of our errors: never by another exception.

The values are made by a generator of fixed seed: samples of every dialect, each changed in none to four places.
``python -m tests.certificate.test_mutated_values 20000`` runs as many as are asked for.
"""

import copy
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import opqibi_rules as opqibi
from opqibi_rules.certificate.papers.certificate_document import flat_document, passe_marche, report_document
from opqibi_rules.errors import OpqibiError
from opqibi_rules.paper.language import Language
from opqibi_rules.tables.library import Tables

ANSWERS = Path(__file__).parents[1] / "answers"
SAMPLES: list[Any] = [
    json.loads((ANSWERS / name).read_text("utf-8"))
    for name in ("v3_two_lists.json", "opqibi_raw.json", "agence_bio_live.json")
]
SAMPLES += [
    {"fetched_on": "2024-05-06", "siren": "732829320", "http_status": 200, "host": "x", "answer": SAMPLES[0]},
    {"errors": [{"code": "11003", "title": "Entité non trouvée", "detail": "x", "meta": {}}]},
    {"errors": ["Une phrase"]},
    [SAMPLES[0], {"errors": [{"code": "00429"}]}],
]
VALUES: list[Any] = [
    None, "", " ", "string", "\ud800", "a\udfff", "\x00", "\x1b[2J", "x" * 5000, "é" * 300, "0316", "19.05", "9999",
    "2024-03-01", "2024-02-30", "0000-00-00", "9999-12-31", "2999-12-31", "1900-01-01", "01/03/2024", "31/02/2024",
    "2024-03-01T00:00:00Z", "valable un an", "ENGAGEE", "732829320", "73282932000074", "000000000", "11003",
    0, 1, -1, 1905, 10**400, 2**63, 1.5, float("nan"), float("inf"), True, False, [], {}, [[]], [None], {"": None},
    (1, 2), {1905}, b"1905", date(2024, 3, 1), object(), {1: 2}, {None: 1}, {("a",): 1}, Ellipsis,
    {"date_delivrance_certificat": "2024-03-01"}, {"certificats": [{}]}, {"answer": {}, "fetched_on": "2024-01-01"},
]  # fmt: skip
DAYS = [date(1, 1, 1), date(2024, 2, 29), date(2024, 6, 1), date(2024, 12, 31), date(9999, 12, 31)]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key of a value, its own parts included."""
    if isinstance(value, dict):
        keys: list[Any] = list(value)
    else:
        keys = list(range(len(value))) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from places(value[key])


def mutated(chance: random.Random) -> Any:
    value = copy.deepcopy(chance.choice(SAMPLES))
    for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3, 4])):
        found = list(places(value))
        if not found:
            break
        inside, key = chance.choice(found)
        match chance.randrange(5):
            case 0:
                del inside[key]
            case 1 if isinstance(inside, list):
                inside.append(copy.deepcopy(inside[key]))
            case 2 if isinstance(inside, dict):
                inside[chance.choice([str(key).upper(), f"{key}s", "data", "errors", 1])] = inside.pop(key)
            case 3 if isinstance(inside[key], str):
                inside[key] = inside[key][: chance.randrange(12)] + chance.choice(
                    ["\ud800", "\x00", "9", "-", "Z"]
                )
            case _:
                inside[key] = copy.deepcopy(chance.choice(VALUES))
    return value


def judged(value: Any, chance: random.Random, tables: Tables) -> str:
    """The verdict, once all that can be made of it is made; or the name of our error."""

    def odd(*values: Any) -> Any:
        """One of these, one time in twenty."""
        return chance.choice(values) if chance.random() < 0.05 else None

    today = chance.choice([None, None, *DAYS])
    try:
        report = opqibi.check_certificate(
            value,
            on=chance.choice(DAYS)
            if chance.random() < 0.5
            else date(2024, 1, 1) + timedelta(chance.randrange(900)),
            siren=odd("\ud800", "\x00", "1") or chance.choice([None, "732829320", "73282932000074"]),
            requires=odd("\ud800") or chance.choice([(), ["1905"], ["1905|1911", "0316"]]),
            requires_rge=chance.choice([(), ["1905"], ["0317"]]),
            accept_probationary=chance.random() < 0.5,
            fetched=odd("hier", "\ud800", date(2024, 5, 1), "2024-05-01"),
            today=today,
            tables=tables,
        )
        language = Language("en")
        json.dumps(report.to_dict(language.say), ensure_ascii=False).encode()
        json.dumps(passe_marche(report), ensure_ascii=False).encode()
        for document in (report_document(report, explain=True), flat_document([report], [])):
            assert document.title
    except OpqibiError as error:
        error.explain().encode("utf-8", "backslashreplace")
        return type(error).__name__
    if report.outcome == "yes":
        assert report.certificate is not None
        assert str(report.certificate.status) == "valid"
        assert report.on >= (report.certificate.issued or report.on)
    return report.verdict


def run(count: int, seed: int) -> Counter[str]:
    chance, tables = random.Random(seed), Tables()
    return Counter(judged(mutated(chance), chance, tables) for _ in range(count))


def test_mutated_values_raise_nothing_but_our_errors() -> None:
    found = run(1500, seed=13)
    assert sum(found.values()) == 1500
    assert {"valid", "not_valid", "undetermined", "FileError"} <= found.keys(), (
        "the generator reaches all of them"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{run(int(sys.argv[1]), seed=2026)}\n")
