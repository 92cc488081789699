"""Who is worth what: the value pyramid, RFM, ABC, concentration, shares and movement.

Retention by cohort is in `grading.cohorts`, which loads the engine and so is not imported from here.
"""

from liuke.insight.grading.concentration import Concentration, abc, concentration, shares
from liuke.insight.grading.movement import movement
from liuke.insight.grading.pyramid import GRADES, cuts_of, grade
from liuke.insight.grading.rfm import rfm

__all__ = ["GRADES", "Concentration", "abc", "concentration", "cuts_of", "grade", "movement", "rfm", "shares"]
