"""A supplier invoice of OPQIBI: checked against the fee schedule, and refused where it differs."""

import hashlib
import json
from decimal import Decimal
from typing import NamedTuple

from trytond import exceptions
from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.product import price_digits
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateAction, StateView, Wizard

import opqibi_rules as opqibi

from .release import later, moved, sides
from .words import choices, language, newest

_OURS = {"invisible": ~Eval("opqibi")}
_DRAFT = {**_OURS, "readonly": Eval("state") != "draft"}
_CENT = Decimal("0.01")


class DisputedError(UserError):
    """An invoice that differs from its price is not posted."""


class DisputedWarning(exceptions.UserWarning):
    """It is, by one who has the right."""


class UndeterminedWarning(exceptions.UserWarning):
    """An invoice that could not be judged is posted by one who says so."""


class Answer(NamedTuple):
    """What was found of an invoice."""

    verdict: str
    summary: str
    check: opqibi.InvoiceCheck | None = None


class Party(metaclass=PoolMeta):
    """A party that may be OPQIBI."""

    __name__ = "party.party"
    opqibi = fields.Boolean("OPQIBI", help="Its invoices are checked against its fee schedule.")


class Row(ModelSQL, ModelView):
    """One line of the comparison: expected, invoiced, difference."""

    __name__ = "account.invoice.opqibi.row"
    invoice = fields.Many2One("account.invoice", "Invoice", required=True, ondelete="CASCADE")
    label = fields.Char("Fee", required=True)
    articles = fields.Char("Articles")
    expected = fields.Numeric("Expected", digits=(16, 2))
    invoiced = fields.Numeric("Invoiced", digits=(16, 2))
    difference = fields.Numeric("Difference", digits=(16, 2))


