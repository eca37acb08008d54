"""What the four schedules come to, worked by hand."""

from tests.editions.worked.kinds import Edition
from tests.editions.worked.later import LATER
from tests.editions.worked.more_fees import MORE_FEES
from tests.editions.worked.other_body import OTHER_BODY
from tests.editions.worked.repeated import REPEATED

EDITIONS: tuple[Edition, ...] = (LATER, REPEATED, MORE_FEES, OTHER_BODY)

__all__ = ["EDITIONS", "LATER", "MORE_FEES", "OTHER_BODY", "REPEATED", "Edition"]
