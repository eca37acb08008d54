"""What the checker's answer is worth against the truth."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.diagnosis.errors import KINDS, Cause
from benchmarks.diagnosis.forms import invoice
from benchmarks.diagnosis.layouts import IBAN
from benchmarks.diagnosis.paper_errors import PAPER_KINDS
from benchmarks.diagnosis.schedule import CONTROL, INSTRUCTION
from benchmarks.diagnosis.seeded import Case, Truth
from opqibi_rules.invoice.check import check_invoice
from opqibi_rules.invoice.parties import Supplier

TOP = 3
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    verdict: str
    gap_right: bool
    first: bool
    among_three: bool
    said: tuple[tuple[str, bool], ...]
    """Each confidence word that was said of a price, and whether it was rightly said."""
    answer: Told


def checked(case: Case, folder: Path) -> Judged:
    """The answer of the package to one case."""
    given = case.situation
    paper = case.paper
    if not given.known:  # nothing to compare the buyer with
        paper = replace(paper, buyer=replace(paper.buyer, siren=None))
    known = paper.accepted
    answer = check_invoice(
        invoice(paper, folder),
        expected=given.quote(),
        fees=given.fees if case.announced else None,
        structure=given.structure(),
        supplier=None if known is None else Supplier(name=known.name, siren=known.siren, ibans=(IBAN,)),
    )
    return judge(case, answer.to_dict(), answer.gap)


def judge(case: Case, answer: Told, gap: Decimal | None) -> Judged:
    """Whether the error was seen, named, and measured."""
    found = [each for each in answer["findings"] if each["severity"] == "error"]
    explained: Sequence[Told] = answer["explanations"]
    ranks = [rank(truth, explained, found, case.truths) for truth in case.truths]
    right = tuple(
        (each["confidence"], any(named(each, t, case.truths) for t in case.truths)) for each in explained
    )
    doubted = case.gapless and answer["verdict"] != "conform"
    return Judged(
        verdict=answer["verdict"],
        gap_right=doubted or (gap or Decimal(0)) in case.gaps,
        first=doubted or all(place == 0 for place in ranks),
        among_three=doubted or all(place is not None and place < TOP for place in ranks),
        said=() if doubted else right,
        answer=answer,
    )


def rank(
    truth: Truth, explained: Sequence[Told], found: Sequence[Told], truths: Sequence[Truth]
) -> int | None:
    """The place of a true cause among those named; several that could not be told apart share the first."""
    if truth.cause.about != "price":
        about = truth.cause.about.split()
        named_there = [each for each in (*found, *explained) if each["about"] in about]
        says = PAPER_KINDS[truth.cause.kind].says
        return next(
            (k for k, each in enumerate(named_there) if re.search(says, text(each), re.IGNORECASE)), None
        )
    answers = [each for each in explained if each["about"] == "price"]
    answers = answers or [each for each in found if each["about"] == "price"]
    place = next((k for k, each in enumerate(answers) if named(each, truth, truths)), None)
    rivals = [Truth(other) for other in truth.others]
    alike = [any(named(each, rival, truths) for rival in (truth, *rivals)) for each in answers[:TOP]]
    if alike and all(alike) and ((place is not None and place < TOP) or len(rivals) >= TOP):
        return 0
    own = [each for each in answers if each.get("fee") == truth.cause.fee]
    if place is not None and len(truths) > 1 and own and named(own[0], truth, truths):
        return 0  # first among those given for its fee
    return place


def named(each: Told, truth: Truth, truths: Sequence[Truth]) -> bool:
    """Whether an explanation (or, where there is none, a finding) names this cause, and no wrong one beside it."""
    if "price" not in {each["about"], truth.cause.about}:
        return seen(each, truth.cause)
    if each["about"] != truth.cause.about:
        return False
    truths = [other for other in truths if other.cause.about == "price"]
    changes = each.get("changes") or [each]
    if len(changes) == 1 and len(truths) >= 1:
        return tells(each, changes[0], truth.cause)
    rest = [t.cause for t in truths]
    if not any(tells(change, change, truth.cause) for change in changes):
        return whole(each, truth.cause)
    return all(any(tells(change, change, cause) for cause in rest) for change in changes)


def seen(each: Told, cause: Cause) -> bool:
    """Whether a finding or an explanation tells an error on the paper itself."""
    there = each["about"] in cause.about.split()
    return there and re.search(PAPER_KINDS[cause.kind].says, text(each), re.IGNORECASE) is not None


def whole(each: Told, cause: Cause) -> bool:
    """Some errors are said in two changes: one more here, one less there."""
    return cause.kind == "a qualification held billed as a new one" and effect(each) == cause.effect


def tells(each: Told, change: Told, cause: Cause) -> bool:
    if cause.effect not in (effect(each), effect(change)):
        return False
    if None not in (change.get("fee"), cause.fee) and change["fee"] != cause.fee:
        return False
    said = text(change)
    if not re.search(KINDS[cause.kind].says, said, re.IGNORECASE):
        return False
    tariffs = set(map(int, re.findall(r"tariff (\d)", said)))
    return all(any(same_price(t, s) for s in tariffs) for t in cause.tariffs) if tariffs else True


def same_price(one: int, other: int) -> bool:
    return one == other or CONTROL[one] == CONTROL[other] or INSTRUCTION[one] == INSTRUCTION[other]


def effect(each: Told) -> Decimal | None:
    given = each.get("effect") or each.get("difference")
    return None if given is None else Decimal(given)


def text(each: Told) -> str:
    return f"{each.get('cause') or each.get('code')} {each['message']}"
