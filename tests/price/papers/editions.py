"""The schedules that ship nowhere, as the tests of papers take them: alone, or with fees added to them."""

import shutil
from pathlib import Path

from opqibi_rules.tables.library import Tables

EDITIONS = Path(__file__).parents[2] / "editions"

EXPORT_DUTY = """\
  - id: duty
    name: { fr: Droit d’export, en: Export duty }
    article: "D"
    events: [entree, reprise]
    billed: application
    years: 3
    parts:
      - { kind: flat, id: base, article: "D", label: { fr: Part fixe du droit, en: Fixed part }, amount: "10.10" }
      - kind: tranches
        id: slices
        article: "D"
        turnover: export
        tranches: [{ above: "0", up_to: null, rate: "0.0123457" }]
        floor: { article: "D", amount: "30.00" }
"""
"""A fourth fee of the other body: flat and by one tranche of another turnover, with a floor and no cap."""


def edition(name: str, folder: Path, *, more: str = "") -> Tables:
    """One of them over our own tables, without the words and accounts that an invoice needs.

    Args:
        name: its folder in ``tests/editions``.
        folder: an empty one, for its copy.
        more: the text of fees to add.
    """
    (source,) = (
        file for file in (EDITIONS / name).glob("*.yaml") if "kind: schedule" in file.read_text("utf-8")
    )
    copy = folder / source.name
    shutil.copy(source, copy)
    copy.write_text(copy.read_text("utf-8") + more, "utf-8")
    return Tables(folder)
