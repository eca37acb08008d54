"""The company as OPQIBI knows it: its qualifications, its turnovers, its controls; and those that come due."""

from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

import opqibi_rules as opqibi

from .words import choices, language, newest


class Structure(ModelSQL, ModelView):
    """What of a company makes OPQIBI's fees, and how they are booked."""

    __name__ = "opqibi.structure"
    company = fields.Many2One("company.company", "Company", required=True, ondelete="CASCADE")
    siren = fields.Char("SIREN", help="By default, that of the company's party.")
    territory = fields.Selection("get_territories", "Territory", required=True, help="It says the VAT.")
    year_end = fields.Char("Financial Year Closes On", required=True, help="As 31/12 or 30/06.")
    qualifications = fields.One2Many("opqibi.structure.qualification", "structure", "Qualifications")
    turnovers = fields.One2Many("opqibi.structure.turnover", "structure", "Turnovers")
    controls = fields.One2Many("opqibi.structure.control", "structure", "Controls Passed")
    activities = fields.One2Many("opqibi.activity", "structure", "Activities", readonly=True)
    prepaid = fields.Selection(
        [("days", "By Days"), ("months", "By Months"), ("none", "Not Spread")],
        "Fees of Several Years",
        required=True,
        sort=False,
    )
    undetermined = fields.Selection(
        [("warn", "Warn"), ("refuse", "Refuse")],
        "Undetermined Invoices",
        required=True,
        sort=False,
        help="What is done when an invoice is posted that could not be judged.",
    )
    tax = fields.Many2One(
        "account.tax",
        "Tax of Imported Lines",
        domain=[("company", "=", Eval("company", -1)), ("parent", "=", None)],
    )
    release_journal = fields.Many2One("account.journal", "Journal of Prepaid Releases")
    accounts = fields.One2Many(
        "opqibi.structure.account",
        "structure",
        "Accounts",
        help="Where an account of the table differs from that of the chart with the same code.",
    )

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints = [
            ("company_unique", Unique(table, table.company), "opqibi.msg_structure_company_unique")
        ]
        cls._buttons.update(plan_controls={})

    @staticmethod
    def default_company():
        return Transaction().context.get("company")

    @staticmethod
    def default_territory():
        return "metropolitan"

    @staticmethod
    def default_year_end():
        return "31/12"

    @staticmethod
    def default_prepaid():
        return "days"

    @staticmethod
    def default_undetermined():
        return "warn"

    @staticmethod
    def get_territories():
        """Those whose VAT is known."""
        return choices(rules[0] for rules in opqibi.Tables().vat.rules.values())

    def get_rec_name(self, name):
        """That of the company."""
        return self.company.rec_name

    @classmethod
    def validate_fields(cls, structures, field_names):
        """What opqibi-rules does not take is refused where it is entered."""
        super().validate_fields(structures, field_names)
        for structure in structures:
            try:
                structure.known().refuse_contradictions()
            except opqibi.OpqibiError as error:
                raise UserError(
                    gettext("opqibi.msg_refused", reason=language().say(error.message))
                ) from error

    @classmethod
    def of(cls, company):
        """That of a company; ``None`` where none was entered."""
        found = cls.search([("company", "=", company)], limit=1)
        return found[0] if found else None

    def known(self):
        """The same, as opqibi-rules takes it."""
        party = self.company.party
        siren = self.siren or (party.siren.code if party.siren else None)
        years = {}
        for item in self.turnovers:
            years.setdefault((item.year, item.closed_on, item.document or None), {})[item.base] = item.amount
        return opqibi.Structure(
            name=party.name,
            siren=siren and siren.replace(" ", ""),
            territory=self.territory,
            qualifications=[item.known() for item in self.qualifications if not item.asked],
            turnovers=[
                opqibi.Turnover.by_base(year, amounts, document, closed)
                for (year, closed, document), amounts in sorted(years.items(), key=lambda item: item[0][0])
            ],
            controls=sorted(item.day for item in self.controls),
            year_end=opqibi.YearEnd.parse(self.year_end),
        )

    def price(self, event, on):
        """The quote of an event on a day; what is newly asked for is priced as such where something is held."""
        known, asked = self.known(), [item.known() for item in self.qualifications if item.asked]
        role = next((item.role for item in newest().events if item.id == event), None)
        schedules = opqibi.Tables().schedules
        request = {"on": max(on, schedules[0].in_force_from), "event": opqibi.DeclaredEvent(event)}
        if asked and role == "control":
            return opqibi.quote(structure=known, new_qualifications=asked, **request)
        if asked:
            request["qualifications"] = [*known.qualifications, *asked]
        return opqibi.quote(structure=known, **request)

    def account(self, number):
        """The account of the chart that stands for a number of the table: the one chosen, else that of this code."""
        for item in self.accounts:
            if item.number == number:
                return item.account
        Account = Pool().get("account.account")
        found = Account.search(
            [
                ("company", "=", self.company.id),
                ("code", "=", number),
                ("type", "!=", None),
                ("closed", "!=", True),
            ]
        )
        if len(found) != 1:
            raise UserError(gettext("opqibi.msg_no_account", number=number, company=self.rec_name))
        return found[0]

    @classmethod
    @ModelView.button
    def plan_controls(cls, structures=None):
        """Keep one planned activity for the control that comes due; those made are done."""
        pool = Pool()
        today = pool.get("ir.date").today()
        Activity = pool.get("opqibi.activity")
        for structure in cls.search([]) if structures is None else structures:
            try:
                history = opqibi.control_history(structure.known(), on=today)
            except opqibi.OpqibiError as error:
                raise UserError(
                    gettext("opqibi.msg_refused", reason=language().say(error.message))
                ) from error
            Activity.keep(structure, history)


