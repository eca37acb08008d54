"""What was paid before a plan, from invoices already checked: the JSON that ``check-invoice`` wrote."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.money import exactly, to_amount
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.json_text import strict_json
from opqibi_rules.price.structure import Paid


def paid_by_invoices(path: Path) -> list[Paid]:
    """Each fee of each invoice, at the day of the invoice, in euros excl. VAT.

    Raises:
        FileError: no file, or not JSON.
        RequestError: not what ``check-invoice`` writes; an invoice that is not conform, not in euros,
            that does not say its total, that another document corrects, or a line of which is not one fee.
        AmountError, DateError: no amount, no day.
    """
    value = strict_json(file_bytes(path), path.name)
    found = [
        paid for one in (value if isinstance(value, list) else [value]) for paid in _paid_by(one, path.name)
    ]
    if not found:
        raise _not_a_check(path.name)
    return found


@exactly
def _paid_by(check: object, name: str) -> list[Paid]:
    if not isinstance(check, Mapping):
        raise _not_a_check(name)
    try:
        invoice, rows = check["invoice"], check["comparison"]
        number, day, total = str(invoice["number"]), invoice["date"], invoice["total_excl_vat"]
        sound = check["verdict"] == "conform" and invoice["currency"] == "EUR" and check["series"] is None
        billed = [(tuple(row["fees"]), to_amount(row["invoiced"], "paid")) for row in rows]
    except (KeyError, TypeError):
        raise _not_a_check(name) from None
    sums: dict[str, Decimal] = {}
    for fees, amount in billed:
        sound = sound and len(fees) == 1
        sums["".join(fees)] = sums.get("".join(fees), Decimal(0)) + amount
    sound = sound and total is not None and sum(sums.values()) == to_amount(total, "paid")
    if not sound or not sums:
        raise RequestError(
            "--paid: {file}: the invoice {number} is not a conform one, in euros, that says its total, bills each "
            "fee on its own and is corrected by nothing; say what was paid as 2026-06-02=FEE=557.50.",
            file=name,
            number=number[:60],
        )
    return [Paid(to_day(day, "paid"), amount, fee) for fee, amount in sums.items()]


def _not_a_check(name: str) -> OpqibiError:
    return RequestError("--paid: {file} is not what check-invoice --format json writes.", file=name)
