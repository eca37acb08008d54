"""Libraries that only some formats need: loaded when a file asks for them, named when they are missing."""

import importlib
from types import ModuleType

from opqibi_rules.errors import RequestError


def load(module: str, *, extra: str) -> ModuleType:
    """The module of an optional dependency.

    Raises:
        RequestError: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise RequestError(
            'The « {extra} » extra is needed and is not installed: pip install "opqibi-rules[{extra}]".',
            extra=extra,
        ) from None
