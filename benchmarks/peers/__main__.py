"""``python -m benchmarks.peers``: set the peers up, measure them all in one run, print the table.

Needs Python with the dev group, Node.js for publicodes, and LibreOffice for the spreadsheet (as root on Debian
it is installed if missing); a peer that cannot be set up has a line that says so. The peers live in
``benchmarks/peers/.setup``. ``--write FILE`` puts the table between the two marks of a Markdown file.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SETUP = HERE / ".setup"
PEERS_PYTHON = SETUP / "venv/bin/python"
sys.path.insert(0, str(HERE))
import work  # noqa: E402 - a module of the peers, which run where this package is not

START, END = "<!-- peers: start -->", "<!-- peers: end -->"
TIMEOUT = 900
ROUNDS = 3
"""How many times each speed is measured, in turns; the best is kept."""


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PEERS_NODE": str(SETUP), **options.pop("env", {})}
    return subprocess.run(  # noqa: PLW1510 - each caller says what it checks
        command, text=True, capture_output=True, env=environment, cwd=ROOT, timeout=TIMEOUT, **options
    )


def set_up() -> None:
    SETUP.mkdir(exist_ok=True)
    if not PEERS_PYTHON.exists():
        print("setting up the Python peers…", file=sys.stderr)
        run([sys.executable, "-m", "venv", str(SETUP / "venv")], check=True)
        run(
            [str(PEERS_PYTHON), "-m", "pip", "install", "-q", "-r", str(HERE / "requirements.txt")],
            check=True,
        )
    if shutil.which("npm") and not (SETUP / "node_modules").exists():
        print("setting up publicodes…", file=sys.stderr)
        shutil.copy(HERE / "package.json", SETUP)
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(SETUP)])
    if (
        not shutil.which("soffice")
        and hasattr(os, "geteuid")
        and os.geteuid() == 0
        and shutil.which("apt-get")
    ):
        print("setting up LibreOffice…", file=sys.stderr)
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libreoffice-calc-nogui"])


class Peer:
    """One line of the table."""

    def __init__(self, label: str, module: str, python: str = sys.executable, largest: int = 10**7, *,
                 latency: bool = True) -> None:  # fmt: skip
        self.label, self.module, self.python = label, module, python
        self.largest = largest
        self.has_latency = latency
        self.found: dict[str, Any] = {}

    def ask(self, *arguments: str) -> dict[str, Any]:
        done = run([self.python, str(HERE / "measure.py"), self.module, *arguments])
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no answer"]
            return {"problem": lines[-1][:120]}
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def measure(self) -> None:
        self.found |= self.ask("answers")
        if "problem" in self.found:
            return
        if self.has_latency:
            self.found |= self.ask("latency")
            self.found["cold_s"] = min(_timed(lambda: self.ask("cold")) for _ in range(3))

    def speed(self, rows: int) -> None:
        """One more measure of the columns' speed; the best is kept."""
        if "problem" in self.found or rows > self.largest:
            return
        outcome = self.ask("batch", str(rows))
        key = f"rows_{rows}"
        self.found[key] = max(self.found.get(key, 0.0), outcome.get("rows_per_s", 0.0))
        self.found["peak_mb"] = max(self.found.get("peak_mb", 0.0), outcome.get("peak_mb", 0.0))


class Publicodes(Peer):
    """The same measures, through Node.js."""

    def measure(self) -> None:
        schedule, file = SETUP / "schedule.json", SETUP / "cases.json"
        schedule.write_text(json.dumps({"tranches": work.TRANCHES, "asked": work.ASKED, "held": work.HELD}))
        some, hard = work.cases()
        command = ["node", str(HERE / "publicodes.mjs")]

        def node(mode: str, given: list[work.Case]) -> dict[str, Any]:
            file.write_text(work.as_json(given))
            done = run([*command, mode, str(file)], env={"PEERS_SCHEDULE": str(schedule)})
            if done.returncode:
                return {"problem": (done.stderr.strip().splitlines() or ["no answer"])[-1][:120]}
            return dict(json.loads(done.stdout.splitlines()[-1]))

        for name, given in (("random", some), ("hard", hard)):
            told = node("answers", given)
            if "problem" in told:
                self.found |= told
                return
            truth = [list(work.right(case)) for case in given]
            self.found[f"wrong_{name}"] = sum(a != b for a, b in zip(told["answers"], truth, strict=True))
        timed = node("latency", some)
        self.found |= {
            "latency_us": timed["latency_us"],
            "rows_1000": timed["rows_per_s"],
            "peak_mb": timed["peak_mb"],
        }
        self.found["cold_s"] = min(_timed(lambda: node("cold", some[:1])) for _ in range(3))


class RowByRow(Peer):
    """A peer that prices one row at a time: its speed is that of one, whatever the size."""

    def measure(self) -> None:
        self.found |= self.ask("answers")
        if "problem" in self.found:
            return
        self.found |= self.ask("latency")
        self.found |= {"rows_1000": 1e6 / self.found["latency_us"]}
        self.found["cold_s"] = min(_timed(lambda: self.ask("cold")) for _ in range(3))


def _timed(call: Callable[[], dict[str, Any]]) -> float:
    started = time.perf_counter()
    outcome = call()
    return float("inf") if "problem" in outcome else time.perf_counter() - started


