"""A folder of answers, one file a firm, that fills as a register answers.

Each answer is stored whole as it comes, under the SIREN that was asked about: a run that is interrupted loses none,
and the next one asks again for nothing that is stored and fresh.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from typing import NamedTuple

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.firms import Firm, failed, faulted
from opqibi_rules.certificate.reading.certificate_answer import read_answer_file
from opqibi_rules.errors import FetchError, FileError, Mistake, OpqibiError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import remembered, write_whole

AT_ONCE = 4
"""Calls in flight: where an answer takes a second, they make nearly all of what the quota allows."""

Fetch = Callable[[str], str]
"""Asks a register about a SIREN; gives the text to store, which says when it was fetched.

Raises ``FetchError`` where it gives no answer about the firm. Several threads call it.
"""


class Register(NamedTuple):
    """What is asked."""

    fetch: Fetch
    host: str | None = None
    """The server that it is, as its answers say."""


class _Held(NamedTuple):
    """What is held about a firm: an answer, or why there is none, or none fresh."""

    answer: Answer | None = None
    problem: Exception | None = None


def with_answers(
    firms: Sequence[Firm],
    folder: Path,
    *,
    fresh_from: date,
    register: Register | None = None,
    told: Callable[[Iterable[str], int], Iterable[str]] = lambda sirens, _total: sirens,
) -> list[Firm]:
    """Each firm with its answer: the one stored, where it is fresh; else one asked for, and stored.

    Args:
        firms: those of a list; one that has its answer keeps it.
        folder: where answers are stored.
        fresh_from: an answer fetched on that day or later is not asked for again.
        register: what is asked; ``None``: what is stored is all there is.
        told: sees each SIREN pass as its answer is stored, and knows how many there will be.

    Raises:
        FileError: an answer cannot be stored.
        RequestError: what is stored comes from another server, whose answers are not to be mixed with these.
    """
    sirens = [firm.siren for firm in firms if firm.siren and not firm.failed and not firm.answer]
    held = {siren: _stored(folder, siren) for siren in dict.fromkeys(sirens)}
    if register is not None:
        _refuse_others(held.values(), register, folder)
        old = [siren for siren, one in held.items() if not one.problem and not _is_fresh(one, fresh_from)]
        for _ in told(_stored_anew(old, folder, register.fetch, held), len(old)):
            pass
    return [
        firm if firm.failed or firm.answer else _with(firm, held.get(firm.siren or "", _Held()))
        for firm in firms
    ]


def without_answers(firms: Iterable[Firm]) -> list[Firm]:
    """Each firm; one that the list names no answer for says so."""
    return [firm if firm.failed or firm.answer else _with(firm, _Held()) for firm in firms]


def _refuse_others(held: Iterable[_Held], register: Register, folder: Path) -> None:
    others = {one.answer.host for one in held if one.answer} - {register.host, None}
    if others:
        raise RequestError(
            "{folder} holds answers of {others}; store those of {host} in a folder of their own.",
            folder=str(folder),
            others=tuple(sorted(filter(None, others))),
            host=register.host,
        )


def _is_fresh(held: _Held, fresh_from: date) -> bool:
    day = held.answer.fetched_on if held.answer else None
    return day is not None and day >= fresh_from


def _with(firm: Firm, held: _Held) -> Firm:
    answer, problem = held
    if isinstance(problem, FileError):
        return failed(firm, problem.mistakes[0].message)
    if isinstance(problem, OpqibiError):
        return replace(firm, answer=answer, unknown=problem.message)
    if problem is not None:
        return faulted(firm, problem)
    unknown = None if answer else Message("No answer about it is stored, and none was asked for.")
    return replace(firm, answer=answer, unknown=unknown)


def _stored_anew(sirens: Sequence[str], folder: Path, fetch: Fetch, held: dict[str, _Held]) -> Iterator[str]:
    """Ask about each, and store what comes; each SIREN as it is done."""
    for siren, given in _asked(sirens, fetch):
        if isinstance(given, str):
            write_whole(folder / f"{siren}.json", given.encode())
            held[siren] = _stored(folder, siren)
        else:
            held[siren] = _Held(held[siren].answer, given)
        yield siren


def _asked(sirens: Sequence[str], fetch: Fetch) -> Iterator[tuple[str, str | Exception]]:
    """What the register says of each, a few at once: no call leaves before what came is taken away, and stored.

    The threads end with the command, whatever they wait for.
    """
    turns = Semaphore(AT_ONCE)
    waiting: SimpleQueue[str] = SimpleQueue()
    done: SimpleQueue[tuple[str, str | Exception]] = SimpleQueue()
    closed: list[FetchError] = []
    for siren in sirens:
        waiting.put(siren)

    def work() -> None:
        while turns.acquire():
            try:
                siren = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((siren, closed[0] if closed else fetch(siren)))
            except Exception as error:  # noqa: BLE001 - told of this firm; the others are asked about
                if isinstance(error, FetchError) and error.every_call:
                    closed.append(error)
                done.put((siren, error))

    for _ in range(min(AT_ONCE, len(sirens))):
        Thread(target=work, daemon=True).start()
    for _ in sirens:
        yield done.get()
        turns.release()


def _stored(folder: Path, siren: str) -> _Held:
    """The answer stored about a firm, if there is one; what stands there and is something else is left as it is."""
    path = folder / f"{siren}.json"
    if not path.exists():
        return _Held()
    try:
        with remembered():  # and forgotten: what is stored may be written over by what is fetched
            answers = read_answer_file(path)
    except FileError as error:
        return _Held(problem=error)
    if len(answers) != 1 or answers[0].fetched_on is None or answers[0].siren != siren:
        message = Message("{name} is no answer stored about this firm; move it away.", name=path.name)
        return _Held(problem=FileError(str(path), [Mistake(message)]))
    return _Held(answers[0])