class _Part(ModelSQL, ModelView):
    """A row of a structure."""

    structure = fields.Many2One("opqibi.structure", "Structure", required=True, ondelete="CASCADE")


class Qualification(_Part):
    """A qualification, held or newly asked for."""

    __name__ = "opqibi.structure.qualification"
    code = fields.Char("Code", size=4, required=True)
    tariff = fields.Integer("Tariff Code", help="1 to 7, as OPQIBI's nomenclature gives it.")
    probationary = fields.Boolean("Probationary")
    asked = fields.Boolean("Asked For", help="Newly asked for; not held yet.")
    granted_on = fields.Date("Granted On")
    renewed_on = fields.Date("Renewed On")
    renewed_again_on = fields.Date("Renewed Again On")

    def known(self):
        """The same, as opqibi-rules takes it."""
        return opqibi.Qualification(
            self.code,
            self.tariff,
            bool(self.probationary),
            self.granted_on,
            tuple(filter(None, (self.renewed_on, self.renewed_again_on))),
        )


class Turnover(_Part):
    """A turnover of a financial year."""

    __name__ = "opqibi.structure.turnover"
    year = fields.Integer("Year", required=True)
    base = fields.Selection("get_bases", "Turnover", required=True)
    amount = fields.Numeric("Amount, Excl. VAT", digits=(16, 2), required=True)
    closed_on = fields.Date("Closed On")
    document = fields.Char("Document", help="What certifies it (article III).")

    @staticmethod
    def get_bases():
        """The turnovers that the schedule declares."""
        return choices(newest().turnovers)


class Control(_Part):
    """An annual control that was passed."""

    __name__ = "opqibi.structure.control"
    day = fields.Date("Passed On", required=True)


class AccountOfNumber(_Part):
    """The account of the chart that stands for a number of the accounts table."""

    __name__ = "opqibi.structure.account"
    number = fields.Char("Number", required=True, help="As the table of accounts gives it: 6228, 6511, 486.")
    account = fields.Many2One("account.account", "Account", required=True, domain=[("type", "!=", None)])


class Activity(ModelSQL, ModelView):
    """A control that comes due: what is to be done, by when, and what it will cost."""

    __name__ = "opqibi.activity"
    structure = fields.Many2One("opqibi.structure", "Structure", required=True, readonly=True)
    date = fields.Date("Date", required=True, readonly=True)
    subject = fields.Char("Subject", required=True, readonly=True)
    amount = fields.Numeric(
        "Fee, Excl. VAT", digits=(16, 2), readonly=True, help="By the schedule known when it was planned."
    )
    why = fields.Text("Why No Fee", readonly=True)
    user = fields.Many2One("res.user", "Responsible")
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("dropped", "Dropped")],
        "State",
        required=True,
        readonly=True,
        sort=False,
    )
    late = fields.Function(fields.Boolean("Late"), "get_late")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [("date", "ASC")]

    @staticmethod
    def default_state():
        return "planned"

    def get_late(self, name):
        """Still planned, and its day has passed."""
        return self.state == "planned" and self.date < Pool().get("ir.date").today()

    @classmethod
    def view_attributes(cls):
        """What is late is seen."""
        return [*super().view_attributes(), ("/tree", "visual", If(Eval("late", False), "danger", ""))]

    @classmethod
    def keep(cls, structure, history):
        """The activities of a structure, as its history has them."""
        controls = {one.due: one.passed_on for held in history.qualifications for one in held.controls}
        planned = cls.search([("structure", "=", structure), ("state", "=", "planned")])
        for activity in planned:
            if controls.get(activity.date):
                activity.state = "done"
            elif activity.date not in controls and activity.date != history.next_due:
                activity.state = "dropped"
        cls.save(planned)
        if history.next_due is None or any(one.date == history.next_due for one in planned):
            return
        event = next(item for item in newest().events if item.role == "control")
        activity = cls(structure=structure, date=history.next_due, subject=language().said(event.name))
        activity.subject = activity.subject[:1].upper() + activity.subject[1:]
        try:
            price = structure.price(event.id, history.on)
        except opqibi.OpqibiError as error:
            activity.why = language().say(error.message)
        else:
            activity.amount = None if price.missing else price.total_excl_vat
        activity.save()
