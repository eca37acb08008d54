"""What people call the values of an invoice, which ``--confirm`` and JSON name by their keys."""

from opqibi_rules.messages import Message

_KEYS = {
    "number": Message("Number"),
    "date": Message("Date"),
    "due_date": Message("Due date"),
    "type": Message("Kind (380: invoice; 381: credit note)"),
    "currency": Message("Currency"),
    "iban": Message("IBAN"),
    "seller": Message("Seller"),
    "seller_siren": Message("SIREN of the seller"),
    "seller_siret": Message("SIRET of the seller"),
    "seller_vat_id": Message("VAT number of the seller"),
    "buyer": Message("Buyer"),
    "buyer_siren": Message("SIREN of the buyer"),
    "buyer_siret": Message("SIRET of the buyer"),
    "buyer_vat_id": Message("VAT number of the buyer"),
    "buyer_postcode": Message("Postcode of the buyer"),
    "buyer_country": Message("Country of the buyer"),
    "total_excl_vat": Message("Total excl. VAT"),
    "vat": Message("VAT"),
    "total_incl_vat": Message("Total incl. VAT"),
    "allowances": Message("Allowances"),
    "charges": Message("Charges"),
    "prepaid": Message("Paid already"),
    "payable": Message("Amount due"),
}
_PARTS = {
    "vat.rate": Message("rate"),
    "vat.taxable": Message("taxable amount"),
    "vat.amount": Message("amount"),
    "line.name": Message("words"),
    "line.quantity": Message("quantity"),
    "line.unit_price": Message("unit price"),
    "line.price_quantity": Message("price for so many"),
    "line.amount": Message("amount"),
    "line.vat_rate": Message("VAT rate"),
}


def label_of(key: str) -> Message:
    """What a value is called."""
    kind, _, rest = key.partition(".")
    number, _, part = rest.partition(".")
    if not part:
        return _KEYS.get(key, Message("{problem}", problem=key))
    called = _PARTS.get(f"{kind}.{part}", Message("{problem}", problem=part))
    if kind == "vat":
        return Message("VAT {number}: {part}", number=number, part=called)
    return Message("Line {number}: {part}", number=number, part=called)


def in_words(message: Message) -> Message:
    """A sentence that names a value by its key, naming it in words."""
    values = {
        name: in_words(value)
        if isinstance(value, Message)
        else label_of(value)
        if name == "key" and isinstance(value, str)
        else value
        for name, value in message.values.items()
    }
    return Message(message.text, message.many, **values)
