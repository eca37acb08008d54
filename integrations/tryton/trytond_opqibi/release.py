"""What later years take of a fee that was prepaid: kept from the day it is posted, booked at each close."""

from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval

import opqibi_rules as opqibi

from .words import language


class Release(ModelSQL, ModelView):
    """What one financial year takes of one invoice."""

    __name__ = "opqibi.release"
    invoice = fields.Many2One("account.invoice", "Invoice", required=True, readonly=True, ondelete="CASCADE")
    company = fields.Function(fields.Many2One("company.company", "Company"), "on_change_with_company")
    date = fields.Date("Date", required=True, readonly=True)
    label = fields.Char("Label", readonly=True)
    expense = fields.Many2One("account.account", "Expense", required=True, readonly=True)
    prepaid = fields.Many2One("account.account", "Prepaid", required=True, readonly=True)
    amount = fields.Numeric("Amount", digits=(16, 2), required=True, readonly=True)
    move = fields.Many2One("account.move", "Account Move", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [("date", "ASC"), ("id", "ASC")]
        cls._buttons.update(book={"invisible": Eval("move", None) != None, "depends": ["move"]})  # noqa: E711 - PYSON

    @fields.depends("invoice", "_parent_invoice.company")
    def on_change_with_company(self, name=None):
        """That of its invoice."""
        return self.invoice.company if self.invoice else None

    @classmethod
    def plan(cls, invoice, entries):
        """Keep what later years take of an invoice, from the entries that opqibi-rules makes of it."""
        say, structure = language().say, invoice.opqibi_structure()
        kept = []
        for entry in entries:
            for expense, prepaid in _pairs(entry):
                kept.append(
                    cls(
                        invoice=invoice,
                        date=entry.day,
                        label=say(expense.label),
                        expense=structure.account(expense.account.number),
                        prepaid=structure.account(prepaid.account.number),
                        amount=expense.debit - expense.credit,
                    )
                )
        cls.save(kept)

    @classmethod
    @ModelView.button
    def book(cls, releases):
        """Post the move of each, in the period of its day."""
        pool = Pool()
        Move, Line, Period = (pool.get(f"account.{name}") for name in ("move", "move.line", "period"))
        for release in releases:
            if release.move:
                continue
            structure = release.invoice.opqibi_structure()
            if structure is None or structure.release_journal is None:
                raise UserError(gettext("opqibi.msg_no_release_journal", company=release.company.rec_name))
            release.move = Move(
                company=release.company,
                journal=structure.release_journal,
                period=Period.find(release.company, date=release.date),
                date=release.date,
                origin=release.invoice,
                description=release.label,
                lines=[
                    Line(account=account, description=release.label, **sides(amount))
                    for account, amount in (
                        (release.expense, release.amount),
                        (release.prepaid, -release.amount),
                    )
                ],
            )
            release.move.save()
            release.save()
            Move.post([release.move])
            invoice = release.invoice  # what cancels the invoice cancels this move too
            invoice.additional_moves = [*invoice.additional_moves, release.move]
            invoice.save()

    @classmethod
    def book_due(cls):
        """Book those whose year has closed."""
        today = Pool().get("ir.date").today()
        cls.book(cls.search([("move", "=", None), ("date", "<=", today)]))


def moved(entries):
    """What the purchase itself moves from each expense to what is prepaid: (expense, prepaid, amount)."""
    sums = {}
    for entry in entries:
        for expense, prepaid in _pairs(entry):
            pair = expense.account.number, prepaid.account.number
            sums[pair] = sums.get(pair, 0) + expense.debit - expense.credit
    return [(expense, prepaid, amount) for (expense, prepaid), amount in sums.items()]


def sides(amount):
    """Debit and credit of an amount; what is negative is a credit."""
    zero = amount - amount
    return {"debit": max(amount, zero), "credit": max(-amount, zero)}


def _pairs(entry):
    """The two sides of each thing that a later year takes."""
    sides = iter(entry.postings)
    return zip(sides, sides, strict=True)


def later(check, structure):
    """The entries of later years; none where fees are not spread, nor of a credit note."""
    if structure.prepaid == "none" or check.gives_back:
        return ()
    _, *entries = opqibi.entries([check], prepaid=structure.prepaid, year_end=structure.year_end)
    return tuple(entries)
