"""The page of licences says what the packages installed here declare."""

from tests.packaging.licences import PAGE, page
from tests.packaging.requirements import EXTRAS, closure, direct, licence


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_every_package_declares_a_licence_and_those_that_bind_more_than_a_notice_are_known() -> None:
    declared = {name: licence(name) for name in closure(direct(*EXTRAS))}
    assert "not declared" not in declared.values()
    words = ("GPL", "General Public", "MPL", "Mozilla", "EUPL", "CeCILL", "EPL")
    binding = {name for name, said in declared.items() if any(word in said for word in words)}
    assert binding == {"python-stdnum", "certifi", "tqdm"}  # LGPL, see the page; MPL: binds its own files
