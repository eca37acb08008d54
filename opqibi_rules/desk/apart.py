"""Work done in a process apart (:mod:`opqibi_rules.desk.worker`): how it is put, answered, and refused."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from functools import lru_cache
from http import HTTPStatus
from typing import TypeVar

from opqibi_rules.desk.queue import BusyError
from opqibi_rules.desk.refusals import RefusedError, Wrong, refused_by_field
from opqibi_rules.desk.requests import ProgramRequest
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import PICTURES_SECONDS, StoppedError, Workers
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.pages.document_pages import PicturesError, texts_alone
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables

_Answer = TypeVar("_Answer")
Longer = Callable[[float], None]
"""What gives a caller more seconds."""


def work_on(question: ProgramRequest | Json, service: Service, *, name: str, voice: Language) -> Json:
    """The work as a worker takes it: the question, read or to be read there, and all that it would know from here."""
    if isinstance(question, ProgramRequest):
        question = question.model_dump(mode="json", exclude_none=True)
    return {
        "question": question,
        "today": service.today().isoformat(),
        "tables": None if service.tables.own is None else str(service.tables.own),
        "lang": voice.name,
        "name": name,
    }


async def done_apart(
    workers: Workers, task: str, work: Json, data: bytes = b"", longer: Longer | None = None
) -> Json | bytes:
    """What a worker answers to a work.

    What has to be read by its pictures goes to the lane of its own; ``longer`` is told how long that may take.

    Raises:
        RefusedError: what the worker refused, or a work that ran out of time or memory.
    """
    try:
        result: Json | bytes = await workers.run(task, work, data)
        if isinstance(result, dict) and "pictures" in result:
            if longer is not None:
                longer(PICTURES_SECONDS)
            result = await workers.pictures.run(task, {**work, "pictures": True}, data)
    except BusyError:
        message = Message("too many files are waiting to be read; ask again in a moment.")
        raise RefusedError([Wrong(None, message)], HTTPStatus.SERVICE_UNAVAILABLE) from None
    except StoppedError:
        message = Message("reading it took too much time or memory, and was stopped.")
        raise RefusedError([Wrong("file" if data else None, message)]) from None
    if isinstance(result, dict) and "wrong" in result:
        raise RefusedError(
            [Wrong(item["field"], Message("{problem}", problem=item["reason"])) for item in result["wrong"]]
        )
    return result


def answered(work: Json, answer: Callable[[Service, Language], _Answer]) -> _Answer | Json:
    """In a worker: the answer to a work; or what is ``wrong``."""
    day = date.fromisoformat(work["today"])
    service = Service(tables_at(work["tables"]), lambda: day)
    voice = Language(work["lang"])
    try:
        with refused_by_field(), nullcontext() if work.get("pictures") else texts_alone():
            return answer(service, voice)
    except PicturesError:
        return {"pictures": True}
    except RefusedError as refused:
        return {"wrong": [{"field": item.field, "reason": voice.say(item.reason)} for item in refused.wrong]}


@lru_cache(maxsize=2)
def tables_at(own: str | None) -> Tables:
    """The facts, read once for all the workers that are forked from here."""
    return Tables(own)
