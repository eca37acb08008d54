"""A folder of answers, one file a firm, that fills as a register answers.

Each answer is stored whole as it comes, under the SIREN that was asked about: a run that is interrupted loses none,
and the next one asks again for nothing that is stored and fresh.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.firms import Firm
from opqibi_rules.certificate.reading.certificate_answer import read_answer_file
from opqibi_rules.errors import FetchError, FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import remembered, write_whole

Fetch = Callable[[str], str]
"""Asks a register about a SIREN; gives the text to store, which says when it was fetched.

Raises ``FetchError`` where it gives no answer about the firm.
"""


def with_answers(
    firms: Iterable[Firm], folder: Path, *, fresh_from: date, fetch: Fetch | None = None
) -> Iterator[Firm]:
    """Each firm with its answer: the one stored, where it is fresh; else one asked for, and stored.

    Args:
        firms: those of a list.
        folder: where answers are stored.
        fresh_from: an answer fetched on that day or later is not asked for again.
        fetch: asks the register; ``None``: what is stored is all there is.

    Raises:
        FileError: an answer cannot be stored.
    """
    for firm in firms:
        if firm.siren is None or firm.unreadable or firm.answer is not None:
            yield firm
            continue
        with remembered():  # what is stored may be written over by what is fetched
            yield _with_answer(firm, firm.siren, folder, fresh_from, fetch)


def _with_answer(firm: Firm, siren: str, folder: Path, fresh_from: date, fetch: Fetch | None) -> Firm:
    path = folder / f"{siren}.json"
    try:
        stored = _stored(path, siren)
    except FileError as error:
        return replace(firm, unknown=error.mistakes[0].message, unreadable=True)
    if stored is not None and stored.fetched_on is not None and stored.fetched_on >= fresh_from:
        return replace(firm, answer=stored)
    if fetch is None:
        unknown = None if stored else Message("No answer about it is stored, and none was asked for.")
        return replace(firm, answer=stored, unknown=unknown)
    try:
        text = fetch(siren)
    except FetchError as error:
        return replace(firm, answer=stored, unknown=error.message)
    write_whole(path, text.encode())
    return replace(firm, answer=_stored(path, siren))


def _stored(path: Path, siren: str) -> Answer | None:
    """The answer stored about a firm, if there is one.

    Raises:
        FileError: what stands there is something else; it is left as it is.
    """
    if not path.exists():
        return None
    answers = read_answer_file(path)
    if len(answers) != 1 or answers[0].fetched_on is None or answers[0].siren != siren:
        message = Message("{name} is no answer stored about this firm; move it away.", name=path.name)
        raise FileError(str(path), [Mistake(message)])
    return answers[0]
