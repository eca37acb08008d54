"""``python -m benchmarks.pages FOLDER --peer PYTHON``: pages read, against what is known of them.

FOLDER holds public hybrid invoices and their ``truth.csv``; without it, only bills of our own making are read. PYTHON
is an interpreter that has invoice2data and pdfplumber. ``--show`` prints what is wrong or to confirm, page by page.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.pages.readers import Reader, readers
from benchmarks.pages.scans import SCANS
from benchmarks.pages.work import ASKED, Judged, Work, made, public

MARKS = ("right", "to confirm", "wrong")


def judged(read: Reader, work: Sequence[Work]) -> list[Judged]:
    """Every page, read once; the libraries were loaded by a first page that is not counted."""
    read(work[0].pdf)
    found = []
    for item in work:
        start = time.perf_counter()
        answer = read(item.pdf)
        found.append(Judged(item, answer, time.perf_counter() - start))
    return found


def told(name: str, results: Sequence[Judged]) -> str:
    """One reader on one work, in a row of Markdown."""
    heads: Counter[str] = sum((item.marks(ASKED) for item in results), Counter())
    lines: Counter[str] = sum((item.marks(item.line_keys) for item in results), Counter())
    whole = sum(all(item.mark(key) == "right" for key in ASKED if key in item.work.truth) for item in results)
    lined = [item for item in results if item.line_keys]
    exact = sum(item.has_lines_exact for item in lined)
    seconds = sorted(item.seconds for item in results)[len(results) // 2]
    cells = [f"{whole}/{len(results)}", *(heads[mark] for mark in MARKS), f"{exact}/{len(lined)}"]
    cells += [*(lines[mark] for mark in MARKS), f"{seconds:.3f}"]
    return f"| {name} | " + " | ".join(map(str, cells)) + " |"


def shown(results: Sequence[Judged]) -> None:
    """What is not right."""
    for item in results:
        keys = [key for key in (*ASKED, *item.line_keys) if key in item.work.truth]
        bad = [
            f"{key}: {item.answer.get(key)} ({item.work.truth[key]})"
            for key in keys
            if item.mark(key) != "right"
        ]
        if bad:
            print(f"    {item.work.name}: {'; '.join(bad)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--peer")
    parser.add_argument("--made", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--scans", action="store_true", help="the public pages as scans instead (minutes)")
    asked = parser.parse_args()
    works = {} if asked.scans else {f"made, seed {asked.seed}": list(made(asked.made, asked.seed))}
    if asked.folder is not None:
        works = {"public": list(public(asked.folder)), **works}
    for name, work in works.items():
        print(f"\n{name}: {len(work)} pages\n")
        print(
            "| reader | heads exact | right | to confirm | wrong | lines exact | right | to confirm | wrong | s |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|")
        for reader, read in (SCANS if asked.scans else readers(asked.peer)).items():
            results = judged(read, work)
            print(told(reader, results), flush=True)
            if asked.show:
                shown(results)


if __name__ == "__main__":
    main()
