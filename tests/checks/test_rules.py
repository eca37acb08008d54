"""The rules of the validity table are those that verdicts name, no more, no less."""

import re
from pathlib import Path

import opqibi_rules.checks
from opqibi_rules.tables.library import Tables

SOURCES = "".join(
    path.read_text("utf-8") for path in sorted(Path(opqibi_rules.checks.__path__[0]).glob("*.py"))
)


def test_every_rule_of_the_table_is_named_somewhere(tables: Tables) -> None:
    assert [rule for rule in tables.validity.rules if f'"{rule}"' not in SOURCES] == []


def test_every_rule_named_is_in_the_table(tables: Tables) -> None:
    named = set(re.findall(r'Reason\(\s*"([a-z0-9-]+)"', SOURCES))
    assert named
    assert named <= tables.validity.rules.keys()


def test_every_rule_says_its_sentence_in_both_languages_and_its_source(tables: Tables) -> None:
    for rule in tables.validity.rules.values():
        assert rule.text.fr.endswith(".")
        assert rule.text.en.endswith(".")
        assert rule.text.fr != rule.text.en
        assert rule.source.address.startswith("https://")
