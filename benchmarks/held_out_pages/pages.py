"""The pages of a run: each seed is a bill in a layout, written as a PDF."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

import pypdf
import typst

from benchmarks.held_out_pages import faults, office
from benchmarks.held_out_pages.bill import Bill, drawn_bill
from benchmarks.held_out_pages.opqibi import opqibi_bill
from benchmarks.held_out_pages.printed import Page, printed

FRENCH_ONLY = ("letter", "telecom", "till", "progress", "carried", "bilingual")
EITHER = ("classic", "metarow", "framed", "sidebar", "modern", "typed", "software", "wide", "twocolumns", "slip",
          "dark", "listed", "leftward", *office.LAYOUTS)  # fmt: skip
LAYOUTS = FRENCH_ONLY + EITHER
OWN_SELLER = frozenset({"telecom", "till", "progress", "carried", "bilingual"})
SOURCE = Path(__file__).with_name("layouts.typ")


@dataclass(frozen=True, slots=True)
class Case:
    """A page on disk with its truth."""

    bill: Bill
    page: Page
    path: Path
    fault: faults.Fault | None = None


def bill_of(seed: int, layout: str) -> Bill:
    """One in five is OPQIBI's; one in five of the rest is English, where the layout allows."""
    rng = Random(seed * 13)
    if layout not in OWN_SELLER and rng.random() < 0.22:
        return opqibi_bill(seed, layout)
    english = layout in EITHER and rng.random() < 0.25
    return drawn_bill(seed, layout, "en" if english else "fr")


def typeset(page: Page, layout: str, fonts: Path | None) -> bytes:
    """The PDF of a page of `layouts.typ`."""
    inputs = {"page": json.dumps(page), "layout": layout}
    result = typst.compile(SOURCE, format="pdf", sys_inputs=inputs, font_paths=[fonts] if fonts else [])
    assert isinstance(result, bytes)
    return result


def written(folder: Path, seeds: range, fonts: Path | None, families: tuple[str, ...]) -> Iterator[Case]:
    """A page a seed, the layouts in turn."""
    by_office: dict[Path, tuple[Page, str]] = {}
    cases = []
    for seed in seeds:
        layout = LAYOUTS[seed % len(LAYOUTS)]
        bill = bill_of(seed, layout)
        page = printed(bill, families)
        case = Case(bill, page, folder / f"{seed}-{layout}.pdf")
        if layout in office.LAYOUTS:
            by_office[case.path] = (page, layout)
        else:
            case.path.write_bytes(typeset(page, layout, fonts))
        cases.append(case)
    if by_office:
        office.converted(by_office)
    yield from cases


def at_fault(folder: Path, seeds: range, fonts: Path | None, families: tuple[str, ...]) -> Iterator[Case]:
    """A page a seed that is wrong on purpose, the faults in turn."""
    for seed in seeds:
        change = faults.FAULTS[seed % len(faults.FAULTS)]
        layout = faults.LAYOUTS[seed // len(faults.FAULTS) % len(faults.LAYOUTS)]
        language = "en" if change is faults.open_date else "fr"
        own = language == "fr" and seed % 2 == 0
        bill = opqibi_bill(seed, layout) if own else drawn_bill(seed, layout, language)
        page = printed(bill, families)
        if not page["account"]:
            page["account"].append(["IBAN", bill.seller.iban])
        fault = change(bill, page, Random(seed))
        path = folder / f"{seed}-{layout}-{fault.name.split(':')[0].replace(' ', '_')}.pdf"
        path.write_bytes(typeset(page, layout, fonts))
        if change is faults.two_bills:
            other = printed(drawn_bill(seed + 1, layout, language), families)
            followed(path, typeset(other, layout, fonts))
        yield Case(bill, page, path, fault)


def followed(path: Path, other: bytes) -> None:
    """The second document's pages after the first's, in one file."""
    writer = pypdf.PdfWriter(clone_from=path)
    writer.append(BytesIO(other))
    writer.write(path)
