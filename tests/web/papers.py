"""Invoices on paper for the tests of the web: set by Typst, whole or with one thing wrong; and photographed."""

import io

import pypdfium2  # type: ignore[import-untyped] # it ships no types
import typst
from PIL import Image

LINES = (
    ("Frais d’instruction, partie forfaitaire", "1", "500,00", "500,00"),
    ("Frais d’instruction, code tarif 1", "5", "60,00", "300,00"),
    ("Frais d’instruction, code tarif 2", "3", "120,00", "360,00"),
)
"""What OPQIBI asks of a first application of five qualifications at tariff 1 and three at tariff 2 (II.1, II.2)."""


def paper(
    *,
    seller: str = "Émetteur : OPQIBI",
    number: str = "F2026-118",
    day: str = "02/03/2026",
    taxed: str = "1 392,00",
) -> bytes:
    """The invoice as a PDF with its text, and no data: 500 + 5 × 60 + 3 × 120 = 1 160; 20 % is 232."""
    rows = "".join(f"[{name}], [{count}], [{price} €], [{amount} €]," for name, count, price, amount in LINES)
    source = f"""
#set page(width: 15cm, height: 12cm, margin: 1cm)
#set text(size: 10pt)
{seller} \\ 104 rue Réaumur, 75002 Paris

#text(size: 14pt)[*Facture n° {number}*]

Date de facture : {day} \\ Client : Bureau d’études Lumière

#table(columns: (1fr, auto, auto, auto), stroke: none,
  [*Désignation*], [*Qté*], [*P.U. HT*], [*Montant HT*], {rows})

#align(right)[Total HT : 1 160,00 € \\ TVA 20 % : 232,00 € \\ Total TTC : {taxed} €]
"""
    made = typst.compile(source.encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


def photograph(pdf: bytes, *, lean: float = 1.2) -> bytes:
    """The first page as a telephone takes it: tilted by some degrees, compressed."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil().convert("RGB")
    tilted = page.rotate(lean, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    out = io.BytesIO()
    tilted.save(out, "JPEG", quality=70, dpi=(200, 200))
    return out.getvalue()
