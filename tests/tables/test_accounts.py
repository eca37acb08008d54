"""The accounts of the books: sourced defaults, which a firm's own table replaces."""

from pathlib import Path

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.tables.library import SHIPPED, Tables

SHIPPED_TEXT = (SHIPPED / "accounts.yaml").read_text("utf-8")


def test_a_firm_s_own_accounts_replace_ours(tmp_path: Path) -> None:
    own = SHIPPED_TEXT.replace('number: "6511"', 'number: "651100"').replace("code: ACH", "code: HA")
    (tmp_path / "comptes.yaml").write_text(own, "utf-8")
    accounts = Tables(tmp_path).accounts
    assert (accounts.by_purpose["brand_usage"].number, accounts.journal.number) == ("651100", "HA")
    assert Tables().accounts.by_purpose["brand_usage"].number == "6511"


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            'number: "486"',
            'number: "48"',
            "$.accounts.prepaid.number: « 48 »; expected an account of three digits or more",
        ),
        ("  supplier:", "  suppliers:", "$.accounts.supplier: missing"),
        ("  supplier:", "  suppliers:", "$.accounts.suppliers: not a field of this file"),
    ],
)
def test_a_wrong_table_says_where(right: str, wrong: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "comptes.yaml").write_text(SHIPPED_TEXT.replace(right, wrong), "utf-8")
    with pytest.raises(FileError) as caught:
        _ = Tables(tmp_path).accounts
    assert expected in str(caught.value)
