"""The plans of many structures together: what falls due each month, what each pays, what each year bears.

A structure that cannot be planned is kept with its reason, and never keeps the others from their answer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from opqibi_rules.errors import FileError, Mistake, OpqibiError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.planning.payments import Payment
from opqibi_rules.price.planning.plan import Plan, PlanShape
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.schedule import Fee, Schedule


@dataclass(frozen=True, slots=True)
class Client:
    """A structure, and its plan."""

    source: str
    """Where it was read: a file, or the line of one."""
    plan: Plan

    @property
    def name(self) -> str:
        """What it is called: its name, else its SIREN, else where it was read."""
        structure = self.plan.question.structure
        return (structure and (structure.name or structure.siren)) or self.source

    @property
    def siren(self) -> str | None:
        """Its SIREN, where it is known."""
        structure = self.plan.question.structure
        return structure.siren if structure else None

    @property
    def complete(self) -> bool:
        """No fee lacks what it is reckoned on."""
        return not self.plan.missing


@dataclass(frozen=True, slots=True)
class Refused:
    """A structure without a plan."""

    source: str
    error: OpqibiError

    @property
    def reason(self) -> Message:
        """What is wrong, first of all; the error says it all."""
        error = self.error
        return error.mistakes[0].message if isinstance(error, FileError) else error.message


class Sum(NamedTuple):
    """Euros paid: excl. VAT, VAT, incl. VAT."""

    excl_vat: Decimal = NO_EUROS
    vat: Decimal = NO_EUROS
    incl_vat: Decimal = NO_EUROS

    @exactly
    def plus(self, excl_vat: Decimal, vat: Decimal, incl_vat: Decimal) -> "Sum":
        """With some more."""
        return Sum(self.excl_vat + excl_vat, self.vat + vat, self.incl_vat + incl_vat)


class Due(NamedTuple):
    """What a structure pays on a day."""

    client: Client
    payment: Payment


class OfYear(NamedTuple):
    """A financial year, of those that close together; euros excl. VAT but for what is paid incl. VAT."""

    label: str
    closes: date
    paid: Decimal
    paid_incl_vat: Decimal
    expense: Decimal
    prepaid: Decimal


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Many structures."""

    clients: tuple[Client, ...]
    refused: tuple[Refused, ...]

    @property
    def due(self) -> list[Due]:
        """Every payment, in order of days."""
        found = [Due(client, payment) for client in self.clients for payment in client.plan.payments]
        return sorted(found, key=lambda one: one.payment.due)

    @property
    def by_month(self) -> dict[tuple[int, int], Sum]:
        """What falls due each month of each year."""
        months: dict[tuple[int, int], Sum] = defaultdict(Sum)
        for _, payment in self.due:
            one = payment.quote
            month = payment.due.year, payment.due.month
            months[month] = months[month].plus(one.total_excl_vat, one.vat, one.total_incl_vat)
        return dict(months)

    @property
    def total(self) -> Sum:
        """Of all that could be priced."""
        total = Sum()
        for client in self.clients:
            sums = client.plan.sums
            total = total.plus(sums.total_excl_vat, sums.vat, sums.total_incl_vat)
        return total

    @property
    @exactly
    def by_year(self) -> list[OfYear]:
        """What the years pay and bear; those that close on another day are other years."""
        years: dict[date, OfYear] = {}
        for year in (year for client in self.clients for year in client.plan.by_year):
            known = years.get(year.closes, OfYear(year.label, year.closes, *[NO_EUROS] * 4))
            years[year.closes] = known._replace(
                paid=known.paid + year.cash,
                paid_incl_vat=known.paid_incl_vat + year.cash_incl_vat,
                expense=known.expense + year.expense,
                prepaid=known.prepaid + year.prepaid,
            )
        return [years[closes] for closes in sorted(years)]

    @property
    def complete(self) -> bool:
        """Nobody is left out, and no fee of anybody."""
        return not self.refused and all(client.complete for client in self.clients)

    @property
    def missing_fees(self) -> tuple[Fee, ...]:
        """Those that somebody lacks."""
        return tuple({fee.id: fee for one in self.clients for fee in one.plan.missing_fees}.values())

    @property
    def fees_paid(self) -> frozenset[str]:
        """The ids of those that somebody pays, were they missing for another."""
        sums = [client.plan.sums.by_fee for client in self.clients]
        return frozenset(fee for one in sums for fee, amount in one.items() if amount)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Those by which something is priced."""
        return tuple(dict.fromkeys(one for client in self.clients for one in client.plan.schedules))


class Once:
    """What refuses a structure that was counted already."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}

    def refuse_twice(self, client: Client) -> None:
        """Refuse one whose SIREN another has.

        Raises:
            RequestError: it has; where the other was read.
        """
        if client.siren is not None and client.siren in self._sources:
            raise RequestError(
                "SIREN {siren}: that of {first} already. A structure counts once; keep one of the two.",
                siren=client.siren,
                first=self._sources[client.siren],
                field="siren",
            )
        if client.siren is not None:
            self._sources[client.siren] = client.source


def portfolio(asked: Iterable[tuple[str, Callable[[], Plan]]]) -> Portfolio:
    """The plans of structures, each made when it is its turn; an error of one is kept with it.

    Raises:
        FileError: there is none that can be planned; all that is wrong with each.
    """
    clients, refused, once = [], [], Once()
    for source, make in asked:
        try:
            client = Client(source, make())
            once.refuse_twice(client)
            clients.append(client)
        except OpqibiError as error:
            refused.append(Refused(source, error))
    if not clients and refused:
        raise FileError.together([_in_file(one) for one in refused])
    return Portfolio(tuple(clients), tuple(refused))


def _in_file(one: Refused) -> FileError:
    return (
        one.error if isinstance(one.error, FileError) else FileError(one.source, [Mistake(one.error.message)])
    )


class ClientShape(Shape, of=Client):
    """A structure and its plan."""

    source: str
    name: str
    siren: str | None
    complete: bool
    plan: PlanShape


class RefusedShape(Shape, of=Refused):
    """A structure that could not be planned."""

    source: str
    reason: Message


class _Month(NamedTuple):
    month: str
    sums: Sum


class MonthShape(Shape, of=_Month):
    """What falls due in a month."""

    month: str
    total_excl_vat: Decimal = at("sums.excl_vat")
    vat: Decimal = at("sums.vat")
    total_incl_vat: Decimal = at("sums.incl_vat")


class OfYearShape(Shape, of=OfYear):
    """What financial years that close together pay and bear."""

    year: str = at("label")
    closes: Day
    cash_excl_vat: Decimal = at("paid")
    cash_incl_vat: Decimal = at("paid_incl_vat")
    expense: Decimal
    prepaid: Decimal


class PortfolioShape(Shape, of=Portfolio):
    """The plans of many structures."""

    schema_version: Literal[1] = 1
    complete: bool
    clients: tuple[ClientShape, ...]
    refused: tuple[RefusedShape, ...]
    by_month: tuple[MonthShape, ...] = at(
        lambda all_of: [_Month(f"{year}-{month:02}", sums) for (year, month), sums in all_of.by_month.items()]
    )
    by_year: tuple[OfYearShape, ...]
    total_excl_vat: Decimal = at("total.excl_vat")
    vat: Decimal = at("total.vat")
    total_incl_vat: Decimal = at("total.incl_vat")
