"""The readers that are measured: ours, and invoice2data of PyPI with the templates that it ships."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from benchmarks.pages.work import Answer, text_of
from opqibi_rules.invoice.reading.page.reader import read_pages
from opqibi_rules.paper.pages.text_layer import text_pages

Reader = Callable[[bytes], Answer]


def ours(data: bytes) -> Answer:
    """The text layer, read by :func:`read_pages`; the attachment is never opened."""
    reading = read_pages(text_pages(data, "page.pdf"))
    return {
        field.key: None if field.to_confirm or field.value is None else text_of(field.value)
        for field in reading
        if not field.key.endswith((".name", ".vat_rate", ".price_quantity"))
    }


_ITS_KEYS = {
    "invoice_number": "number",
    "date": "date",
    "amount_untaxed": "total_excl_vat",
    "amount_tax": "vat",
    "amount": "total_incl_vat",
}
_ASK = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from invoice2data import extract_data
from invoice2data.extract.loader import read_templates
from invoice2data.input import pdfplumber
templates = read_templates()
for line in sys.stdin:
    try:
        found = extract_data(line.strip(), templates=templates, input_module=pdfplumber) or {}
    except Exception:
        found = {}
    print(json.dumps({key: str(value) for key, value in found.items()}), flush=True)
"""


class Invoice2Data:
    """invoice2data, in an interpreter that has it: it is no dependency of ours."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, "-c", _ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.folder = Path(tempfile.mkdtemp())

    def __call__(self, data: bytes) -> Answer:
        """What its templates find; it never says that a value is to be confirmed."""
        file = self.folder / "page.pdf"
        file.write_bytes(data)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{file}\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline() or "{}")
        return {ours: _text(found[its]) for its, ours in _ITS_KEYS.items() if its in found}


def _text(value: str) -> str:
    if re.fullmatch(r"-?[0-9]+([.][0-9]+)?", value):
        return text_of(Decimal(value).quantize(Decimal("0.01")))
    return value[:10] if re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else value


def readers(python: str | None) -> dict[str, Reader]:
    """Those that are at hand."""
    found: dict[str, Reader] = {"ours": ours}
    if python is not None:
        found["invoice2data"] = Invoice2Data(python)
    else:
        print("invoice2data is not measured: --peer PYTHON names an interpreter that has it", file=sys.stderr)
    return found
