"""``opqibi-fees batch`` watched: ``python benchmarks/batch.py``. Time, memory, and the curve from 10^5 to 10^7.

Each file is made by ``benchmarks/structures.py``. Three commands run on it in turn, each a process of its own:
polars reading and writing the file with no fee, whole (``read_csv``, ``write_csv``) and streaming (``scan_csv``,
``sink_csv``), and ``batch``. The figure is the best of ``--rounds``. Memory is what the process itself holds
(``RssAnon``, sampled): pages of the file that the system keeps in its cache are not ours to count.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import structures

ROOT = Path(__file__).resolve().parents[1]
WHOLE = "import sys, polars; polars.read_csv(sys.argv[1]).write_csv(sys.argv[2])"
STREAM = "import sys, polars; polars.scan_csv(sys.argv[1]).sink_csv(sys.argv[2])"
TEXT = "import sys, polars; polars.scan_csv(sys.argv[1], infer_schema=False).sink_csv(sys.argv[2])"


def watched(command: list[str]) -> tuple[float, float]:
    """Seconds, and the most memory held, in MB."""
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    most = 0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            held = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
            most = max(most, int(held.split()[1]))
        except (OSError, StopIteration):
            pass
        time.sleep(0.02)
    if process.returncode not in {0, 1}:
        raise SystemExit(f"failed: {command}")
    return time.perf_counter() - started, most / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="batch against polars reading and writing the same file.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10**5, 10**6, 10**7])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(
        "| rows | whole | streaming | streaming, text | batch | batch / whole | batch / streaming | batch, MB |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "structures.csv", Path(folder) / "priced.csv"
        files = [str(source), str(target)]
        for rows in asked.sizes:
            structures.write(rows, source)
            batch = [
                sys.executable,
                "-m",
                "opqibi_rules.cli.main",
                "batch",
                files[0],
                "-o",
                files[1],
                "--date",
                "2026-03-02",
            ]
            commands = {
                "whole": [sys.executable, "-c", WHOLE, *files],
                "stream": [sys.executable, "-c", STREAM, *files],
                "text": [sys.executable, "-c", TEXT, *files],
                "batch": batch,
            }
            best = {name: (float("inf"), 0.0) for name in commands}
            for _ in range(asked.rounds):
                for name, command in commands.items():
                    best[name] = min(best[name], watched(command))
            times = {name: seconds for name, (seconds, _) in best.items()}
            cells = [f"{rows:,}", *(f"{times[name]:.2f} s" for name in commands)]
            cells += [f"{times['batch'] / times[name]:.2f}" for name in ("whole", "stream")]
            print("| " + " | ".join([*cells, f"{best['batch'][1]:.0f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
