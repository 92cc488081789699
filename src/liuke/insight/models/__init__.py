"""Models of when customers buy again, when they leave and what they spend."""

from liuke.insight.models.bgbb import BGBB
from liuke.insight.models.bgnbd import BGNBD
from liuke.insight.models.bootstrap import ParameterDraws
from liuke.insight.models.estimator import Estimator
from liuke.insight.models.gammagamma import GammaGamma
from liuke.insight.models.lifetime import customer_lifetime_value
from liuke.insight.models.mbgnbd import MBGNBD
from liuke.insight.models.paretonbd import ParetoNBD
from liuke.insight.models.purchase import PurchaseModel

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "Estimator",
    "GammaGamma",
    "ParameterDraws",
    "ParetoNBD",
    "PurchaseModel",
    "customer_lifetime_value",
]
