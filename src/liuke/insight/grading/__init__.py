"""Who is worth what: the value pyramid, RFM, ABC, concentration, shares, movement and retention."""

from liuke.insight.grading.concentration import Concentration, abc, concentration, shares
from liuke.insight.grading.pyramid import GRADES, cuts_of, grade
from liuke.insight.grading.rfm import rfm

__all__ = ["GRADES", "Concentration", "abc", "concentration", "cuts_of", "grade", "rfm", "shares"]
