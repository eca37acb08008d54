"""The lines of an invoice: the table that its headings announce, row by row, over as many pages as it takes.

A heading names a column and where it stands; a figure belongs to the column that it stands under. A line is an
amount in the column of amounts, with all that stands as high: its words may go on below, or around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, pairwise, product
from math import inf

from opqibi_rules.invoice.reading.page.sheet import Label, Sheet
from opqibi_rules.invoice.reading.page.table_heading import Column, Heading
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.paper.pages.figures import Figure, Kind
from opqibi_rules.paper.pages.layout import Row, overlap, without_margins
from opqibi_rules.paper.pages.words import Word

_WRAPPED = 1.9
"""The same: the words of a line go on in rows that are no farther apart."""
_ENDS = frozenset({"total_excl_vat", "vat", "total_incl_vat", "total", "lines_total", "payable", "prepaid"})
_EXTRA = frozenset({"allowances", "charges"})
_MUCH_WIDER = 0.75
"""Of the height of its letters: no two rows of one cell stand as far apart."""
_AS_WIDE = 1.0
"""Points: two blanks that differ less are as wide as one another."""
_LEVEL = 1.2
"""Of the height of its letters: a figure that is no farther up or down stands as high as the amount."""
_MOST_SPARE, _FEW_SPARE = 12, 4
MOST_LINES = 400
"""No invoice on paper has as many: beyond, the page is meant to keep the machine busy."""


_ASTRAY = 3.0
"""Of the height of its letters: a name that begins so far to the left of the others may hold other words."""


@dataclass(frozen=True, eq=False)
class Item:
    """One amount of the table, and what stands with it."""

    amount: Figure
    rows: tuple[Row, ...]
    words: tuple[Word, ...]
    """Those that name it, in the order of reading."""
    figures: dict[str, list[Figure]]
    """The others, by the column they stand under."""
    sure: bool = True
    """None of its words may be the next line's."""
    extra: str | None = None
    """``allowances`` or ``charges``, where it is one on the whole document."""

    @property
    def name(self) -> str:
        """What it is called."""
        return " ".join(word.text for word in self.words)

    @property
    def is_bare(self) -> bool:
        """Nothing names it, and nothing is counted."""
        return not self.words and not self.figures.get("quantity") and not self.figures.get("unit_price")


@dataclass(frozen=True, eq=False)
class Product:
    """How the amount of a line comes from its figures."""

    quantity: Figure
    price: Figure
    per: Figure | None = None
    """For how many units the price is."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines that a table holds."""

    heading: Heading
    items: tuple[Item, ...]


def line_sets(sheet: Sheet, headings: Sequence[Heading]) -> list[Lines]:
    """What each table holds; a table that goes on under the same headings is one."""
    body = list(without_margins(sheet.pages, sheet.rows))
    groups: list[list[Heading]] = []
    for heading in headings:
        if groups and groups[-1][-1].page < heading.page and groups[-1][-1].roles == heading.roles:
            groups[-1].append(heading)
        else:
            groups.append([heading])
    found = []
    for group in groups:
        items = [item for part in _parts_of(sheet, group, body) for item in _items(sheet, *part)]
        if items and len(items) <= MOST_LINES:
            found.append(Lines(group[0], tuple(_aligned(items))))
    return found


def _aligned(items: Sequence[Item]) -> Iterator[Item]:
    """Lines whose names begin below one another, but for some that reach into what stands to the left of the table.

    The words of these may be of another column.
    """
    lefts = [min(word.box.left for word in item.words) for item in items if item.words]
    edge = max(lefts, default=0.0)
    for item in items:
        far = (
            item.words and edge - min(word.box.left for word in item.words) > _ASTRAY * item.amount.row.height
        )
        others = sum(edge - left <= item.amount.row.height / 2 for left in lefts)
        yield replace(item, sure=False) if far and others > 1 else item


