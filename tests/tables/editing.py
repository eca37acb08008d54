"""Tables for tests: ours, edited as a person would, in a text editor."""

from opqibi_rules.tables.library import SHIPPED


def shipped(name: str) -> str:
    """The text of a shipped table."""
    return (SHIPPED / name).read_text("utf-8")


def edited(name: str, *changes: tuple[str, str]) -> str:
    """The text of a shipped table with some words replaced; each must stand there once."""
    text = shipped(name)
    for old, new in changes:
        assert text.count(old) == 1, f"{text.count(old)} times in {name}: {old}"
        text = text.replace(old, new)
    return text


SOURCE = "{document: Our own list, address: https://example.org/, reliability: user}"

FACTS = f"""
title: {{fr: À nous, en: Ours}}
in_force_from: "2025-01-01"
checked_on: "2026-11-21"
checked_by: A person
sources: [{SOURCE}]
"""
"""What every table says about itself, as short as can be."""


def nomenclature(*entries: str, id: str = "ours") -> str:  # noqa: A002 - the field's name in the file
    """A nomenclature of a user's own; an entry is ``code: "1905", tariff: 5``."""
    lines = "".join(f"  - {{{entry}, source: {SOURCE}}}\n" for entry in entries)
    return f"kind: nomenclature\nid: {id}\n{FACTS}entries:\n{lines}"


def vat(*territories: str) -> str:
    """A VAT table of a user's own; a territory is ``id: x, name: {fr: X, en: X}, rate: "0.1", ...``."""
    lines = "".join(f"  - {{{territory}, source: {SOURCE}}}\n" for territory in territories)
    return f"kind: vat\nid: our_vat\n{FACTS}territories:\n{lines}"


def line_of(text: str, words: str) -> int:
    """The number of the one line that holds some words."""
    (number,) = (number for number, line in enumerate(text.splitlines(), 1) if words in line)
    return number
