"""The totals of an invoice: of all amounts that words announce, those that the document's own sums confirm.

Four relations are asked of a total excl. VAT, a VAT and a total incl. VAT: their sum; the VAT at its rates on its
bases; the lines that add up; what is paid already and what is left. Two of them make the three amounts *read*.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from itertools import accumulate, combinations

from opqibi_rules.invoice.reading.page.sheet import Label, Sheet
from opqibi_rules.invoice.reading.page.table import Lines
from opqibi_rules.invoice.reading.page.table_heading import Heading
from opqibi_rules.invoice.reading.page.vat_groups import (
    HIGHEST_RATE,
    MOST_GROUPS,
    Group,
    apart,
    distinct_groups,
    groups_of,
    is_vat,
)
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.paper.pages.figures import Figure, Kind
from opqibi_rules.paper.pages.layout import Row, middle_of

NEEDED = 2
"""How many relations make an amount one that is read."""
_MOST_ADJUSTMENTS = 8
_MOST_TABLES, _MOST_ROWS = 20, 300
"""Tables of VAT, and rows of them: no invoice has as many."""
_OF_THE_WHOLE = frozenset({"total_excl_vat", "vat", "total_incl_vat", "total"})
"""What words may announce within a table too, where its end was not seen."""
_IN_CENTS = frozenset({"prepaid", "payable", "allowances", "charges"})
"""« Solde à 30 jours » announces no amount: one in whole euros counts beside a total alone."""
_MOST_BESIDE = 4
"""Amounts to the right of one label: a base and its VAT, or a row of totals."""
_MOST_AMOUNTS = 40
"""Candidates for one total: beyond, the page is no invoice that can be read."""

TOTALS = ("total_excl_vat", "vat", "total_incl_vat")
"""Those that a sum says, in its order."""
AMOUNTS = (
    "total_excl_vat",
    "vat",
    "total_incl_vat",
    "total",
    "lines_total",
    "allowances",
    "charges",
    "prepaid",
    "payable",
)


class Relation(Enum):
    """What confirms the totals."""

    SUM = "excl. VAT + VAT = incl. VAT"
    VAT = "VAT = rate × base"
    LINES = "the lines add up"
    DUE = "incl. VAT − prepaid = due"
    PERSON = "a person says so"


@dataclass(frozen=True, eq=False)
class Announced:
    """An amount, and the label that announces it."""

    figure: Figure
    label: Label

    @property
    def value(self) -> Decimal:
        """The amount as it is printed."""
        return self.figure.value

    @property
    def is_beside(self) -> bool:
        """The amount stands on the row of its label, and not under it."""
        return self.label.box.top < middle_of(self.figure.box) < self.label.box.bottom


@dataclass(frozen=True, eq=False)
class Sum:
    """Three amounts that may be the totals, and what confirms them."""

    untaxed: Decimal
    vat: Decimal
    taxed: Decimal
    relations: frozenset[Relation]
    groups: tuple[Group, ...] = ()
    rate: Decimal | None = None
    """The one rate that gives the VAT, where no row says its base."""
    lines: Lines | None = None
    dropped: frozenset[int] = frozenset()
    """Which items of the table are no lines: a sum of them, that no word names."""
    adjustments: tuple[Announced, ...] = ()
    """Allowances and charges beside the table, which the sum of the lines needs."""
    prepaid: Announced | None = None
    due: Announced | None = None

    @property
    def is_confirmed(self) -> bool:
        """Two relations hold."""
        return len(self.relations) >= NEEDED

    @property
    def key(self) -> tuple[Decimal, Decimal, Decimal]:
        """The three amounts."""
        return self.untaxed, self.vat, self.taxed

    def amount(self, key: str) -> Decimal:
        """One of them, by its key."""
        return dict(zip(TOTALS, self.key, strict=True))[key]


class Totals:
    """The amounts that words announce on a sheet, and the sums they make."""

    def __init__(
        self,
        sheet: Sheet,
        headings: Sequence[Heading],
        tables: Sequence[Lines],
        pinned: Mapping[str, Decimal],
    ) -> None:
        """``pinned``: what a person says of the totals; it stands above all that the page says."""
        self.sheet, self.tables, self.pinned = sheet, tables, pinned
        self._heads = {row for heading in headings for row in heading.rows}
        self._inside = {item.amount for table in tables for item in table.items} | {
            figure
            for table in tables
            for item in table.items
            for figures in item.figures.values()
            for figure in figures
        }
        self.announced: dict[str, list[Announced]] = {role: [] for role in AMOUNTS}
        for label in sheet.labels:
            if label.row not in self._heads and label.roles & set(AMOUNTS) and label.speaks:
                for figure in self._amounts(label):
                    for role in label.roles & (
                        _OF_THE_WHOLE if figure in self._inside else frozenset(AMOUNTS)
                    ):
                        self.announced[role].append(Announced(figure, label))

    def _amounts(self, label: Label) -> Iterator[Figure]:
        """The amounts that a label announces: to its right, else under it."""
        beside = list(self.sheet.beside(label, self.sheet.figures_by_row))
        numbers = [figure for figure in beside if figure.kind is Kind.NUMBER]
        money = [figure for figure in numbers if figure.is_money]
        if money or numbers:
            whole = (
                []
                if label.roles & _IN_CENTS
                else [figure for figure in numbers if figure not in self._inside]
            )
            found = money or whole
            yield from found[:1] if label.roles <= {"total_excl_vat", "lines_total"} else found[:_MOST_BESIDE]
            return
        if beside and not label.roles & {"vat"}:
            return
        for figure in self.sheet.below(label, self.sheet.figures_by_row):
            if figure.kind is Kind.NUMBER and figure.is_money:
                yield figure

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Each row that says a rate, a base and the VAT it makes."""
        return tuple(
            group
            for row in self.sheet.rows
            if row not in self._heads
            for group in groups_of(self.sheet.figures_by_row.get(row, []))
        )

    @cached_property
    def rates(self) -> frozenset[Decimal]:
        """Every rate that is printed."""
        printed = {figure.value for figure in self.sheet.figures if figure.kind is Kind.RATE}
        return frozenset(rate for rate in printed if ZERO <= rate <= HIGHEST_RATE)

    @cached_property
    def says_untaxed(self) -> bool:
        """Words say that no VAT is due."""
        book = self.sheet.wording.untaxed_book
        return any(next(book.found(row.plain[0]), None) is not None for row in self.sheet.rows)

    def values(self, *roles: str) -> list[Decimal]:
        """The amounts announced in these roles, each once, the first announced first."""
        found = dict.fromkeys(item.value for role in roles for item in self.announced[role])
        return list(found)[:_MOST_AMOUNTS]

    @cached_property
    @exactly
    def sums(self) -> list[Sum]:
        """All that may be the totals, the best confirmed first."""
        found: dict[tuple[Decimal, Decimal, Decimal], Sum] = {}
        for untaxed, vat, taxed in self._triples():
            candidate = self._weighed(untaxed, vat, taxed)
            if candidate is not None:
                found.setdefault(candidate.key, candidate)
        return sorted(found.values(), key=lambda item: (-len(item.relations), -abs(item.taxed)))

    def _triples(self) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
        pinned = self.pinned
        untaxed = self.values("total_excl_vat", "total") or self.values("lines_total")
        taxed = self.values("total_incl_vat", "total", "payable")
        untaxed = [pinned["total_excl_vat"]] if "total_excl_vat" in pinned else untaxed
        taxed = [pinned["total_incl_vat"]] if "total_incl_vat" in pinned else taxed
        stated = self._stated_vat
        for one in untaxed:
            for two in taxed:
                vat = two - one
                signs = {value > 0 for value in (one, vat, two) if value}
                if len(signs) > 1 or self.pinned.get("vat", vat) != vat or abs(vat) > abs(one) * HIGHEST_RATE:
                    continue
                told = (
                    vat in stated
                    or "vat" in pinned
                    or bool(self._cover(one, vat))
                    or (not vat and self._is_untaxed())
                )
                if told:
                    yield one, vat, two

    @cached_property
    def _stated_vat(self) -> frozenset[Decimal]:
        """Each amount that is announced as VAT; and what those of several rates, each on its row, come to."""
        by_rate: dict[Row, Decimal] = {}
        for item in self.announced["vat"]:
            rates = [
                other
                for other in self.sheet.figures_by_row.get(item.label.row, ())
                if other.kind is Kind.RATE
            ]
            if len(rates) == 1 and item.figure.row is item.label.row:
                by_rate[item.label.row] = item.value  # the last on its row: a base may stand before it
        rows = list(by_rate.values())[:MOST_GROUPS]
        several = {sum(some, ZERO) for size in range(2, len(rows) + 1) for some in combinations(rows, size)}
        return frozenset({*self.values("vat"), *several})

    def _is_untaxed(self) -> bool:
        """Words say that no VAT is due, and none is announced."""
        return self.says_untaxed and not any(self.values("vat"))

    def _is_said_untaxed(self, untaxed: Decimal, vat: Decimal) -> bool:
        """Words say that no VAT is due, and two labels bear the amount: one excl. VAT, one of what is to be paid."""
        paid = self.values("total_incl_vat", "payable")
        return not vat and self._is_untaxed() and untaxed in paid and untaxed in self.values("total_excl_vat")

    @cached_property
    def _line_sums(self) -> list[tuple[Decimal, Lines, frozenset[int], tuple[Announced, ...]]]:
        """What the lines of each table come to: all, without those that nothing names, with what is beside."""
        found = []
        for table in self.tables:
            bare = frozenset(index for index, item in enumerate(table.items) if item.is_bare)
            for dropped in dict.fromkeys((frozenset[int](), bare)):
                kept = [item.amount.value for index, item in enumerate(table.items) if index not in dropped]
                if not kept:
                    continue
                total = sum(kept, ZERO)
                found += [
                    (total + sum(map(_adjustment, some), ZERO), table, dropped, some)
                    for some in self._adjusting(table)
                ]
        return found

    def _adjusting(self, table: Lines) -> Iterator[tuple[Announced, ...]]:
        """The ways to take allowances and charges that stand beside a table into its sum, the plainest first."""
        yield ()
        held = {item.amount for item in table.items}
        beside: dict[Decimal, Announced] = {}
        for role in ("allowances", "charges"):
            for item in self.announced[role]:
                if item.figure not in held and item.value:
                    beside.setdefault(_adjustment(item), item)
        given = list(beside.values())[:_MOST_ADJUSTMENTS]
        for size in range(1, len(given) + 1):
            yield from combinations(given, size)

    def _weighed(self, untaxed: Decimal, vat: Decimal, taxed: Decimal) -> Sum | None:
        """Three amounts whose sum is right, with all else that confirms them."""
        relations = {Relation.SUM}
        groups = self._cover(untaxed, vat)
        rate = None
        if groups:
            relations.add(Relation.VAT)
        else:
            # Any amount bears no VAT at 0 %: without its base beside it, that confirms nothing.
            rate = next((rate for rate in sorted(self.rates) if vat and is_vat(untaxed, rate, vat)), None)
            if rate is not None or self._by_lines(vat, untaxed) or self._is_said_untaxed(untaxed, vat):
                relations.add(Relation.VAT)
        lines = next((item for item in self._line_sums if item[0] == untaxed and untaxed), None)
        if lines is not None:
            relations.add(Relation.LINES)
        prepaid, due = self._settled(taxed)
        if prepaid is not None and due is not None and prepaid.value:
            relations.add(Relation.DUE)
        mine = {"total_excl_vat": untaxed, "vat": vat, "total_incl_vat": taxed}
        if any(self.pinned.get(key) == value for key, value in mine.items()):
            relations.add(Relation.PERSON)
        _, table, dropped, some = lines or (ZERO, None, frozenset[int](), ())
        return Sum(
            untaxed, vat, taxed, frozenset(relations), groups, rate, table, dropped, some, prepaid, due
        )

    def _cover(self, untaxed: Decimal, vat: Decimal) -> tuple[Group, ...]:
        """The rows of VAT whose bases make the total excl. VAT, and whose amounts make the VAT; none: they do not."""
        return self._covers.get((untaxed, vat), ())

    @cached_property
    def _covers(self) -> dict[tuple[Decimal, Decimal], tuple[Group, ...]]:
        """What the rows of VAT of one table come to, some or all of them; then those of all tables."""
        blocks: dict[tuple[int, int, int], list[Group]] = {}
        for group in self.groups:
            edges = (group.base.row.page, round(group.base.box.right / 6), round(group.amount.box.right / 6))
            blocks.setdefault(edges, []).append(group)
        found: dict[tuple[Decimal, Decimal], tuple[Group, ...]] = {}
        for pool in [*blocks.values(), list(self.groups)][:_MOST_TABLES]:
            unique = distinct_groups(pool)[:MOST_GROUPS]
            for size in range(1, len(unique) + 1):
                for some in combinations(unique, size):
                    if len({group.rate for group in some}) == size or apart(some):
                        bases = sum((group.base.value for group in some), ZERO)
                        found.setdefault((bases, sum((group.amount.value for group in some), ZERO)), some)
        return found

    def _by_lines(self, vat: Decimal, untaxed: Decimal) -> bool:
        """Whether the lines, by their own rates, make the VAT."""
        for total, table, dropped, some in self._line_sums:
            if total != untaxed or some:
                continue
            by_rate: dict[Decimal, Decimal] = {}
            for index, item in enumerate(table.items):
                rates = [figure for figure in item.figures.get("rate", ()) if figure.kind is Kind.RATE]
                if index in dropped or not rates:
                    break
                by_rate[rates[0].value] = by_rate.get(rates[0].value, ZERO) + item.amount.value
            else:
                if sum((round_cents(base * rate) for rate, base in by_rate.items()), ZERO) == vat:
                    return True
        return False

    def _settled(self, taxed: Decimal) -> tuple[Announced | None, Announced | None]:
        """What is paid already and what is left, where they make the total incl. VAT."""
        for due in self.announced["payable"]:
            for paid in self.announced["prepaid"]:
                if paid.figure is not due.figure and _left(taxed, paid.value) == abs(due.value):
                    return paid, due
        for due in self.announced["payable"]:
            if abs(due.value) == abs(taxed):
                return None, due
        for due in self.announced["payable"]:
            for figure in self.sheet.figures:
                outside = (
                    figure.is_money
                    and figure not in self._inside
                    and figure is not due.figure
                    and figure.value
                    and not self._is_discount(figure)
                )
                if outside and due.value and _left(taxed, figure.value) == abs(due.value):
                    return Announced(figure, due.label), due
        return None, None

    def _is_discount(self, figure: Figure) -> bool:
        """Whether the words before an amount say that it is taken off the price: it is not paid."""
        labels = self.sheet.labels_by_row.get(figure.row, ())
        return any("allowances" in label.roles and label.stop <= figure.start for label in labels)

    def not_deducted(self, best: Sum) -> list[Announced]:
        """What is announced as paid already, where the amount due is the whole total."""
        if best.prepaid is not None or "prepaid" in self.pinned:
            return []
        others = {best.due.figure} if best.due is not None else set()
        return [item for item in self.announced["prepaid"] if item.value and item.figure not in others]

    @cached_property
    def best(self) -> Sum | None:
        """The totals, where one sum is confirmed and no other contradicts it."""
        confirmed = self.confirmed
        if confirmed and all(_is_part(item, confirmed[0]) or self._is_within(item) for item in confirmed[1:]):
            return confirmed[0]
        return None

    def _is_within(self, one: Sum) -> bool:
        """Whether some totals are but figures of the lines."""
        places = [item for item in self.announced["total_excl_vat"] if item.value == one.untaxed]
        return bool(places) and all(item.figure in self._inside for item in places)

    def against(self, key: str) -> Announced | None:
        """What announces, in as many words, another total than the one that the sums confirm, and is nothing else.

        Nothing else: neither a figure of the lines or of the rows of VAT, nor what a part of either comes to, nor
        what is paid or left; and a person has not settled it.
        """
        best = self.best
        if best is None or key in self.pinned:
            return None
        value = best.amount(key)
        others = [
            item
            for item in self.announced[key]
            if item.label.roles == {key}
            and abs(item.value) != abs(value)
            and item.figure not in self._inside
            and item.is_beside
            # « TVA » stands before each rate, its base, and the number of a firm.
            and (key != "vat" or (len(item.label.text.split()) > 1 and not self._has_rate(item.label.row)))
        ]
        return next((item for item in others if abs(item.value) not in self._parts_of(best)), None)

    def _has_rate(self, row: Row) -> bool:
        return any(figure.kind is Kind.RATE for figure in self.sheet.figures_by_row.get(row, ()))

    @exactly
    def _parts_of(self, best: Sum) -> frozenset[Decimal]:
        """What totals of a part may come to: of rates, of lines that follow one another, before what is taken off."""
        found = {*best.key, ZERO}
        for group in self.groups:
            base, amount = group.base.value, group.amount.value
            found |= {base, amount, base + amount}
        for table in self.tables:
            amounts = [item.amount.value for item in table.items[:_MOST_ROWS]]
            found |= {total for at in range(len(amounts)) for total in accumulate(amounts[at:])}
        taken = [item.value for role in ("allowances", "charges") for item in self.announced[role]]
        settled = [item.value for role in ("prepaid", "payable") for item in self.announced[role]]
        for one in (*taken, *settled):
            found |= {one} | {whole + sign * abs(one) for whole in best.key for sign in (1, -1)}
        return frozenset(map(abs, found))

    @cached_property
    def partial(self) -> tuple[Mapping[str, Decimal], Lines | None]:
        """What two relations confirm where the total incl. VAT contradicts them, or is not there.

        A total excl. VAT that the lines add up to, and a VAT that its rate gives, with these lines.
        """
        if self.confirmed:
            return {}, None
        found: dict[tuple[Decimal, Decimal], Lines] = {}
        for untaxed in self.values("total_excl_vat"):
            table = next((item[1] for item in self._line_sums if item[0] == untaxed and untaxed), None)
            for vat in self.values("vat") if table else ():
                by_rate = any(vat and is_vat(untaxed, rate, vat) for rate in self.rates)
                if table and (by_rate or self._cover(untaxed, vat)):
                    found[untaxed, vat] = table
        if len(found) != 1:
            return {}, None
        ((untaxed, vat), table) = found.popitem()
        return {"total_excl_vat": untaxed, "vat": vat}, table

    @cached_property
    def loose(self) -> list[Figure]:
        """The amounts that stand above the totals, the last of each row, where no heading makes a table of them."""
        best = self.best
        if best is None:
            return []
        announced = {item.figure for items in self.announced.values() for item in items}
        tops = [
            (figure.row.page, figure.row.middle)
            for figure in announced
            if abs(figure.value) == abs(best.untaxed)
        ]
        found = []
        for row, figures in self.sheet.figures_by_row.items():
            labels = self.sheet.labels_by_row.get(row, ())
            told = any(label.roles & {"not_a_total", "other_number", "carried"} for label in labels)
            money = [figure for figure in figures if figure.is_money and figure not in announced]
            if money and not told and (row.page, row.middle) < min(tops, default=(0, 0.0)):
                found.append(money[-1])
        return found[:_MOST_ROWS]

    @property
    def confirmed(self) -> list[Sum]:
        """All sums that two relations confirm."""
        return [item for item in self.sums if item.is_confirmed]


def _adjustment(item: Announced) -> Decimal:
    """What an allowance or a charge adds to the lines."""
    return -abs(item.value) if "allowances" in item.label.roles else item.value


def _left(taxed: Decimal, paid: Decimal) -> Decimal:
    """What is left of a total once something is paid, however either is signed."""
    return abs(abs(taxed) - abs(paid))


def _is_part(one: Sum, whole: Sum) -> bool:
    """Whether some totals are but a part of others: one of their rates, or less of the same lines."""
    parts = {(group.base.value, group.amount.value) for group in whole.groups}
    if (one.untaxed, one.vat) in parts:
        return True
    return (
        one.relations < whole.relations
        and abs(one.taxed) < abs(whole.taxed)
        and one.taxed in {whole.untaxed, whole.vat, whole.taxed}
    )
