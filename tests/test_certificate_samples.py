"""The table of samples is current, for every sample that is at hand."""

import os
from pathlib import Path

from opqibi_rules.tables.library import Tables
from tests.certificate_samples import bodies, row

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"
GIVEN = os.environ.get("OPQIBI_SAMPLES")
FOLDERS = (
    [Path(folder) for folder in GIVEN.split(os.pathsep)]
    if GIVEN
    else [folder for folder in (BESIDE / "samples" / "api_entreprise", BESIDE / "seeds") if folder.is_dir()]
)


def test_every_sample_at_hand_stands_in_the_table_as_it_is_read_today() -> None:
    lines = (ROOT / "docs" / "certificate-samples.md").read_text("utf-8").splitlines()
    tables = Tables()
    missing = [
        made for folder in FOLDERS for body in bodies(folder) if (made := row(body, tables)) not in lines
    ]
    assert missing == []


def test_the_table_holds_every_dialect_and_what_is_refused() -> None:
    text = (ROOT / "docs" / "certificate-samples.md").read_text("utf-8")
    for word in ("api_entreprise_v3", "api_entreprise_v2", "opqibi", "agence_bio", "refused"):
        assert f" {word} |" in text
