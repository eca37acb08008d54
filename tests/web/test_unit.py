"""The systemd unit of the guide: right to systemd, and as closed as it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.web.serving import ROOT

UNIT = ROOT / "docs" / "opqibi-fees.service"
CLOSED = (
    "LockPersonality", "NoNewPrivileges", "PrivateDevices", "PrivateTmp", "PrivateUsers", "ProtectClock",
    "ProtectControlGroups", "ProtectHome", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
    "ProtectKernelTunables", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID",
)  # fmt: skip


def test_the_unit_is_right_and_closed(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    for name in CLOSED:
        assert f"{name}=yes\n" in text
    assert "OPQIBI_TOKEN=" not in text
    assert not re.search(r"--token\s", text)  # which all users of the machine would see
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        return
    here = tmp_path / UNIT.name
    here.write_text(text.replace("/opt/opqibi-fees/bin/opqibi-fees", sys.executable), "utf-8")
    verified = subprocess.run([analyse, "verify", str(here)], capture_output=True, text=True, check=False)
    assert UNIT.name not in verified.stderr, verified.stderr
    measured = subprocess.run(
        [analyse, "security", "--offline=true", "--no-pager", str(here)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Unknown" not in measured.stderr and (
        found := re.search(r"exposure level.*: ([0-9.]+)", measured.stdout)
    ):
        assert float(found[1]) < 2  # « OK »; it was 3.7
    else:
        assert "offline" in measured.stderr, measured  # a systemd that measures running services alone
