"""Models of when customers buy again, when they leave and what they spend."""

from liuke.insight.models.bgbb import BGBB
from liuke.insight.models.bgnbd import BGNBD
from liuke.insight.models.bootstrap import ModelDraws, ParameterDraws
from liuke.insight.models.contracts import (
    BetaDiscreteWeibull,
    ContractModel,
    ShiftedBetaGeometric,
    contracts_from_survivors,
)
from liuke.insight.models.estimator import Estimator, LikelihoodModel
from liuke.insight.models.frequencyspend import FrequencyGammaGamma, fit_spend
from liuke.insight.models.gammagamma import GammaGamma
from liuke.insight.models.hazard import DiscreteHazard, at_risk
from liuke.insight.models.kaplanmeier import KaplanMeier
from liuke.insight.models.lifetime import customer_lifetime_value
from liuke.insight.models.mbgnbd import MBGNBD
from liuke.insight.models.paretonbd import ParetoNBD
from liuke.insight.models.purchase import PurchaseModel
from liuke.insight.models.regularity import MBGCNBD, log_gaps

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGCNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "ContractModel",
    "DiscreteHazard",
    "Estimator",
    "FrequencyGammaGamma",
    "GammaGamma",
    "KaplanMeier",
    "LikelihoodModel",
    "ModelDraws",
    "ParameterDraws",
    "ParetoNBD",
    "PurchaseModel",
    "ShiftedBetaGeometric",
    "at_risk",
    "contracts_from_survivors",
    "customer_lifetime_value",
    "fit_spend",
    "log_gaps",
]
