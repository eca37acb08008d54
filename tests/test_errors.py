"""The errors: one tree, one clear sentence each, every mistake of a file with its place."""

import inspect
import pickle
import re

import pytest

from opqibi_rules import errors
from opqibi_rules.errors import AmountError, FileError, Mistake, OpqibiError
from opqibi_rules.messages import Message

CLASSES = [item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, Exception)]


def test_the_tree_drawn_at_the_top_is_the_tree() -> None:
    drawn: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.search(r"[A-Z][A-Za-z]*Error", line)
        if found and re.match(r"[ │├└─]*[A-Z]", line):
            while above and above[-1][0] >= found.start():
                above.pop()
            if above:
                drawn[found[0]] = above[-1][1]
            above.append((found.start(), found[0]))
    real = {item.__name__: item.__bases__[0].__name__ for item in CLASSES}
    assert drawn == real


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_a_value_error(kind: type[Exception]) -> None:
    assert issubclass(kind, ValueError)
    assert issubclass(kind, OpqibiError)


def test_an_error_says_its_sentence_in_any_voice() -> None:
    error = AmountError(Message("{amount:euro} is negative.", amount=-5))
    assert str(error) == "-5 € is negative."
    assert error.explain(lambda message: f"« {message} »") == "« -5 € is negative. »"
    assert error.message == Message("{amount:euro} is negative.", amount=-5)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (Mistake(Message("wrong.")), "wrong."),
        (Mistake(Message("wrong."), "$.a"), "$.a: wrong."),
        (Mistake(Message("wrong."), line=4), "line 4: wrong."),
        (Mistake(Message("wrong."), "$.a[0]", 4, 7), "line 4, column 7, $.a[0]: wrong."),
        (Mistake(Message("wrong."), column=7), "column 7: wrong."),
    ],
)
def test_a_mistake_says_where(mistake: Mistake, said: str) -> None:
    assert mistake.explain() == said


def test_a_mistake_is_said_in_any_voice() -> None:
    mistake = Mistake(Message("wrong."), "$.a", 4, 7)
    assert mistake.explain(lambda message: str(message).upper()) == "LINE 4, COLUMN 7, $.a: WRONG."


def test_the_mistakes_of_a_file_come_in_its_order_each_with_its_name() -> None:
    error = FileError(
        "a.yaml",
        [
            Mistake(Message("third."), line=9, column=2),
            Mistake(Message("second."), line=9, column=1),
            Mistake(Message("first.")),
        ],
    )
    assert str(error) == "a.yaml: first.\na.yaml: line 9, column 1: second.\na.yaml: line 9, column 2: third."
    assert str(error.message) == "a.yaml cannot be read."
    assert error.name == "a.yaml"
    assert error.explain(lambda message: str(message).upper()).startswith("a.yaml: FIRST.\n")


def test_the_mistakes_of_several_files_keep_their_own_file() -> None:
    error = FileError(
        "a.yaml, b.yaml",
        [
            Mistake(Message("wrong."), line=2, file="b.yaml"),
            Mistake(Message("wrong."), line=7, file="a.yaml"),
        ],
    )
    assert str(error) == "a.yaml: line 7: wrong.\nb.yaml: line 2: wrong."


def test_a_refused_file_travels_between_processes() -> None:
    error = FileError("a.yaml", [Mistake(Message("not right."), "$.id", 3)])
    again = pickle.loads(pickle.dumps(error))
    assert (again.name, again.mistakes, str(again)) == (error.name, error.mistakes, str(error))


def test_a_mistake_says_where_it_stands() -> None:
    message = Message("wrong.")
    for line, column, said in (
        (None, None, "wrong."),
        (2, None, "line 2: wrong."),
        (2, 3, "line 2, column 3: wrong."),
    ):
        assert str(Mistake(message, line=line, column=column).placed) == said
