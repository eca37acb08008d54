"""How the time of one run grows with its invoices: ten times as many may take twelve times as long.

``python -m benchmarks.runs`` checks CSV files of invoices, credit notes and corrected invoices of many structures
through the command itself, journal and workbook included, and shows the processor time and its ratio.
"""

import sys
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from opqibi_rules.cli.main import run

SIZES = (100, 1_000, 10_000)
HEADINGS = "numéro;date;type;vendeur;client;siren;libellé;montant HT;total HT;TVA;total TTC\n"
SERIES = (
    ("F{n}a", "facture", "Frais d'instruction", 1280),
    ("AV{n}", "avoir", "Annulation facture F{n}a", 1280),
    ("F{n}b", "facture", "Frais d'instruction", 1160),
    ("M{n}", "facture", "Utilisation de la marque", 1657),
)
"""A wrong invoice, what cancels it, the right one; and a wrong one that is left."""


def written(count: int) -> str:
    """So many invoices: series of four for a structure each, all on one day."""
    rows = [HEADINGS]
    for n in range(count):
        number, kind, label, amount = SERIES[n % len(SERIES)]
        series = n // len(SERIES)
        client = f"OPQIBI;BE {series};{100_000_000 + series}"
        totals = f"{amount},00;{amount},00;{amount / 5:.2f};{amount * 1.2:.2f}"
        rows.append(
            f"{number.format(n=series)};02/03/2026;{kind};{client};{label.format(n=series)};{totals}\n"
        )
    return "".join(rows)


def main() -> int:
    """Show the seconds of each size and their ratio."""
    before = 0.0
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with TemporaryDirectory() as folder:
        for size in sizes:
            source = Path(folder) / f"{size}.csv"
            source.write_text(written(size), "utf-8")
            asked = ["-t", "1=5", "-t", "2=3", "--turnover", "800000", "--lang", "en"]
            out = ["--entries", str(source.with_suffix(".txt")), "-o", str(source.with_suffix(".xlsx"))]
            start = time.process_time()
            with redirect_stderr(StringIO()):
                code = run(["check-invoice", str(source), *asked, *out])
            seconds = time.process_time() - start
            ratio = f", {seconds / before:.1f} times the one before" if before else ""
            print(f"{size} invoices: {seconds:.2f} s{ratio} (exit code {code})")
            before = seconds
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
