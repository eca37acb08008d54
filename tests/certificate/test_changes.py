"""What changed from one run to the next: each case by hand, and a run that is told from another only where it differs."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.certificate.changes import Known, KnownQualification, changes

D1, D2 = date(2026, 12, 1), date(2027, 12, 1)
AUDIT = KnownQualification("1905", probationary=False, rge=True, valid_until=D2)
STUDY = KnownQualification("1331", probationary=False, rge=False, valid_until=D2)
FIRM = Known("732829320", "Alpha", "valid", "25 12 2819", D1, certified=True, qualifications=(AUDIT, STUDY))


def told(before: Known, after: Known) -> list[tuple[str, str]]:
    return [(str(one.kind), str(one.message)) for one in changes([before], [after])]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (FIRM, []),
        (replace(FIRM, name="Alpha & Cie"), []),
        (replace(FIRM, verdict="undetermined"), [("verdict", "valid → undetermined")]),
        (replace(FIRM, verdict="not_valid"), [("verdict", "valid → not valid")]),
        (
            replace(FIRM, number="26 12 3001", valid_until=D2),
            [("certificate", "Certificate 25 12 2819, until 2026-12-01 → 26 12 3001, until 2027-12-01")],
        ),
        (replace(FIRM, qualifications=(AUDIT,)), [("lost", "No longer held: 1331")]),
        (
            replace(FIRM, qualifications=(AUDIT, replace(STUDY, probationary=True))),
            [("lost", "No longer held: 1331"), ("gained", "Held now: 1331 (probationary)")],
        ),
        (
            replace(FIRM, qualifications=(replace(AUDIT, valid_until=D1), replace(STUDY, valid_until=D1))),
            [("dates", "1905, 1331: until 2027-12-01 → until 2026-12-01")],
        ),
        (
            replace(FIRM, qualifications=(AUDIT, replace(STUDY, valid_until=None))),
            [("dates", "1331: until 2027-12-01 → without a date")],
        ),
        (
            replace(FIRM, qualifications=(replace(AUDIT, rge=None), STUDY)),
            [("rge", "The RGE mention is not what it was: 1905")],
        ),
    ],
)
def test_what_changed_about_a_firm(after: Known, expected: list[tuple[str, str]]) -> None:
    assert told(FIRM, after) == expected


@pytest.mark.parametrize("unknown", ["undetermined", "unreadable"])
def test_a_firm_of_which_nothing_is_known_has_lost_nothing(unknown: str) -> None:
    nothing = Known("732829320", "Alpha", unknown)
    assert [kind for kind, _ in told(FIRM, nothing)] == ["verdict"]
    assert [kind for kind, _ in told(nothing, FIRM)] == ["verdict"]


def test_firms_come_and_go() -> None:
    other = replace(FIRM, siren="552100554")
    found = changes([FIRM], [other])
    assert [(one.siren, str(one.kind)) for one in found] == [("552100554", "added"), ("732829320", "removed")]


_QUALIFICATION = st.builds(
    KnownQualification,
    st.sampled_from(["0316", "1331", "1905"]),
    st.booleans(),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, D1, D2]),
)
_FIRM = st.builds(
    Known,
    st.sampled_from(["732829320", "552100554"]),
    st.just("A"),
    st.sampled_from(["valid", "not_valid", "undetermined"]),
    st.sampled_from([None, "25 12 2819"]),
    st.sampled_from([None, D1, D2]),
    st.just(value=True),
    st.lists(_QUALIFICATION, max_size=4, unique_by=lambda one: one.key).map(tuple),
)
_RUN = st.lists(_FIRM, max_size=2, unique_by=lambda one: one.siren)


@given(_RUN, _RUN)
def test_two_runs_differ_just_where_something_is_told(before: list[Known], after: list[Known]) -> None:
    def content(run: list[Known]) -> dict[str, tuple[object, ...]]:
        return {
            one.siren: (one.verdict, one.number, one.valid_until, frozenset(one.qualifications))
            for one in run
        }

    was, now = content(before), content(after)
    differ = {siren for siren in was.keys() | now.keys() if was.get(siren) != now.get(siren)}
    assert {change.siren for change in changes(before, after)} == differ


def test_each_change_in_its_own_words() -> None:
    other = replace(FIRM, siren="552100554", name="Beta")
    found = changes([FIRM], [other])
    assert [(one.name, str(one.message)) for one in found] == [
        ("Beta", "Not in the earlier run."),
        ("Alpha", "No longer in the list."),
    ]
    (one,) = changes([replace(FIRM, verdict="renamed")], [replace(FIRM, name="Alpha & Cie")])
    assert (one.name, str(one.message)) == ("Alpha & Cie", "renamed → valid")
    unnumbered = replace(FIRM, number=None, valid_until=None)
    assert told(FIRM, unnumbered)[0][1].endswith("→ —, without a date")
    assert told(unnumbered, FIRM)[0][1].startswith("Certificate —, without a date →")
