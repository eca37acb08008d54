"""Two more layouts, of those who bill with a spreadsheet: a workbook that LibreOffice prints."""

import shutil
import subprocess
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from benchmarks.held_out_pages.printed import Page

LAYOUTS = ("sheet", "ruled_sheet")
WIDTHS = (44, 9, 13, 9, 15)


def workbook(page: Page, path: Path, *, ruled: bool) -> None:
    """The cells of a spreadsheet's invoice, each a text as it is shown."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet(page["title"])
    sheet.fit_to_pages(1, 0)
    font = {"font_name": page["font"], "font_size": page["size"]}
    plain = book.add_format(font)
    left = book.add_format({**font, "border": int(ruled), "text_wrap": True, "valign": "top"})
    right = book.add_format({**font, "border": int(ruled), "align": "right", "valign": "top"})
    strong = book.add_format({**font, "bold": True, "font_size": page["size"] + 5})
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    rows = count()

    def put(*cells: str) -> None:
        row = next(rows)
        for column, text in enumerate(cells):
            if text:
                sheet.write_string(row, column, text, plain)

    for text in page["seller"] + page["ids"]:
        put(text)
    for text in ("", page["to_label"], *page["buyer"], ""):
        put("", "", text)
    sheet.write_string(next(rows), 0, page["title"], strong)
    for label, value in ((page["number_label"], page["number"]), (page["date_label"], page["date"]),
                         (page["due_label"], page["due"]), *page["refs"]):  # fmt: skip
        if ruled:
            put(label, "", value)
        else:
            put(label + page["colon"] + value)
    put("")
    heads = page["heads"]
    table = [[heads["words"], heads["qty"], heads["price"], heads["rate"], heads["amount"]]]
    table += [[r["words"], r["qty"], r["price"], r["rate"], r["amount"]] for r in page["rows"]]
    for cells in table:
        row = next(rows)
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, right if column else left)
    put("")
    for label, value, *_ in page["totals"]:
        row = next(rows)
        sheet.merge_range(row, 2, row, 3, label, left)
        sheet.write_string(row, 4, value, right)
    for text in (
        "",
        *(page["colon"].join(pair) for pair in page["account"]),
        *page["notes"],
        "",
        page["footer"],
    ):
        put(text)
    book.close()


def converted(pages: dict[Path, tuple[Page, str]]) -> None:
    """Write each page to its path, all in one run of LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        raise FileNotFoundError("soffice")
    with TemporaryDirectory() as folder:
        sources = []
        for target, (page, layout) in pages.items():
            sources.append(Path(folder, target.stem + ".xlsx"))
            workbook(page, sources[-1], ruled=layout == "ruled_sheet")
        command = [
            office,
            "--headless",
            f"-env:UserInstallation=file://{folder}/profile",
            "--convert-to",
            "pdf",
        ]
        subprocess.run([*command, "--outdir", folder, *map(str, sources)], check=True, capture_output=True)
        for target in pages:
            shutil.copy(Path(folder, target.stem + ".pdf"), target)
