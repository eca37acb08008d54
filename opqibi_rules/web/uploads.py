"""An upload, kept in memory: no file is ever written, so that none can be left behind."""

import re
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import one_line

LONGEST_NAME = 100
CHOOSE_A_FILE = Message("Choose a file.")


class _InMemory(MultiPartParser):
    """The parser of forms, made never to spill on the disk: the size of a body is bounded before it."""

    spool_max_size = 2**31


def _safe(name: str) -> str:
    """A name to show, without folders nor anything that a screen would obey."""
    return one_line(re.sub(r"[/\\]+", " ", name))[-LONGEST_NAME:]


class Upload(NamedTuple):
    """A file that came in, and the fields around it."""

    name: str
    data: bytes
    fields: FormData


async def upload_of(request: Request, *, needed: bool = True) -> Upload:
    """The file of a multipart form; an empty one where none was chosen and none is ``needed``.

    Raises:
        RefusedError: no such form (415), a broken one (400), or no file in it (422).
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RefusedError([Wrong(None, Message("a form with a file expected (multipart/form-data)."))], 415)
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1, max_fields=100).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise RefusedError([Wrong(None, Message("the form cannot be read."))], 400) from None
    file = form.get("file")
    name, data = "", b""
    if isinstance(file, UploadFile):
        name, data = _safe(file.filename or ""), await file.read()
    await form.close()
    if needed and not name:
        raise RefusedError([Wrong("file", CHOOSE_A_FILE)])
    return Upload(name, data, form)
