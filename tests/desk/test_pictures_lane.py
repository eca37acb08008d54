"""A document that has to be read by its pictures goes to a lane of its own, and one sentence ends it there too."""

import asyncio
from datetime import date

import pytest

from opqibi_rules.desk.readings import checked_apart
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.requests import InvoiceRequest
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import PICTURES_SECONDS, Workers
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables
from tests.paper.pages.drawn import DPI, drawn, saved

ASKED = InvoiceRequest.model_validate(
    {"expected": {"event": "first", "tariffs": {"1": 1}, "on": "2026-03-02"}}
)


def answered(data: bytes, name: str) -> tuple[list[Json], list[float]]:
    """The answers, and how much longer was asked for."""
    longer: list[float] = []

    async def ask() -> list[Json]:
        workers = Workers(1, 60)
        try:
            service = Service(Tables(), lambda: date(2026, 3, 2))
            return await checked_apart(
                workers,
                ASKED,
                service,
                data,
                name=name,
                voice=Language("en"),
                longer=longer.append,
            )
        finally:
            await workers.close()

    return asyncio.run(ask()), longer


def test_a_photograph_is_read_in_its_lane() -> None:
    ((answer,), longer) = answered(saved(drawn(), "JPEG", dpi=(DPI, DPI)), "photo.jpg")
    assert longer == [PICTURES_SECONDS]
    assert answer["verdict"] == "undetermined"
    read = {field["key"]: field for field in answer["invoice"]["reading"]}
    assert (read["total_incl_vat"]["value"], read["number"]["value"]) == ("2164.20", "F-2026-118")
    assert read["total_incl_vat"]["page"] == 1


def test_a_text_never_asks_for_it() -> None:
    answers, longer = answered(b"number;date;name;amount\n1;2026-03-02;a;1.00\n", "a.csv")
    assert (len(answers), longer) == (1, [])


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + b"\0" * 500, saved(drawn(), "JPEG")[:900]])
def test_a_hostile_picture_ends_in_one_sentence(data: bytes) -> None:
    with pytest.raises(RefusedError, match="a damaged picture") as refused:
        answered(data, "f.png")
    assert len(refused.value.wrong) == 1
