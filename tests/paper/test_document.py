"""A document as text, Markdown and CSV: what each form owes its reader, whatever the cells hold."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.document import Cell, Document, Table
from opqibi_rules.paper.language import Language

FR, EN = Language("fr"), Language("en")
COLUMNS = (Message("What for"), Message("Excl. VAT"))
HOSTILE = st.text(max_size=60) | st.text("=+-@|*_`[]()<>&#\\~\n\r\t\u2028\x1b;,\"' 1a", max_size=30)


def table(*rows: tuple[object, ...]) -> Document:
    return Document(Message("A"), tables=[Table(COLUMNS, rows)])  # type: ignore[arg-type] # hostile cells


def read_csv(text: str, delimiter: str) -> list[list[str]]:
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter))


def test_each_kind_of_cell_in_each_form() -> None:
    cells: list[Cell | Message | Text | str | None] = [
        Cell(Decimal("1160.5"), "euro"),
        Cell(5, "count"),
        Cell(Decimal("0.00080"), "permille"),
        Cell(Decimal("0.2"), "percent"),
        Cell(date(2026, 3, 2), "date"),
        Cell("word"),
        Cell(Message("yes")),
        Cell(None, "euro"),
        Cell(None, "date"),
        Message("yes"),
        Text("oui", "yes"),
        None,
    ]
    document = Document(Message("A"), tables=[Table([Message("B")] * len(cells), [cells])])
    fr, en = read_csv(document.as_csv(FR), ";"), read_csv(document.as_csv(EN), ",")
    assert fr[1] == ["1160,50", "5", "0,00080", "0,2", "02/03/2026", "word", "oui", "", "", "oui", "oui", ""]
    assert en[1] == ["1160.50", "5", "0.00080", "0.2", "2026-03-02", "word", "yes", "", "", "yes", "yes", ""]
    shown = document.as_markdown(EN).splitlines()[-1]
    assert shown == "| €1,160.50 | 5 | 0.80‰ | 20% | 2 Mar 2026 | word | yes |  |  | yes | yes |  |"


@given(HOSTILE)
def test_a_spreadsheet_takes_no_text_for_a_formula_and_loses_no_row(text: str) -> None:
    for language, delimiter in ((FR, ";"), (EN, ",")):
        rows = read_csv(table((text, "end")).as_csv(language), delimiter)
        assert len(rows) == 2
        cell = rows[1][0]
        assert not re.match(r"\s*[=+\-@]", cell)
        assert rows[1][1] == "end"


def test_a_negative_amount_stays_a_number() -> None:
    assert read_csv(table(("a", Cell(Decimal("-12.50"), "euro"))).as_csv(FR), ";")[1][1] == "-12,50"


def test_several_tables_in_a_csv_are_set_apart() -> None:
    document = Document(Message("A"), tables=[Table(COLUMNS, [("a", "b")]), Table(COLUMNS, [("c", "d")])])
    assert [len(row) for row in read_csv(document.as_csv(EN), ",")] == [2, 2, 0, 2, 2]


@given(HOSTILE)
def test_markdown_shows_a_text_as_it_stands(text: str) -> None:
    markdown = Document(
        Message("{t}", t=text), [(Message("A"), text)], [Table(COLUMNS, [(text, "end")])], [text]
    ).as_markdown(EN)
    lines = re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", markdown)
    assert len(lines) == 10  # title, fact, three lines of table, note, and what is between
    row = lines[6]
    assert row.endswith("| end |")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert "<" not in markdown
    assert not re.search(r"(?<!\\)(?:\\\\)*[*`\[\]]", lines[6])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("in*credible*", "in\\*credible\\*"),
        ("https://example.org/a_b?c=1", "https://example.org/a_b?c=1"),
        ("_x_", "\\_x\\_"),
        ("bareme_2024", "bareme_2024"),
        ("[a](b)", "\\[a\\](b)"),
        ("a|b", "a\\|b"),
        ("<b>&amp;", "&lt;b>&amp;amp;"),
        ("a\r\nb", "a b"),
        ("\\", "\\\\"),
    ],
)
def test_markdown_escapes_only_what_it_must(text: str, shown: str) -> None:
    assert f"| {shown} | end |" in table((text, "end")).as_markdown(EN)


def test_markdown_of_titles_strong_rows_and_numbers() -> None:
    rows = [("a", Cell(1, "count")), ("", Cell(2, "count"))]
    document = Document(
        Message("A"), tables=[Table(COLUMNS, rows, strong=frozenset({1}), title=Message("Steps"))]
    )
    assert document.as_markdown(EN) == (
        "# A\n\n## Steps\n\n| What for | Excl. VAT |\n|---|---:|\n| a | 1 |\n|  | **2** |\n"
    )


@given(
    st.lists(st.tuples(HOSTILE, HOSTILE, st.integers(0, 10**14)), max_size=4),
    st.sampled_from([40, 80, 100]),
    HOSTILE,
)
def test_a_text_is_never_wider_than_the_page(rows: list[tuple[str, str, int]], width: int, text: str) -> None:
    def short(words: str) -> str:
        return " ".join(word[:20] for word in re.split(r"\s+", words))

    cells = [(words, short(more), Cell(Decimal(cents).scaleb(-2), "euro")) for words, more, cents in rows]
    document = Document(
        Message("{t}", t=short(text)),
        [(Message("A"), short(text))],
        [Table((*COLUMNS, COLUMNS[1]), cells)],
        [short(text)],
    )
    out = document.as_text(EN, width=width)
    longest = max((len(line) for line in out.split("\n")), default=0)
    # A first column of long words keeps 45 characters: it says what the row is about.
    assert longest <= max(width, 45 + 2 + 20 + 2 + 22)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", out)


def test_a_long_address_is_cut_rather_than_the_page() -> None:
    out = table(("brand_usage.tranches[0]", "https://example.org/" + "a" * 200)).as_text(EN)
    assert max(map(len, out.splitlines())) <= 80
    assert "brand_usage.tranches[0]" in out


def test_a_title_of_a_table_breaks_and_strong_rows() -> None:
    rows = [("a", None), ("b", None), ("c", None)]
    document = Document(
        Message("A"),
        tables=[Table(COLUMNS, rows, strong=frozenset({1}), breaks=frozenset({0}), title=Message("T"))],
    )
    assert document.as_text(EN).splitlines()[2:] == ["T", "What for  Excl. VAT", "─" * 19, "a", "", "b", "c"]
    assert "\x1b[1mb" in document.as_text(EN, styled=True)


def test_no_heading_commands_the_terminal() -> None:
    """A firm's name stands in the heads of a comparison."""
    name = Message("{name}", name="a\x1b[2J\x9b\u202eb")
    document = Document(name, [(name, "c")], [Table((name, name), [("d", "e")], title=name)], [name], (name,))
    for text in (document.as_text(EN), document.as_markdown(EN), document.as_csv(EN)):
        assert not re.search("[\x1b\x9b\u202e]", text)
        assert "b" in text


def test_what_has_no_row_is_not_drawn() -> None:
    assert table().as_text(EN) == "A\n"
    assert table().as_markdown(EN) == "# A\n"
    assert len(read_csv(table().as_csv(EN), ",")) == 1


def test_an_empty_fact_and_an_empty_note() -> None:
    assert Document(Message("A"), [(Message("B"), "")], notes=[""]).as_text(EN) == "A\n\nB\n\n•\n"