class Invoice(metaclass=PoolMeta):
    """A supplier invoice, with what its check found."""

    __name__ = "account.invoice"
    opqibi = fields.Function(fields.Boolean("Of OPQIBI"), "on_change_with_opqibi")
    opqibi_event = fields.Selection("get_opqibi_events", "Event Billed", states=_DRAFT)
    opqibi_document = fields.Binary("Document", filename="opqibi_filename", states=_DRAFT)
    opqibi_filename = fields.Char("File Name", states=_DRAFT)
    opqibi_confirmed = fields.Text(
        "Confirmed",
        states=_DRAFT,
        help="What you know and the document leaves open, one a line: seller=OPQIBI, total_excl_vat=1246,00",
    )
    opqibi_verdict = fields.Function(
        fields.Selection(
            [
                (None, ""),
                ("conform", "Conform"),
                ("discrepancy", "Discrepancy"),
                ("undetermined", "Undetermined"),
                ("stale", "To Be Checked Again"),
            ],
            "Verdict",
            states=_OURS,
            sort=False,
        ),
        "get_opqibi_verdict",
    )
    opqibi_found = fields.Char("Verdict Found", readonly=True)
    opqibi_seen = fields.Char("What Was Judged", readonly=True)
    opqibi_gap = fields.Numeric("Gap, Excl. VAT", digits=(16, 2), readonly=True, states=_OURS)
    opqibi_summary = fields.Text("In One Line", readonly=True, states=_OURS)
    opqibi_causes = fields.Text("Causes", readonly=True, states=_OURS)
    opqibi_findings = fields.Text("Findings", readonly=True, states=_OURS)
    opqibi_letter = fields.Text("Letter", readonly=True, states=_OURS)
    opqibi_rows = fields.One2Many(
        "account.invoice.opqibi.row", "invoice", "Comparison", readonly=True, states=_OURS
    )
    opqibi_releases = fields.One2Many(
        "opqibi.release", "invoice", "Prepaid Releases", readonly=True, states=_OURS
    )

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._check_modify_exclude |= _RESULTS
        cls._buttons.update(
            opqibi_check={
                "invisible": ~Eval("opqibi") | ~Eval("state").in_(["draft", "validated"]),
                "depends": ["opqibi", "state"],
            }
        )

    @classmethod
    def view_attributes(cls):
        """The page is there for whom it concerns."""
        return [*super().view_attributes(), ('/form//page[@id="opqibi"]', "states", _OURS)]

    @staticmethod
    def get_opqibi_events():
        """Those that the schedule declares."""
        return [(None, ""), *choices(newest().events)]

    @fields.depends("type", "party")
    def on_change_with_opqibi(self, name=None):
        """A supplier invoice of a party that is OPQIBI."""
        return self.type == "in" and bool(self.party and self.party.opqibi)

    def get_opqibi_verdict(self, name):
        """What was found, as long as what was judged is what stands here."""
        if not self.opqibi_found or self.state not in {"draft", "validated"}:
            return self.opqibi_found
        return self.opqibi_found if self.opqibi_seen == self._opqibi_seen() else "stale"

    def opqibi_structure(self):
        """The company as OPQIBI knows it."""
        return Pool().get("opqibi.structure").of(self.company)

    def _opqibi_data(self):
        """The document itself, where the client asked for its size alone."""
        with Transaction().set_context({f"{self.__name__}.opqibi_document": None}):
            return bytes(self.__class__(self.id).opqibi_document or b"")

    def _opqibi_seen(self):
        """The mark of all that a verdict rests on: another value, another mark."""
        structure = self.opqibi_structure()
        judged = (
            opqibi.__version__,
            str(newest().id),
            hashlib.sha256(self._opqibi_data()).hexdigest(),
            self.opqibi_event,
            self.opqibi_confirmed,
            structure
            and [structure.known().to_dict(), [str(item.known()) for item in structure.qualifications]],
            structure and [item.known().to_dict() for item in structure.qualifications if item.asked],
            self._opqibi_entered().to_dict(),
        )
        return hashlib.sha256(json.dumps(judged, default=str).encode()).hexdigest()

    def _opqibi_entered(self):
        """The invoice as it was entered here; a credit note where its total is negative."""
        back = self.total_amount < 0
        sign = -1 if back else 1
        buyer, seller = self.company.party, self.party
        return opqibi.Invoice(
            self.reference,
            self.invoice_date,
            type_code="381" if back else "380",
            currency=self.currency.code if self.currency else None,
            seller=opqibi.Party(seller.name, siren=_siren(seller)),
            buyer=opqibi.Party(buyer.name, siren=_siren(buyer)),
            lines=tuple(
                opqibi.InvoiceLine(
                    str(number),
                    line.description,
                    quantity=None if line.quantity is None else Decimal(str(line.quantity)) * sign,
                    unit_price=line.unit_price,
                    amount=line.amount * sign,
                )
                for number, line in enumerate(self.line_lines, 1)
            ),
            total_excl_vat=self.untaxed_amount * sign,
            vat=self.tax_amount * sign,
            total_incl_vat=self.total_amount * sign,
        )

    def _opqibi_answer(self):
        """What opqibi-rules says of the document, or of what was entered where there is none."""
        structure = self.opqibi_structure()
        if structure is None or not self.opqibi_event:
            wanted = "msg_no_structure" if structure is None else "msg_no_event"
            return Answer("undetermined", gettext(f"opqibi.{wanted}", company=self.company.rec_name))
        say = language().say
        entered = self._opqibi_entered()
        try:
            confirmed = _confirmed(self.opqibi_confirmed)
            document = entered
            if data := self._opqibi_data():
                name = self.opqibi_filename or "document"
                found = opqibi.read_invoices(data, name=name)
                document = _named(found, self.reference)
                if document is None:
                    return Answer("undetermined", gettext("opqibi.msg_not_in_document", name=name))
                if document.reading is not None:
                    document = opqibi.read_invoice(data, confirmed=confirmed, name=name)
            if document.issued is None:
                return Answer("undetermined", gettext("opqibi.msg_no_date"))
            check = opqibi.check_invoice(
                document,
                expected=structure.price(self.opqibi_event, document.issued),
                structure=structure.known(),
                supplier=opqibi.Supplier(siren=_siren(self.party)),
                confirmed=confirmed,
            )
        except opqibi.OpqibiError as error:
            return Answer("undetermined", say(error.message))
        if differing := list(_differing(entered, document)):
            told = "; ".join(differing)
            return Answer("discrepancy", gettext("opqibi.msg_entered_differs", differences=told), check)
        return Answer(check.verdict, say(check.summary), check)

    @classmethod
    @ModelView.button
    def opqibi_check(cls, invoices):
        """Check each against the schedule, and keep what was found on it."""
        cls._opqibi_keep(invoices)

    @classmethod
    def _opqibi_keep(cls, invoices):
        Row = Pool().get("account.invoice.opqibi.row")
        say, answers = language().say, {}
        for invoice in invoices:
            answers[invoice] = answer = invoice._opqibi_answer()  # noqa: SLF001 - its own
            check = answer.check
            invoice.opqibi_found, invoice.opqibi_summary = answer.verdict, answer.summary
            invoice.opqibi_seen = invoice._opqibi_seen()  # noqa: SLF001 - its own
            invoice.opqibi_gap = check and check.gap
            causes = check.explanations if check else ()
            invoice.opqibi_causes = "\n".join(_cause(cause, say) for cause in causes)
            findings = check.findings if check else ()
            invoice.opqibi_findings = "\n".join(say(item.message) for item in findings)
            letter = opqibi.dispute_letter(check) if check else ()
            invoice.opqibi_letter = "\n\n".join(map(say, letter))
            Row.delete(invoice.opqibi_rows)
            invoice.opqibi_rows = [
                Row(
                    label=say(row.label),
                    articles=", ".join(row.articles),
                    expected=row.expected,
                    invoiced=row.invoiced,
                    difference=row.difference,
                )
                for row in (check.rows if check else ())
            ]
        cls.save(invoices)
        return answers

    @classmethod
    def validate_invoice(cls, invoices):
        """What is validated is checked; what is posted too, and may then be refused."""
        cls._opqibi_keep([invoice for invoice in invoices if invoice.opqibi])
        super().validate_invoice(invoices)

    @classmethod
    def _post(cls, invoices):
        pool = Pool()
        Move, Release = pool.get("account.move"), pool.get("opqibi.release")
        ours = [invoice for invoice in invoices if invoice.opqibi and invoice.state != "posted"]
        answers = cls._opqibi_keep(ours)
        for invoice, answer in answers.items():
            invoice._opqibi_refuse(answer)  # noqa: SLF001 - its own
        drafted = [invoice for invoice in ours if invoice.move and invoice.move.state == "draft"]
        moves = [
            invoice.move for invoice in drafted
        ]  # made when it was validated: made anew, of what holds now
        for invoice in drafted:
            invoice.move = None
        cls.save(drafted)
        Move.delete(moves)
        super()._post(invoices)
        for invoice in ours:
            Release.plan(invoice, invoice._opqibi_later(answers[invoice]))  # noqa: SLF001 - its own

    def _opqibi_refuse(self, answer):
        """Let through what conforms; the rest by right, or by one who says so."""
        if answer.verdict == "conform":
            return
        pool = Pool()
        Warning_ = pool.get("res.user.warning")
        values = {"invoice": self.rec_name, "summary": answer.summary}
        structure = self.opqibi_structure()
        strict = answer.verdict == "discrepancy" or (structure and structure.undetermined == "refuse")
        transaction = Transaction()
        nobody = not transaction.user or transaction.context.get(
            "_skip_warnings"
        )  # a task posts, and reads nothing
        if nobody or (strict and not self._opqibi_may_post()):
            raise DisputedError(gettext("opqibi.msg_disputed", **values))
        key = Warning_.format(f"opqibi_{answer.verdict}", [self])
        if Warning_.check(key):
            if answer.verdict == "discrepancy":
                raise DisputedWarning(key, gettext("opqibi.msg_disputed_by_right", **values))
            raise UndeterminedWarning(key, gettext("opqibi.msg_undetermined", **values))

    @staticmethod
    def _opqibi_may_post():
        pool = Pool()
        group = pool.get("ir.model.data").get_id("opqibi", "group_post_disputed")
        return group in pool.get("res.user").get_groups()

    def _opqibi_later(self, answer):
        """The entries of later years; none of what is disputed. The purchase falls in the year of the document."""
        structure, check = self.opqibi_structure(), answer.check
        if structure is None or check is None or answer.verdict == "discrepancy":
            return ()
        try:
            entries = later(check, structure)
        except opqibi.OpqibiError as error:
            raise UserError(gettext("opqibi.msg_refused", reason=language().say(error.message))) from error
        if entries and self.accounting_date:
            year_of = opqibi.YearEnd.parse(structure.year_end).year_of
            if year_of(self.accounting_date) != year_of(check.invoice.issued):
                raise UserError(gettext("opqibi.msg_other_year", invoice=self.rec_name))
        return entries

    def get_move(self):
        """What later years bear of a fee is moved to what is prepaid."""
        if self.move or not self.opqibi:
            return super().get_move()
        move = super().get_move()
        entries = self._opqibi_later(self._opqibi_answer())
        Line, structure = Pool().get("account.move.line"), self.opqibi_structure()
        lines = list(move.lines)
        for expense, prepaid, amount in moved(entries):
            spent = structure.account(expense)
            if (
                sum((line.debit - line.credit for line in lines if line.account == spent), Decimal(0))
                < amount
            ):
                raise UserError(
                    gettext("opqibi.msg_not_on_account", invoice=self.rec_name, account=spent.rec_name)
                )
            lines += [
                Line(account=account, **sides(part))
                for account, part in ((structure.account(prepaid), amount), (spent, -amount))
            ]
        move.lines = lines
        return move

    @classmethod
    def cancel(cls, invoices):
        """What was still to be released of a cancelled invoice is no more."""
        Release = Pool().get("opqibi.release")
        Release.delete([one for each in invoices for one in each.opqibi_releases if one.move is None])
        super().cancel(invoices)

    @classmethod
    def copy(cls, invoices, default=None):
        """A copy is another invoice: nothing was found of it."""
        default = {} if default is None else default.copy()
        for name in (*_RESULTS, "opqibi_document", "opqibi_filename", "opqibi_confirmed"):
            default.setdefault(name, None)
        return super().copy(invoices, default=default)


