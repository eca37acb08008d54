"""``python -m benchmarks.diagnosis --seed 1 --cases 300``: what the invoice checker is worth, kind by kind.

So many wrong invoices and as many right ones. Seeds 1 to 99 are for development; seeds from 1000 on are kept for
measuring, and nobody who works on the checker runs them. ``--show KIND`` prints the cases of a kind that went wrong.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.diagnosis.judge import Judged, checked
from benchmarks.diagnosis.seeded import NAMELESS, Case, right, wrong_ones

Results = Sequence[tuple[Case, Judged]]
HEADINGS = ("n", "found", "undet.", "missed", "first", "in 3", "gap")


def share(number: int, of: int) -> str:
    return f"{100 * number / of:.1f} %" if of else "-"


def row(name: str, some: Results) -> str:
    """A kind of error: shares of its cases."""
    count = len(some)
    verdicts = Counter(judged.verdict for _, judged in some)
    cells = [
        share(verdicts["discrepancy"], count),
        share(verdicts["undetermined"], count),
        share(verdicts["conform"], count),
        share(sum(judged.first for _, judged in some), count),
        share(sum(judged.among_three for _, judged in some), count),
        share(sum(judged.gap_right for _, judged in some), count),
    ]
    return f"{name:52} {count:5} " + " ".join(f"{cell:>8}" for cell in cells)


def table(results: Results) -> Iterable[str]:
    """Wrong invoices, kind by kind."""
    kinds: defaultdict[str, list[tuple[Case, Judged]]] = defaultdict(list)
    for case, judged in results:
        kinds[case.name].append((case, judged))
    yield f"{'wrong invoices':52} {HEADINGS[0]:>5} " + " ".join(f"{heading:>8}" for heading in HEADINGS[1:])
    for name in sorted(kinds, key=lambda name: (not kinds[name][0][0].sought, name)):
        yield row(name + ("" if kinds[name][0][0].sought else " *"), kinds[name])
    yield row("kinds that the guide announces", [r for r in results if r[0].sought])
    yield row("* others", [r for r in results if not r[0].sought])
    yield row("ALL", results)


def calibration(results: Results) -> Iterable[str]:
    """How often each word of confidence was the truth."""
    said = Counter(word for _, judged in results for word in judged.said)
    for word in ("certain", "likely", "possible"):
        good, bad = said[word, True], said[word, False]
        yield f"« {word} »: said {good + bad} times, right {share(good, good + bad)} ({bad} wrong)"


def alarms(results: Results) -> Iterable[str]:
    """Right invoices, by what they look like."""
    for title, key in (("shape", "shape"), ("form", "form"), ("style", "style")):
        kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for case, judged in results:
            if case.name != NAMELESS:
                kinds[getattr(case.paper.layout, key)][judged.verdict] += 1
        for name, verdicts in sorted(kinds.items()):
            total = verdicts.total()
            undetermined, alarm = verdicts["undetermined"], verdicts["discrepancy"]
            yield f"right, {title + ' ' + name:28} {total:5}  undetermined {undetermined:4}  false alarms {alarm:4}"
    named = Counter(judged.verdict for case, judged in results if case.name != NAMELESS)
    yield (
        f"right, ALL {named.total()}: conform {named['conform']}, undetermined {named['undetermined']}, "
        + (f"false alarms {named['discrepancy']}")
    )
    nameless = Counter(judged.verdict for case, judged in results if case.name == NAMELESS)
    yield f"right, but no seller named (undetermined expected): {dict(nameless)}"


def show(name: str, results: Results) -> Iterable[str]:
    """The cases of a kind that went wrong, as they read."""
    for case, judged in results:
        good = judged.verdict == "conform" if not case.truths else judged.first and judged.gap_right
        if case.name.startswith(name) and not (good and (not case.truths or judged.verdict == "discrepancy")):
            given, paper = case.situation, case.paper
            yield f"\n== {case.name}: {judged.verdict}, gap {'right' if judged.gap_right else 'wrong'}"
            yield f"   {given.event} held {given.held} new {given.new} turnover {given.turnover} {given.territory}"
            yield f"   bears {given.fees}{' (announced)' if case.announced else ''}; {paper.layout.form}"
            yield f"   seller {paper.seller.name}; buyer {paper.buyer.name}"
            yield f"   {paper.excl_vat} + {paper.vat} ({paper.rate} %) = {paper.incl_vat}, due {paper.due}"
            yield from (
                f"   | {line.words}: {line.quantity or ''} {line.unit or ''} {line.amount}"
                for line in paper.lines
            )
            yield from (
                f"   truth: {truth.cause} or {[o.kind for o in truth.others]}" for truth in case.truths
            )
            for each in judged.answer["findings"]:
                if each["severity"] == "error":
                    yield f"   finding {each['code']} {each['difference']} {each['message']}"
            for each in judged.answer["explanations"]:
                yield f"   said {each['confidence']}: {each['cause']} {each['effect']} {each['message']}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="1 to 99; from 1000 on for measuring"
    )
    parser.add_argument("--cases", type=int, default=300, help="how many wrong invoices for each seed")
    parser.add_argument("--right", type=int, help="how many right ones (default: as many)")
    parser.add_argument("--show", metavar="KIND", help="print the cases of this kind that went wrong")
    given = parser.parse_args(arguments)
    wrong: list[tuple[Case, Judged]] = []
    good: list[tuple[Case, Judged]] = []
    rights = given.cases if given.right is None else given.right
    with tempfile.TemporaryDirectory() as name:
        for rng in map(random.Random, given.seed):
            wrong += [(case, checked(case, Path(name))) for case in wrong_ones(rng, given.cases)]
            good += [(case, checked(case, Path(name))) for case in (right(rng) for _ in range(rights))]
    if given.show is not None:
        print(*show(given.show, [*wrong, *good]), sep="\n")
        return 0
    parts = (*table(wrong), "", *calibration(wrong), "") if wrong else ()
    print(*parts, *alarms(good), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
