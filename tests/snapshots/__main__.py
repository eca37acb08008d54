"""``python -m tests.snapshots``: make the snapshots anew, then review what moved with ``git diff``."""

from tests.snapshots import snapshots

for path, text in snapshots().items():
    path.write_text(text, "utf-8")
