"""``opqibi-fees`` as a process, with the schedule of 2024 and those of its ``--tables`` alone, whatever is shipped."""

from unittest.mock import patch

from opqibi_rules.cli.main import main
from tests.editions.pinned import Pinned

if __name__ == "__main__":
    with patch("opqibi_rules.cli.options.Tables", Pinned), patch("opqibi_rules.cli.compare.Tables", Pinned):
        main()
