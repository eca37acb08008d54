"""What opqibi-rules says, in the language of the user; its facts as choices of a selection."""

from trytond.transaction import Transaction

import opqibi_rules as opqibi


def language():
    """French for whoever reads French, else English."""
    return opqibi.Language("fr" if (Transaction().language or "").startswith("fr") else "en")


def choices(facts):
    """Facts that bear an id and a name, as a selection."""
    said = language().said
    return [(fact.id, said(fact.name.capitalised)) for fact in facts]


def newest():
    """The newest fee schedule known: what it declares is what can be chosen."""
    return opqibi.Tables().schedules[-1]