PEERS = [
    RowByRow("**opqibi-rules**, one itemised quote with its articles", "ours_quote"),
    Peer("**opqibi-rules**, the three expressions on polars", "ours_columns", latency=False),
    Peer(
        "**opqibi-rules**, `with_fees` on polars: first applications, 6 columns",
        "ours_table",
        latency=False,
    ),
    Peer("polars expression written by hand", "hand_polars", latency=False),
    Peer("numpy int64 written by hand", "hand_numpy", latency=False),
    RowByRow("plain Decimal, bare totals", "hand_decimal"),
    Peer("OpenFisca-core", "openfisca", str(PEERS_PYTHON)),
    RowByRow("GoRules ZEN, bare totals", "zen_rules", str(PEERS_PYTHON)),
    Publicodes("publicodes", ""),
    Peer("spreadsheet, LibreOffice headless", "spreadsheet", largest=10**5),
]


def table(peers: list[Peer]) -> str:
    heads = ["", "wrong of 10,000 random", "wrong of 1,000 hard", "one, µs",
             *(f"rows/s at 10^{len(str(n)) - 1}" for n in work.SIZES), "peak MB", "cold start s"]  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for peer in peers:
        found = peer.found
        if "problem" in found:
            lines.append(f"| {peer.label} | not measured: {found['problem']} |" + " |" * (len(heads) - 2))
            continue
        cells = [
            str(found.get("wrong_random", "")),
            str(found.get("wrong_hard", "")),
            _number(found.get("latency_us"), 1),
        ]
        cells += [_number(found.get(f"rows_{n}")) for n in work.SIZES]
        cells += [_number(found.get("peak_mb")), _number(found.get("cold_s"), 2)]
        lines.append(f"| {peer.label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _number(value: float | None, decimals: int = 0) -> str:
    return "" if value is None else f"{value:,.{decimals}f}"


def ratios(by_module: dict[str, dict[str, Any]]) -> list[str]:
    """The targets, as ratios of this run; one that was not measured is left out."""
    wanted = [
        ("expressions / hand-written polars at 10^{}: {:.2f} (target 0.9)", "ours_columns", "hand_polars"),
        ("`with_fees` / hand-written polars at 10^{}: {:.2f}", "ours_table", "hand_polars"),
        ("expressions / OpenFisca at 10^{}: {:.1f} (target 3)", "ours_columns", "openfisca"),
    ]
    lines = []
    for text, ours, theirs in wanted:
        for power in (6, 7):
            a, b = (by_module[name].get(f"rows_{10**power}") for name in (ours, theirs))
            if a and b:
                lines.append(f"- {text.format(power, a / b)}")
    a, b = (by_module[name].get("latency_us") for name in ("ours_quote", "zen_rules"))
    if a and b:
        lines.append(f"- one itemised quote / one ZEN evaluation: {a / b:.2f} of its time (target below 1)")
    alone = by_module["openfisca"].get("otherwise_hard")
    if alone is not None:
        lines.append(f"- OpenFisca, hard cases answered otherwise alone than in a batch: {alone} of 1,000")
    return lines


def machine() -> str:
    names = ("opqibi-rules", "polars", "narwhals", "numpy")
    versions = [f"Python {platform.python_version()}"]
    for name in names:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(name)
    listed = run([str(PEERS_PYTHON), "-m", "pip", "list", "--format=json"]).stdout
    wanted = {"openfisca-core", "zen-engine"}
    versions += [
        f"{item['name']} {item['version']}"
        for item in json.loads(listed or "[]")
        if item["name"].lower() in wanted
    ]
    package = SETUP / "node_modules/publicodes/package.json"
    if package.exists():
        versions.append(
            f"publicodes {json.loads(package.read_text())['version']} on Node.js {run(['node', '-v']).stdout.strip()}"
        )
    if shutil.which("soffice"):
        versions.append(" ".join(run(["soffice", "--version"]).stdout.split()[:2]))
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.processor())  # fmt: skip
    load = os.getloadavg()[0]
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, {os.cpu_count()} × {cpu}, load {load:.1f} at the end. {', '.join(versions)}."


def main() -> None:
    parser = argparse.ArgumentParser(description="The same work by peers, in one run.")
    parser.add_argument("--only", nargs="*", help="modules to measure")
    parser.add_argument("--write", type=Path, help="a Markdown file with the two marks")
    asked = parser.parse_args()
    set_up()
    peers = [peer for peer in PEERS if not asked.only or (peer.module or "publicodes") in asked.only]
    for peer in peers:
        print(f"{peer.label}…", file=sys.stderr)
        peer.measure()
    # In turns, so that a machine that slows down slows all.
    for rows in work.SIZES * ROUNDS:
        for peer in peers:
            if not isinstance(peer, Publicodes | RowByRow):
                print(f"{peer.label}, {rows} rows…", file=sys.stderr)
                peer.speed(rows)
    text = table(peers)
    if not asked.only:
        text += "\n\n" + "\n".join(ratios({peer.module: peer.found for peer in peers}))
    text += f"\n\n{machine()}"
    print(text)
    if asked.write:
        page = asked.write.read_text("utf-8")
        before, after = page.split(START)[0], page.split(END)[1]
        asked.write.write_text(f"{before}{START}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
