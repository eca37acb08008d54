"""Files that a page keeps for its reader: they go out with the answer and come back with the next question.

The server keeps nothing; so a verdict is had as a file, or asked for another day, without choosing the files anew.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence

from fastapi import Response
from starlette.datastructures import FormData

from opqibi_rules.certificate.reading.firms_list import Brought
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.messages import Message
from opqibi_rules.web.page_parts import KINDS
from opqibi_rules.web.uploads import Uploads

HEAVIEST = 3_000_000
"""Letters of a page that its files may take; heavier ones are chosen anew."""


def to_keep(files: Sequence[Brought]) -> str:
    """The files as a hidden field; nothing where they are too heavy."""
    if sum(len(file.data) for file in files) * 4 // 3 > HEAVIEST:
        return ""
    return json.dumps([[file.name, b64encode(file.data).decode()] for file in files]) if files else ""


def brought(uploads: Uploads) -> tuple[Brought, ...]:
    """The files chosen; where none is, those that the page kept.

    Raises:
        RefusedError: what comes back is not what went out (400).
    """
    if uploads.files:
        return tuple(Brought(name, data) for name, data in uploads.files)
    try:
        pairs = json.loads(str(uploads.fields.get("kept") or "[]"))
        return tuple(Brought(str(name), b64decode(data, validate=True)) for name, data in pairs)
    except (ValueError, TypeError):
        raise RefusedError([Wrong(None, Message("the form cannot be read."))], 400) from None


def form_of(fields: FormData, known: Sequence[str]) -> str | None:
    """The form of file in which the answer is asked for; nothing: as a page."""
    form = fields.get("form")
    return form if isinstance(form, str) and form in known else None


def download(data: bytes, name: str, form: str) -> Response:
    """An answer as a file."""
    headers = {"Content-Disposition": f'attachment; filename="opqibi-{name}.{form}"'}
    return Response(data, media_type=KINDS[form], headers=headers)
