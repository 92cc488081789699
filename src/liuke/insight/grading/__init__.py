"""Who is worth what, what kind of customer he is, and how that moves.

Everything takes one entry for each customer and gives one back in the same order; none of it loads an engine. Out of a
purchase log come `base.grade_base` (what to grade by on any day) and `cohorts.cohorts`, which do load one and so are not imported
from here.
"""

from liuke.insight.grading.benefit import SegmentBenefit, benefit
from liuke.insight.grading.concentration import (
    Concentration,
    Rule,
    abc,
    concentration,
    customers_for,
    rules_of_thumb,
    shares,
    top_share,
)
from liuke.insight.grading.losses import GroupLoss, Losses, losses
from liuke.insight.grading.loyalty import LEVELS, Loyalty, loyalty, loyalty_levels
from liuke.insight.grading.matrices import ACTIONS, Matrix, matrix, now_future_matrix, profit_cost_matrix
from liuke.insight.grading.movement import Movement, moved, movement
from liuke.insight.grading.pyramid import GRADES, cuts_of, grade
from liuke.insight.grading.relationships import CHURN_POINTS, relationships
from liuke.insight.grading.rfm import rfm

__all__ = [
    "ACTIONS",
    "CHURN_POINTS",
    "GRADES",
    "LEVELS",
    "Concentration",
    "GroupLoss",
    "Losses",
    "Loyalty",
    "Matrix",
    "Movement",
    "Rule",
    "SegmentBenefit",
    "abc",
    "benefit",
    "concentration",
    "customers_for",
    "cuts_of",
    "grade",
    "losses",
    "loyalty",
    "loyalty_levels",
    "matrix",
    "moved",
    "movement",
    "now_future_matrix",
    "profit_cost_matrix",
    "relationships",
    "rfm",
    "rules_of_thumb",
    "shares",
    "top_share",
]
