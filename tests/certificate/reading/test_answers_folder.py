"""A folder of answers that fills: nothing fresh is asked for again, nothing that came is lost."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Lock

import pytest

from opqibi_rules.certificate.firms import Firm
from opqibi_rules.certificate.reading.answers_folder import Register, with_answers
from opqibi_rules.errors import FetchError, FileError, RequestError
from opqibi_rules.paper.files import remembered, spare
from opqibi_rules.verdict import ExitCode

V3 = json.loads((Path(__file__).parents[2] / "answers" / "v3_two_lists.json").read_text("utf-8"))
TODAY = date(2024, 6, 3)
SIRENS = ("732829320", "552100554", "443061841")


def saved(siren: str, fetched_on: str = "2024-06-03") -> str:
    return json.dumps({"fetched_on": fetched_on, "siren": siren, "http_status": 200, "answer": V3})


def listed(*sirens: str) -> list[Firm]:
    return [Firm(source="list.csv", line=line, siren=siren) for line, siren in enumerate(sirens, 2)]


class Asked:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str], str] = saved) -> None:
        self.answer, self.asked, self._lock = answer, [], Lock()

    asked: list[str]

    def __call__(self, siren: str) -> str:
        with self._lock:
            self.asked.append(siren)
        return self.answer(siren)


def days(firms: list[Firm]) -> list[str | None]:
    return [str(one.answer.fetched_on) if one.answer else None for one in firms]


def test_each_answer_is_asked_for_and_stored(tmp_path: Path) -> None:
    register = Asked()
    found = with_answers(listed(*SIRENS), tmp_path, fresh_from=TODAY, register=Register(register))
    assert sorted(register.asked) == sorted(SIRENS)
    assert [one.siren for one in found] == list(SIRENS)
    assert days(found) == ["2024-06-03"] * 3
    assert {path.name for path in tmp_path.iterdir()} == {f"{siren}.json" for siren in SIRENS}


def test_what_is_stored_and_fresh_is_not_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "732829320.json").write_text(saved("732829320", "2024-06-02"), "utf-8")
    (tmp_path / "552100554.json").write_text(saved("552100554", "2024-06-01"), "utf-8")
    register = Asked()
    found = with_answers(listed(*SIRENS), tmp_path, fresh_from=date(2024, 6, 2), register=Register(register))
    assert sorted(register.asked) == ["443061841", "552100554"]
    assert days(found) == ["2024-06-02", "2024-06-03", "2024-06-03"]


def test_without_a_register_what_is_stored_is_all_there_is(tmp_path: Path) -> None:
    (tmp_path / "732829320.json").write_text(saved("732829320", "2020-01-01"), "utf-8")
    found = with_answers(listed(*SIRENS[:2]), tmp_path, fresh_from=TODAY)
    assert days(found) == ["2020-01-01", None]
    assert "none was asked for" in str(found[1].unknown)


def test_a_firm_listed_twice_is_asked_about_once(tmp_path: Path) -> None:
    register = Asked()
    found = with_answers(
        listed("732829320", "732829320"), tmp_path, fresh_from=TODAY, register=Register(register)
    )
    assert (register.asked, days(found)) == (["732829320"], ["2024-06-03"] * 2)


def test_a_register_that_fails_on_one_answers_about_the_others(tmp_path: Path) -> None:
    def answer(siren: str) -> str:
        if siren == "552100554":
            raise FetchError("No whole answer.")
        if siren == "443061841":
            raise ZeroDivisionError
        return saved(siren)

    (tmp_path / "552100554.json").write_text(saved("552100554", "2020-01-01"), "utf-8")
    found = with_answers(listed(*SIRENS), tmp_path, fresh_from=TODAY, register=Register(Asked(answer)))
    assert days(found) == ["2024-06-03", "2020-01-01", None]
    assert [str(one.unknown or "")[:20] for one in found] == ["", "No whole answer.", "A fault of ours on t"]
    assert [one.failed for one in found] == [None, None, ExitCode.FAULT]


def test_a_refusal_that_every_call_would_meet_is_met_by_those_in_flight_alone(tmp_path: Path) -> None:
    def answer(_siren: str) -> str:
        error = FetchError("HTTP 401: the token has expired.")
        error.every_call = True
        raise error

    register = Asked(answer)
    firms = [Firm(source="list.csv", siren=f"{number:09}") for number in range(1, 201)]
    found = with_answers(firms, tmp_path, fresh_from=TODAY, register=Register(register))
    assert len(register.asked) <= 4
    assert {str(one.unknown) for one in found} == {"HTTP 401: the token has expired."}


@pytest.mark.parametrize("content", ["{", "notes", json.dumps(V3), saved("552100554")])
def test_what_stands_there_and_is_no_answer_about_that_firm_is_left_as_it_is(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "732829320.json").write_text(content, "utf-8")
    register = Asked()
    (found,) = with_answers(listed("732829320"), tmp_path, fresh_from=TODAY, register=Register(register))
    assert (found.failed, found.answer, register.asked) == (ExitCode.UNREADABLE, None, [])
    assert (tmp_path / "732829320.json").read_text("utf-8") == content


def test_answers_of_two_servers_are_not_mixed(tmp_path: Path) -> None:
    made_up = json.loads(saved("732829320")) | {"host": "staging.entreprise.api.gouv.fr"}
    (tmp_path / "732829320.json").write_text(json.dumps(made_up), "utf-8")
    asked = Asked()
    with pytest.raises(RequestError, match="a folder of their own"):
        with_answers(
            listed(*SIRENS), tmp_path, fresh_from=TODAY, register=Register(asked, "entreprise.api.gouv.fr")
        )
    assert asked.asked == []


def test_an_answer_that_cannot_be_stored_stops_all(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        with_answers(listed(*SIRENS), tmp_path / "nowhere", fresh_from=TODAY, register=Register(Asked()))


def test_an_answer_that_was_read_may_be_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "732829320.json"
    path.write_text(saved("732829320", "2020-01-01"), "utf-8")
    with remembered():
        with_answers(listed("732829320"), tmp_path, fresh_from=TODAY, register=Register(Asked()))
        with pytest.raises(FileError, match="already reads or writes"):
            spare(path)  # but by no result of the same command
    assert json.loads(path.read_text("utf-8"))["fetched_on"] == "2024-06-03"


def test_firms_that_have_their_answer_or_none_to_ask_about_are_left_alone(tmp_path: Path) -> None:
    register = Asked()
    nameless = Firm(source="list.csv", line=2)
    broken = Firm(source="list.csv", line=3, siren="732829320", failed=ExitCode.UNREADABLE)
    found = with_answers([nameless, broken], tmp_path, fresh_from=TODAY, register=Register(register))
    assert (found[1], register.asked) == (broken, [])
    assert found[0].answer is None


def test_each_is_told_as_it_is_stored(tmp_path: Path) -> None:
    seen: list[bool] = []

    def told(sirens, total: int):  # type: ignore[no-untyped-def] # a door's own
        assert total == 3
        for siren in sirens:
            seen.append((tmp_path / f"{siren}.json").exists())
            yield siren

    with_answers(listed(*SIRENS), tmp_path, fresh_from=TODAY, register=Register(Asked()), told=told)
    assert seen == [True] * 3
