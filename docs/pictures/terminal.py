"""Draw what a command prints, as a picture: ``python docs/pictures/terminal.py OUT.svg COMMAND…``."""

import html
import subprocess
import sys
from pathlib import Path

COLUMN, LINE = 8.4, 18


def main() -> None:
    """Run the command and draw its output."""
    out, *command = sys.argv[1:]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - the caller's own
    shown = " ".join(["$", Path(command[0]).name, *command[1:]])
    lines = [shown, "", *text.rstrip().splitlines()]
    width = int(max(map(len, lines)) * COLUMN) + 40
    height = len(lines) * LINE + 40
    rows = "\n".join(
        f'<text x="20" y="{30 + index * LINE}" xml:space="preserve">{html.escape(line)}</text>'
        for index, line in enumerate(lines)
    )
    Path(out).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><title>{html.escape(shown)}</title>\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="#10151c"/>\n'
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">\n'
        f"{rows}\n</g></svg>\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
