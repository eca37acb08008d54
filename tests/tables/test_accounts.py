"""The accounts of the books: sourced defaults, which a firm's own table replaces."""

from dataclasses import replace
from pathlib import Path

import pytest

from opqibi_rules.errors import FileError, TableError
from opqibi_rules.tables.accounts import PURPOSES
from opqibi_rules.tables.library import SHIPPED, Tables
from tests.tables.editing import FACTS

SHIPPED_TEXT = (SHIPPED / "accounts.yaml").read_text("utf-8")


def test_a_firm_s_own_accounts_replace_ours(tmp_path: Path) -> None:
    own = SHIPPED_TEXT.replace('number: "6511"', 'number: "651100"').replace("code: ACH", "code: HA")
    (tmp_path / "comptes.yaml").write_text(own, "utf-8")
    accounts = Tables(tmp_path).accounts
    assert (accounts.by_purpose["brand_usage"].number, accounts.book.code) == ("651100", "HA")
    assert Tables().accounts.by_purpose["brand_usage"].number == "6511"


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            'number: "486"',
            'number: "48"',
            "$.accounts.prepaid.number: « 48 »; expected an account of three digits or more",
        ),
        ("  supplier:", "  Supplier:", "$.accounts.Supplier: « Supplier »; expected small letters"),
        ("journal: {", "journals: {", "$.journals: not a known field"),
    ],
)
def test_a_wrong_table_says_where(right: str, wrong: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "comptes.yaml").write_text(SHIPPED_TEXT.replace(right, wrong), "utf-8")
    with pytest.raises(FileError) as caught:
        _ = Tables(tmp_path).accounts
    assert expected in str(caught.value)


def test_a_firm_s_own_are_laid_over_ours_purpose_by_purpose(tmp_path: Path) -> None:
    own = f'kind: accounts\nid: ours\n{FACTS}accounts:\n  audit: {{ number: "6226", name: Honoraires }}\n'
    (tmp_path / "comptes.yaml").write_text(own, "utf-8")
    ours, laid = Tables().accounts, Tables(tmp_path).accounts
    assert (laid.book, laid.auxiliary) == (ours.book, ours.auxiliary)
    assert laid.by_purpose == {**ours.by_purpose, "audit": laid.accounts["audit"]}
    assert laid.accounts["audit"].number == "6226"
    assert laid.named == ours.named


def test_a_purpose_without_account_is_told_as_what_it_is() -> None:
    with pytest.raises(
        TableError, match="« audit » has no account: give it one in a table of kind « accounts »"
    ):
        Tables().accounts.by_purpose["audit"]
    with pytest.raises(TableError, match="names a journal"):
        _ = replace(Tables().accounts, journal=None).book


def test_ours_lack_nothing() -> None:
    ours = Tables().accounts
    assert ours.accounts.keys() >= {
        *PURPOSES,
        *(fee.id for edition in Tables().schedules for fee in edition.fees),
    }
    assert ours.book
    assert ours.auxiliary