def _parts_of(
    sheet: Sheet, group: Sequence[Heading], body: Sequence[Row]
) -> Iterator[tuple[Heading, list[Row]]]:
    """The rows of a table, page by page, each under its heading."""
    by_page = {heading.page: heading for heading in group}
    heading = group[0]
    for number in range(group[0].page, len(sheet.pages) + 1):
        again = by_page.get(number)
        heading = again or replace(heading, rows=heading.rows)
        top = again.bottom if again else 0.0
        rows: list[Row] = []
        for row in (row for row in body if row.page == number and row.middle > top):
            if _ends(sheet, heading, row):
                yield heading, rows
                return
            rows.append(row)
        yield heading, rows
        if again is None and not any(sheet.figures_by_row.get(row) for row in rows):
            return


def _ends(sheet: Sheet, heading: Heading, row: Row) -> bool:
    """Whether the totals begin on a row, or another table does."""
    labels = [
        label for label in sheet.labels_by_row.get(row, ()) if row.is_apart(label.start) or label.begins_cell
    ]
    totals = [
        label for label in labels if label.roles & _ENDS and not label.roles & {"carried"} and label.speaks
    ]
    if len(totals) >= 2:
        return True
    if any(_counts(heading, figure) for figure in sheet.figures_by_row.get(row, ())):
        return False
    amount = heading.column("amount") or heading.columns[-1]
    if any(label.roles & _EXTRA and label.start == 0 for label in labels):
        held = [figure for figure in sheet.figures_by_row.get(row, ()) if figure.is_money]
        return bool(held) and not any(heading.under(figure.box) is amount for figure in held)
    for label in totals:
        for figure in sheet.beside(label, sheet.figures_by_row)[:1]:
            in_column = figure.kind is Kind.NUMBER and heading.under(figure.box) is amount
            if in_column or label.box.left <= heading.columns[0].box.left + 30:
                return True
    return any(
        "not_a_total" in label.roles and len(row.words) > 1 and _is_breakdown(label) for label in labels
    )


def _counts(heading: Heading, figure: Figure) -> bool:
    """Whether a figure is a quantity or a price: it stands right under such a heading."""
    column = heading.under(figure.box)
    return (
        column.role in {"quantity", "unit_price"}
        and overlap(column.box, figure.box) > 0
        and not figure.currency
    )


def _is_breakdown(label: Label) -> bool:
    words = label.text.casefold()
    return words.startswith(("ventilation", "détail tva", "umsatzsteuerauf", "steuerauf", "vat breakdown"))


def _items(sheet: Sheet, heading: Heading, rows: Sequence[Row]) -> Iterator[Item]:
    amount = heading.column("amount") or heading.column("amount_incl_vat")
    if amount is None or not rows:
        return
    figures = [figure for row in rows for figure in sheet.figures_by_row.get(row, ())]
    under = {figure: _column_of(heading, figure) for figure in figures}
    anchors = [
        figure
        for figure in figures
        if under[figure] is amount
        and figure.kind is Kind.NUMBER
        and not _carried(sheet, figure.row)
        and (figure.is_money or overlap(figure.box, amount.box) > 0)
    ]
    anchors = _one_a_row(anchors, amount)
    if len(anchors) > MOST_LINES:
        return
    whole = sum((anchor.value for anchor in anchors), ZERO)
    by_row = sheet.figures_by_row
    for anchor, (band, sure) in zip(anchors, _bands(heading, rows, anchors), strict=True):
        own = [figure for row in band for figure in by_row.get(row, ()) if figure is not anchor]
        columns: dict[str, list[Figure]] = {}
        for figure in own:
            columns.setdefault(under[figure].role, []).append(figure)
        words = tuple(_named(heading, _together(band, anchor.row), [*own, anchor], under))
        item = Item(anchor, tuple(band), words, columns, sure=sure)
        yield item if product_of(item) else replace(item, extra=_extra(sheet, heading, item, whole))


def _column_of(heading: Heading, figure: Figure) -> Column:
    """The column of a figure; one that goes on a name, and stands under no heading, belongs to the name."""
    column, name = heading.under(figure.box), heading.column("name")
    if name is None or column is name or figure.is_money or overlap(column.box, figure.box) > 0:
        return column
    first, _ = figure.row.cell_of(figure.start)
    begins = figure.row.words[first].box
    return name if first < figure.start and heading.under(begins) is name else column