_RESULTS = {
    f"opqibi_{name}"
    for name in ("found", "seen", "gap", "summary", "causes", "findings", "letter", "rows", "releases")
}


def _siren(party):
    return party.siren.code.replace(" ", "") if party.siren else None


def _cause(cause, say):
    said = say(cause.message)
    return f"{said} ({', '.join(cause.articles)})" if cause.articles else said


def _confirmed(text):
    pairs = (line.partition("=") for line in (text or "").splitlines() if line.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _named(found, number):
    """The invoice of a document that bears a number; its only one where it holds one."""
    if len(found) == 1:
        return found[0]
    return next((one for one in found if one.number == number), None)


def _differing(entered, document):
    """What was entered here otherwise than the document has it."""
    for name in ("number", "issued", "total_excl_vat", "vat", "total_incl_vat"):
        here, there = getattr(entered, name), getattr(document, name)
        if there is not None and here != there:
            label = gettext(f"opqibi.msg_field_{name}")
            yield gettext("opqibi.msg_differs", label=label, here=_shown(here), there=_shown(there))
    if entered.is_credit_note != document.gives_back(document.total_excl_vat):
        yield gettext("opqibi.msg_other_sign")


def _shown(value):
    if isinstance(value, Decimal):
        return language().amount(value)
    return "–" if value is None else value if isinstance(value, str) else language().day(value)


class ImportStart(ModelView):
    """The file to import, and what it bills."""

    __name__ = "opqibi.import.start"
    document = fields.Binary("File", filename="filename", required=True)
    filename = fields.Char("File Name")
    party = fields.Many2One("party.party", "Supplier", required=True, domain=[("opqibi", "=", True)])
    event = fields.Selection("get_events", "Event Billed", required=True)

    @staticmethod
    def get_events():
        """Those that the schedule declares."""
        return choices(newest().events)

    @staticmethod
    def default_party():
        found = Pool().get("party.party").search([("opqibi", "=", True)], limit=2)
        return found[0].id if len(found) == 1 else None


class Import(Wizard):
    """An e-invoice, or a page, made into a supplier invoice and checked."""

    __name__ = "opqibi.import"
    start = StateView(
        "opqibi.import.start",
        "opqibi.import_start_view_form",
        [
            Button("Cancel", "end", "tryton-cancel"),
            Button("Import", "import_", "tryton-ok", default=True),
        ],
    )
    import_ = StateAction("account_invoice.act_invoice_in_form")

    def do_import_(self, action):
        """The invoices of the file, as drafts, each checked."""
        pool = Pool()
        Invoice = pool.get("account.invoice")
        name = self.start.filename or "document"
        try:
            found = opqibi.read_invoices(bytes(self.start.document), name=name)
        except opqibi.OpqibiError as error:
            raise UserError(gettext("opqibi.msg_refused", reason=language().say(error.message))) from error
        made = [self._made(document, name) for document in found]
        Invoice.save(made)
        Invoice.update_taxes(made)
        Invoice.opqibi_check(made)
        return action, {"res_id": [invoice.id for invoice in made]}

    def _made(self, document, name):
        pool = Pool()
        Invoice, Company = pool.get("account.invoice"), pool.get("company.company")
        company = Company(Transaction().context["company"])
        if not document.is_in_euros or company.currency.code != "EUR":
            raise UserError(gettext("opqibi.msg_euros", name=name))
        invoice = Invoice(type="in", company=company, party=self.start.party, currency=company.currency)
        invoice.on_change_party()
        invoice.journal = invoice.set_journal() or getattr(invoice, "journal", None)
        invoice.reference, invoice.invoice_date = document.number, document.issued
        invoice.opqibi_event, invoice.opqibi_document = self.start.event, self.start.document
        invoice.opqibi_filename = name
        structure = pool.get("opqibi.structure").of(company)
        if structure is None:
            raise UserError(gettext("opqibi.msg_no_structure", company=company.rec_name))
        invoice.lines = _lines(document, structure, self.start.event)
        return invoice


def _lines(document, structure, event):
    """The lines of a document, each on the account of the fee that it bills."""
    Line = Pool().get("account.invoice.line")
    fees, sign = _fees(document, structure, event), -1 if document.is_credit_note else 1
    accounts = opqibi.Tables().accounts.by_purpose
    lines = []
    for item in _items(document):
        quantity, price = item.quantity, item.unit_price
        whole = quantity is None or price is None or item.price_quantity is not None
        if whole or (quantity * price).quantize(_CENT) != item.amount or _decimals(price) > price_digits[1]:
            quantity, price = Decimal(1), item.amount
        account = structure.account(accounts[fees.get(item.id, "other")].number)
        line = Line(type="line", description=item.name or item.description or "–", account=account)
        line.quantity, line.unit_price, line.currency = (
            float(quantity * sign),
            price,
            structure.company.currency,
        )
        line.taxes = [structure.tax] if structure.tax and item.vat_rate != 0 else []
        lines.append(line)
    return lines


def _decimals(amount):
    return max(0, -amount.normalize().as_tuple().exponent)


def _items(document):
    """What adds up: the lines, what is taken off or added to the whole; the total where there is no line."""
    total = document.total_excl_vat
    lines = [line for line in document.details if line.amount is not None]
    more = [
        opqibi.InvoiceLine(f"+{number}", item.reason, amount=item.amount, vat_rate=item.vat_rate)
        for number, item in enumerate(document.adjustments)
        if item.amount is not None
    ]
    if not lines and total is not None:
        return [opqibi.InvoiceLine("1", document.number, amount=total)]
    return [*lines, *more]


def _fees(document, structure, event):
    """The fee that each line bills, where the check finds one."""
    try:
        expected = structure.price(event, document.issued)
        check = opqibi.check_invoice(document, expected=expected, structure=structure.known())
    except (opqibi.OpqibiError, TypeError):  # no day: no price
        return {}
    return {line: row.fees[0] for row in check.rows if len(row.fees) == 1 for line in row.lines}
