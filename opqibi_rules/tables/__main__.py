"""``python -m opqibi_rules.tables``: make the generated files of ``data/`` anew."""

from opqibi_rules.tables.library import SHIPPED, generate

for target, text in generate(SHIPPED).items():
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