def _one_a_row(anchors: Sequence[Figure], amount: Column) -> list[Figure]:
    """One amount a row: the one that stands best under its heading."""
    best: dict[Row, Figure] = {}
    for figure in anchors:
        other = best.get(figure.row)
        if other is None or abs(figure.box.right - amount.box.right) < abs(
            other.box.right - amount.box.right
        ):
            best[figure.row] = figure
    return sorted(best.values(), key=lambda figure: figure.row.middle)


def _carried(sheet: Sheet, row: Row) -> bool:
    """A row that carries a sum from one page to the next."""
    return any("carried" in label.roles and label.begins_cell for label in sheet.labels_by_row.get(row, ()))


def _extra(sheet: Sheet, heading: Heading, item: Item, whole: Decimal) -> str | None:
    """Whether an amount is an allowance or a charge on the whole document: its row is named so, and not counted."""
    counted = any(figure.currency is None for figure in item.figures.get("quantity", ()))
    uncounted = "quantity" in heading.roles and not counted
    for label in sheet.labels_by_row.get(item.amount.row, ()):
        if label.roles & _EXTRA and label.begins_cell:
            if "allowances" in label.roles and (uncounted or item.amount.value * whole < 0):
                return "allowances"
            return "charges" if "charges" in label.roles and uncounted else None
    return None


@dataclass(frozen=True, eq=False)
class _Edge:
    """Where one line ends and the next begins."""

    at: float
    sure: bool = True
    """The blank is widest there."""


def _bands(
    heading: Heading, rows: Sequence[Row], anchors: Sequence[Figure]
) -> Iterator[tuple[list[Row], bool]]:
    """The rows of each line, and whether all of them are surely its own.

    Where the words of every line begin as high as its amount, a line ends above the next amount; else where the blank
    between two amounts is widest.
    """
    if not anchors:
        return
    named = [row for row in rows if _names(heading, row)]
    before = any(row.middle < anchors[0].row.middle - row.height / 2 for row in named)
    last = max((row.middle + row.height / 2 for row in named), default=0.0)
    on_top = not before and all(
        any(abs(row.middle - anchor.row.middle) <= row.height / 2 for row in named)
        for anchor in anchors
        if anchor.row.middle <= last or anchor.row.page != rows[-1].page
    )
    edges = [_Edge(-inf)]
    for one, two in pairwise(anchors):
        between = [row for row in rows if one.row.middle <= row.middle <= two.row.middle]
        edges.append(_parting(between, two.row, on_top=on_top))
    edges.append(_Edge(inf))
    for top, bottom in pairwise(edges):
        yield [row for row in rows if top.at < row.middle <= bottom.at], top.sure and bottom.sure


def _names(heading: Heading, row: Row) -> bool:
    """Whether a row holds words in the column of names."""
    name = heading.column("name")
    cells = [row.box_of(start, stop) for start, stop in row.cells]
    return any(name is None or heading.under(box) is name for box in cells)


def _parting(rows: Sequence[Row], following: Row, *, on_top: bool) -> _Edge:
    """Where a line ends among rows."""
    gaps = [(two.box.top - one.box.bottom, (one.middle + two.middle) / 2, two) for one, two in pairwise(rows)]
    widest = max(gap for gap, _, _ in gaps)
    if not on_top:
        return _Edge(max(middle for gap, middle, _ in gaps if gap >= widest - _AS_WIDE))
    level = [gap for gap in gaps if gap[2].middle >= following.middle - following.height / 2]
    gap, middle, _ = min(level, key=lambda item: item[1])
    if widest - gap > _MUCH_WIDER * following.height:
        return _Edge(max(middle for gap, middle, _ in gaps if gap >= widest - _AS_WIDE))
    return _Edge(middle, gap >= widest - _AS_WIDE)


def _together(rows: Sequence[Row], anchor: Row) -> list[Row]:
    """The rows that go on from one to the next, from that of the amount on, up and down."""
    place = next(at for at, row in enumerate(rows) if row is anchor)
    found = [anchor]
    for row in reversed(rows[:place]):
        if found[0].middle - row.middle > _WRAPPED * max(row.height, anchor.height):
            break
        found.insert(0, row)
    for row in rows[place + 1 :]:
        if row.middle - found[-1].middle > _WRAPPED * max(row.height, anchor.height):
            break
        found.append(row)
    return found


