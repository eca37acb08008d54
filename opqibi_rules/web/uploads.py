"""An upload, kept in memory: no file is ever written, so that none can be left behind."""

import re
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.text import one_line

LONGEST_NAME = 100
_LARGEST_PART = 2**31
"""The size of a body is bounded before it, whatever its parts."""
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


class Uploads(NamedTuple):
    """Files that came in, by name, and the fields around them."""

    files: tuple[tuple[str, bytes], ...] = ()
    fields: FormData = FormData()


async def uploads_of(request: Request, *, most: int, most_fields: int = 100) -> Uploads:
    """The files of a multipart form, which may be none.

    Raises:
        RefusedError: no such form (415), or a broken one (400).
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RefusedError([Wrong(None, Message("a form with a file expected (multipart/form-data)."))], 415)
    try:
        form = await _InMemory(
            request.headers,
            request.stream(),
            max_files=most + 1,  # one more is told apart from a form that cannot be read
            max_fields=most_fields,
            max_part_size=_LARGEST_PART,
        ).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise RefusedError([Wrong(None, Message("the form cannot be read."))], 400) from None
    files = [
        (file, _safe(file.filename or "")) for file in form.getlist("file") if isinstance(file, UploadFile)
    ]
    if len(files) > most:
        await form.close()
        raise RefusedError([Wrong("file", plural("one file is taken.", "{n} files at most.", n=most))])
    held = [(name, await file.read()) for file, name in files if name]
    await form.close()
    return Uploads(tuple(held), form)


async def upload_of(request: Request, *, needed: bool = True) -> Upload:
    """The file of a multipart form; an empty one where none was chosen and none is ``needed``.

    Raises:
        RefusedError: no such form (415), a broken one (400), or no file in it (422).
    """
    files, fields = await uploads_of(request, most=1)
    if needed and not files:
        raise RefusedError([Wrong("file", CHOOSE_A_FILE)])
    return Upload(*(files[0] if files else ("", b"")), fields)
