"""What a structure did, told by its dates, falls on the days that its plan foretold: the same controls, the same ends.

The plan is asked once, from the first notification; the file then tells, qualification by qualification, that things
went as planned: granted at the application or added at a control, renewed on the last day, controlled on each due day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.certificate.controls import ControlHistory, control_history
from opqibi_rules.certificate.model import Status
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import Plan, plan
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.tables.library import SHIPPED
from opqibi_rules.verdict import Verdict
from tests.editions.pinned import TABLES_2024, Pinned

YEARS = 8
"""Two cycles."""


def anniversary(day: date, years: int) -> date:
    """The day of the same number; 28 February where there is no 29."""
    last = 28 if (day.month, day.day) == (2, 29) and (day.year + years) % 4 else day.day
    return date(day.year + years, day.month, last)


@dataclass(frozen=True)
class Story:
    """What is asked for in the first cycle: by control, 0 being the application."""

    notified: date
    full: tuple[int, ...]
    """At which control each full one is added."""
    trials: tuple[tuple[int, int | None], ...]
    """At which control each probationary one is added, and turned full; none: it is lost."""

    def code(self, number: int, *, trial: bool) -> str:
        return f"{'2' if trial else '1'}0{number:02}"

    def plan(self) -> Plan:
        def asked(control: int, *, trial: bool) -> tuple[Qualification, ...]:
            when = [added for added, _ in self.trials] if trial else self.full
            return tuple(
                Qualification(self.code(number, trial=trial), 1, probationary=trial)
                for number, added in enumerate(when)
                if added == control
            )

        changes = [
            Change(
                "control",
                control,
                add=(*asked(control, trial=False), *asked(control, trial=True)),
                turn_full=tuple(
                    self.code(number, trial=True)
                    for number, (_, turned) in enumerate(self.trials)
                    if turned == control
                ),
            )
            for control in (1, 2, 3)
        ]
        return plan(
            start=self.notified,
            notified=self.notified,
            years=YEARS,
            qualifications=(*asked(0, trial=False), *asked(0, trial=True)),
            turnover=800_000,
            changes=[change for change in changes if change.add or change.turn_full],
            outcome="lost",
            tables=TABLES_2024,
        )

    def firm(self, on: date) -> Structure:
        """As its file tells it on a day: each control was passed on its day, the last one before that day."""
        renewed = (anniversary(self.notified, 4),)
        held = [
            Qualification(
                self.code(number, trial=False), 1, False, anniversary(self.notified, added), renewed
            )
            for number, added in enumerate(self.full)
        ]
        for number, (added, turned) in enumerate(self.trials):
            code, last = self.code(number, trial=True), added + 3 if turned is None else turned
            granted = anniversary(self.notified, added)
            trial = tuple(anniversary(granted, year) for year in range(last - added))
            held.append(Qualification(code, 1, True, trial[0], trial[1:]))
            if turned is not None:
                held.append(Qualification(code, 1, False, anniversary(self.notified, turned), renewed))
        controls = tuple(anniversary(self.notified, year) for year in (1, 2, 3, 5, 6, 7))
        return Structure(qualifications=tuple(held), controls=tuple(day for day in controls if day < on))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    leap = st.just(date(2024, 2, 29))
    notified = draw(leap | st.dates(date(2024, 2, 8), date(2030, 12, 31)))
    trials = draw(
        st.lists(
            st.integers(0, 2).flatmap(
                lambda added: st.tuples(st.just(added), st.none() | st.integers(added + 1, 3))
            ),
            max_size=4,
        )
    )
    full = draw(st.lists(st.integers(0, 3), max_size=4))
    if all(turned is None or added for added, turned in trials):
        full = [0, *full]  # something is held all along
    return Story(notified, tuple(full), tuple(trials))


def due(found: Plan, kind: str, since: date) -> list[date]:
    return [item.day for item in found.due_dates if item.kind == kind and item.day >= since]


@given(stories(), st.integers(0, YEARS * 365))
def test_controls_and_ends_fall_where_the_plan_said(story: Story, after: int) -> None:
    on, found = story.notified + timedelta(days=after), story.plan()
    renewal = anniversary(story.notified, 4)
    history = control_history(story.firm(on), on=on, tables=TABLES_2024)
    ends = next(day for day in due(found, "qualification", on) if day != renewal or on != renewal)
    controls = [day for day in due(found, "control", on) if day < ends]
    assert history.next_due == min(controls, default=None)
    for one in history.qualifications:
        if one.granted_on is not None and one.granted_on <= on and not one.probationary:
            assert (one.status, one.valid_until) == (Status.VALID, ends)
    assert_trials(history, found, on)


def assert_trials(history: ControlHistory, found: Plan, on: date) -> None:
    """Each runs until the end that the plan foretold, and can be renewed where the plan renews it."""
    for one in history.qualifications:
        if not one.probationary or one.status is Status.NOT_YET_VALID:
            continue
        named = [item for item in found.due_dates if item.kind == "probation" and one.code in item.key]
        running = [item for item in named if item.day >= (one.valid_until or on)]
        assert [item.day for item in running][:1] == [one.valid_until]
        renewable = "unless renewed" in str(running[0].message)
        if one.status is Status.VALID:
            turned = "turned into a full one" in str(running[0].message)
            assert turned or one.may_renew is (Verdict.YES if renewable else Verdict.NO)
        else:
            assert one.status is Status.EXPIRED
            assert running == named[-1:]


@given(
    st.dates(date(2024, 2, 8), date(2027, 1, 1)),
    st.lists(st.integers(1, 365), max_size=2),
    st.integers(0, 365),
)
def test_a_renewal_known_runs_from_its_own_date_in_a_plan_too(
    granted: date, gaps: list[int], after: int
) -> None:
    starts = [granted]
    for gap in gaps:
        starts.append(starts[-1] + timedelta(days=gap))
    on = starts[-1] + timedelta(days=after)
    firm = Structure(qualifications=(Qualification("1331", 1, True, granted, tuple(starts[1:])),))
    (one,) = control_history(firm, on=on, tables=TABLES_2024).qualifications
    found = plan(start=on, notified=on, structure=firm, turnover=800_000, tables=TABLES_2024)
    assert one.valid_until == due(found, "probation", on)[0] == anniversary(starts[-1], 1)


@pytest.mark.parametrize("renewals", [0, 1, 3])
def test_another_number_of_renewals_is_that_of_both(tmp_path: Path, renewals: int) -> None:
    text = (SHIPPED / "validity.yaml").read_text("utf-8")
    (tmp_path / "validity.yaml").write_text(
        text.replace("\n  renewals: 2\n", f"\n  renewals: {renewals}\n"), "utf-8"
    )
    tables, granted = Pinned(tmp_path), date(2024, 3, 1)
    renewed = tuple(date(2024 + year, 3, 1) for year in range(1, renewals + 1))
    held = (Qualification("1331", 1, True, granted), Qualification("1905", 1, False, granted))
    found = plan(
        start=granted, notified=granted, qualifications=held, turnover=1, tables=tables, outcome="lost"
    )
    last = date(2025 + renewals, 3, 1)
    assert due(found, "probation", granted)[-1] == last
    trial = Qualification("1331", 1, True, granted, renewed)
    (one,) = control_history(Structure(qualifications=(trial,)), on=last, tables=tables).qualifications
    assert (one.status, one.valid_until, one.may_renew) == (Status.VALID, last, Verdict.NO)
