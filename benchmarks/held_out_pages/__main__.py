"""Invoice pages that nobody tuned the reader on: what is read of them right, to confirm, or wrong and not marked.

``python -m benchmarks.held_out_pages FOLDER --seeds 7000:7150 [--faults 7000:7052] [--pictures 7000:7040]
[--fonts DIR]`` writes the pages into FOLDER, reads them, and prints tables; each wrong value is told with its file.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np

import opqibi_rules as opqibi
from benchmarks.held_out_pages.pages import Case, at_fault, written
from benchmarks.held_out_pages.pictures import KINDS
from benchmarks.held_out_pages.truth import HEADS, OTHERS, Score, as_data, believed, judged, verdicts

ALWAYS = ("DejaVu Sans", "DejaVu Serif", "Libertinus Serif", "DejaVu Sans Mono")
"""Families that typst or the machine has."""


def span(text: str) -> range:
    first, end = map(int, text.split(":"))
    return range(first, end)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=span, default=range(0))
    parser.add_argument("--faults", type=span, default=range(0))
    parser.add_argument("--pictures", type=span, default=range(0))
    parser.add_argument("--fonts", type=Path, help="a folder of other fonts, searched whole")
    parser.add_argument("--family", action="append", default=[], help="one of their families; repeat")
    return parser.parse_args()


def read(case: Case) -> dict[str, object]:
    """A page as it is read, with the verdicts on it."""
    invoice = opqibi.read_invoice(case.path)
    return {**invoice.to_dict(), "verdicts": verdicts(invoice, case.bill)}


def measure(case: Case, tally: Counter[tuple[str, str]]) -> Score:
    """One page: what it is worth, told where it is wrong; its verdicts beside those of the same data."""
    found = read(case)
    score = judged(case.bill, case.page, found)
    data, page = verdicts(as_data(case.bill, case.page), case.bill), found["verdicts"]
    assert isinstance(page, dict)
    for name, wanted in data.items():
        got = page[name]
        outcome = (
            "same" if got == wanted else "undetermined" if got == "undetermined" else f"{got} for {wanted}"
        )
        score.count(f"verdict {name}", outcome)
        if outcome not in {"same", "undetermined"}:
            print(f"VERDICT {case.path.name}: {name} {outcome}")
    for text in score.wrong:
        print(f"WRONG {case.path.name}: {text}")
    tally.update(score.values)
    return score


def shown(tally: Counter[tuple[str, str]], kinds: tuple[str, ...]) -> None:
    """A table of kinds and outcomes."""
    print("| | right | to confirm | wrong |\n|---|---|---|---|")
    for kind in kinds:
        cells = " | ".join(str(tally[kind, outcome]) for outcome in ("right", "to confirm", "wrong"))
        print(f"| {kind} | {cells} |")


def text_pages(asked: argparse.Namespace) -> None:
    """The pages with their text."""
    tally: Counter[tuple[str, str]] = Counter()
    whys: Counter[str] = Counter()
    whole = 0
    start = time.process_time()
    for case in written(asked.folder, asked.seeds, asked.fonts, families(asked)):
        score = measure(case, tally)
        whole += all(score.values[kind, "right"] for kind in HEADS if kind != "payable")
        whys.update(score.asked)
    print(f"\n{len(asked.seeds)} pages, heads whole on {whole}; {time.process_time() - start:.0f} s\n")
    shown(tally, (*HEADS, "VAT by rate", "lines", *OTHERS))
    for kind in sorted({kind for kind, _ in tally if kind.startswith("verdict")}):
        print(kind, {outcome: n for (k, outcome), n in tally.items() if k == kind})
    for why, count in whys.most_common(40):
        print(f"{count:4} {why}")


def pictures(asked: argparse.Namespace) -> None:
    """The pages as scans and photographs, each kind of picture in turn."""
    tallies: dict[str, Counter[tuple[str, str]]] = {kind: Counter() for kind in KINDS}
    start = time.process_time()
    cases = written(asked.folder, asked.pictures, asked.fonts, families(asked))
    for at, case in enumerate(
        case for case in cases if case.bill.layout != "carried"
    ):  # it has several pages
        kind = list(KINDS)[at % len(KINDS)]
        path = KINDS[kind](case.path, case.path.with_suffix(""), np.random.default_rng(case.bill.seed))
        measure(Case(case.bill, case.page, path), tallies[kind])
        print(f"{path.name}: {time.process_time() - start:.0f} s", flush=True)
    print(
        "| | "
        + " | ".join(f"{part} right | to confirm | wrong" for part in ("heads", "others", "lines"))
        + " |"
    )
    print("|" + "---|" * 10)
    for kind, tally in tallies.items():
        parts = [
            str(sum(tally[name, outcome] for name in names))
            for names in (HEADS, OTHERS, ("lines",))
            for outcome in ("right", "to confirm", "wrong")
        ]
        print(f"| {kind} | {' | '.join(parts)} |")


def fault_pages(asked: argparse.Namespace) -> None:
    """The pages that contradict themselves."""
    tally: Counter[tuple[str, str]] = Counter()
    for case in at_fault(asked.folder, asked.faults, asked.fonts, families(asked)):
        outcome = caught(case)
        assert case.fault
        tally[case.fault.name, outcome] += 1
        if outcome.startswith("WRONG"):
            print(f"WRONG {case.path.name}: {outcome}")
    names = dict.fromkeys(name for name, _ in tally)
    print("| | to confirm | contradiction told | wrong |\n|---|---|---|---|")
    for name in names:
        wrong = sum(n for (k, outcome), n in tally.items() if k == name and outcome.startswith("WRONG"))
        print(f"| {name} | {tally[name, 'to confirm']} | {tally[name, 'told']} | {wrong} |")


def caught(case: Case) -> str:
    """What became of a fault: left to confirm, told by a verdict, or believed."""
    fault = case.fault
    assert fault
    found = read(case)
    judged_so = found["verdicts"]
    assert isinstance(judged_so, dict)
    if judged_so["verdict"] == "conform" and not fault.harmless:
        return "WRONG: the whole is conform"
    told = "discrepancy" in {judged_so["sums"], judged_so["vat"], judged_so["payable"]}
    if fault.key == "sums":
        conform = judged_so["sums"] == "conform"
        return "WRONG: its sums are conform" if conform else "told" if told else "to confirm"
    value = believed(found).get(fault.key)
    if value is None or value in fault.allowed:
        return "to confirm"
    return "told" if fault.told and told else f"WRONG: {fault.key} « {value} »"


def families(asked: argparse.Namespace) -> tuple[str, ...]:
    return (*ALWAYS, *asked.family)


def main() -> int:
    """Write, read, judge and print."""
    asked = arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.seeds:
        text_pages(asked)
    if asked.pictures:
        pictures(asked)
    if asked.faults:
        fault_pages(asked)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