def _named(
    heading: Heading, band: Sequence[Row], figures: Sequence[Figure], under: dict[Figure, Column]
) -> Iterator[Word]:
    """The words of a line that stand in the column of names."""
    name = heading.column("name")
    others = [figure for figure in figures if under[figure].role not in {"name", "line", "other"}]
    if name is None:
        left, right = -inf, min((figure.box.left for figure in others), default=inf)
    else:
        at = heading.columns.index(name)
        left = heading.columns[at - 1].box.right if at else -inf
        right = min((column.box.left for column in heading.columns[at + 1 :]), default=inf)
        right = min([right, *(figure.box.left for figure in others if figure.box.left > name.box.left)])
    taken = {id(word) for figure in others for word in figure.row.words[figure.start : figure.stop]}
    for row in band:
        for word in row.words:
            if left < (word.box.left + word.box.right) / 2 < right and id(word) not in taken:
                yield word


@exactly
def product_of(item: Item) -> Product | None:
    """How the amount of a line comes from a quantity and a price that stand with it; ``None``: not surely.

    The plainest way that holds is taken: quantity × price; with a discount; for a number of units; with what else
    stands on the line. Two different ways as plain as one another are none.
    """
    ways = list(_ways(item))
    plainest = [way for rank, way in ways if rank == min(rank for rank, _ in ways)]
    alike = len({(way.quantity.value, way.price.value) for way in plainest}) == 1
    return plainest[-1] if alike else None


def _ways(item: Item) -> Iterator[tuple[int, Product]]:
    """Every way to make the amount of a line of its figures, and how plain it is: 0 is the plainest."""
    prices = _level(item, "unit_price")
    quantities = [f for f in _level(item, "quantity") if f.currency is None]
    others = [
        f for figures in item.figures.values() for f in figures if f not in prices and f not in quantities
    ]
    spare = [f for f in others if f.kind is Kind.NUMBER and f.decimals >= 2][:_MOST_SPARE]
    units = [f for f in item.figures.get("price_quantity", ()) if f.kind is Kind.NUMBER and f.value > 1]
    for quantity, price in product(quantities, prices):
        whole = abs(quantity.value * price.value)
        if _makes(whole, item):
            yield 0, Product(quantity, price)
        if any(_makes(whole * (1 - discount), item) for discount in _discounts(item)):
            yield 1, Product(quantity, price)
        for unit in (None, *units):
            base = whole / unit.value if unit else whole
            if unit and _makes(base, item):
                yield 2, Product(quantity, price, unit)
            if any(_makes(base + added, item) for added in _added(spare, price)):
                yield 3, Product(quantity, price, unit)


def _makes(value: Decimal, item: Item) -> bool:
    """Whether a value is the amount of a line, to the cent."""
    return round_cents(abs(value)) == round_cents(abs(item.amount.value))


def _discounts(item: Item) -> Iterator[Decimal]:
    """The discounts of a line, as fractions."""
    for figure in item.figures.get("discount", ()):
        share = abs(figure.value) if figure.kind is Kind.RATE else abs(figure.value) / 100
        if share < 1:
            yield share


def _added(spare: Sequence[Figure], price: Figure) -> Iterator[Decimal]:
    """What else on a line may be added to quantity × price: one figure; of a few, two.

    A price that is printed with fewer decimals than what is added to it was rounded, and confirms nothing.
    """
    exact = [figure.value for figure in spare if figure.decimals <= price.decimals]
    yield from exact
    if len(spare) <= _FEW_SPARE:
        yield from (one + two for one, two in combinations(exact, 2))


def _level(item: Item, role: str) -> list[Figure]:
    """The figures of a column: those as high as the amount; the others, stacked, where these say nothing."""
    found = [f for f in item.figures.get(role, ()) if f.kind is Kind.NUMBER]
    level = [
        f for f in found if abs(f.row.middle - item.amount.row.middle) <= item.amount.row.height * _LEVEL
    ]
    return level if any(f.value for f in level) else found
