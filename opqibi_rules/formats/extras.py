"""Optional packages: asked for only where they are needed, and missed in one clear sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message


@contextmanager
def needs_extra(name: str) -> Iterator[None]:
    """Around the imports of an extra's packages.

    Raises:
        RequestError: one is missing, and how to install it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise RequestError(
            Message(
                'This needs the package {package}, which is not installed: pip install "opqibi-rules[{extra}]".',
                package=error.name or "?",
                extra=name,
            )
        ) from None
