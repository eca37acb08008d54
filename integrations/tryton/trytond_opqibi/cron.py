"""What is done every day without anyone asking."""

from trytond.pool import PoolMeta


class Cron(metaclass=PoolMeta):
    """Two daily tasks more."""

    __name__ = "ir.cron"

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection += [
            ("opqibi.structure|plan_controls", "OPQIBI: Plan the Controls Due"),
            ("opqibi.release|book_due", "OPQIBI: Book what the Past Years Take of Prepaid Fees"),
        ]
