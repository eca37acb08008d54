"""``python -m opqibi_rules.desk``: write the JSON Schemas of the results anew."""

from opqibi_rules.desk.answers import schema_files

for target, text in schema_files().items():
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
