"""Customer analytics: aggregate where the data is, fit where the maths is.

    from liuke import insight

    purchases = insight.read_purchases("orders.csv")
    judgement = insight.judge(purchases, as_of=date(2026, 9, 30), horizon_days=90)
    judgement.table  # one row per customer

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from liuke.insight import economics, experiments, grading, plots
    from liuke.insight.economics import clv, clv_bands
    from liuke.insight.evaluation.backtest import backtest
    from liuke.insight.features.summary import summarise
    from liuke.insight.forecast.forecast import Forecast
    from liuke.insight.forecast.nextdate import next_dates
    from liuke.insight.grading.base import grade_base
    from liuke.insight.grading.cohorts import cohorts
    from liuke.insight.grading.pyramid import grade
    from liuke.insight.judgement.atrisk import money_at_risk_of
    from liuke.insight.judgement.judge import Judgement, judge
    from liuke.insight.judgement.settings import JudgeSettings
    from liuke.insight.judgement.stages import AT_RISK_BAND, stage
    from liuke.insight.models import (
        BGBB,
        BGNBD,
        MBGCNBD,
        MBGNBD,
        BetaDiscreteWeibull,
        DiscreteHazard,
        FrequencyGammaGamma,
        GammaGamma,
        KaplanMeier,
        ParetoNBD,
        ShiftedBetaGeometric,
        at_risk,
        contracts_from_survivors,
        customer_lifetime_value,
        fit_spend,
        log_gaps,
    )
    from liuke.insight.report.page import write_report
    from liuke.insight.state.state import Folded, State
    from liuke.insight.tables import Purchases, read_purchases

_HOMES: Final[dict[str, str]] = {
    "read_purchases": "tables",
    "Purchases": "tables",
    "summarise": "features.summary",
    "grade": "grading.pyramid",
    "cohorts": "grading.cohorts",
    "grade_base": "grading.base",
    "clv": "economics",
    "clv_bands": "economics",
    "next_dates": "forecast.nextdate",
    "stage": "judgement.stages",
    "AT_RISK_BAND": "judgement.stages",
    "money_at_risk_of": "judgement.atrisk",
    "judge": "judgement.judge",
    "Judgement": "judgement.judge",
    "JudgeSettings": "judgement.settings",
    "Forecast": "forecast.forecast",
    "backtest": "evaluation.backtest",
    "write_report": "report.page",
    "State": "state.state",
    "Folded": "state.state",
    "BGNBD": "models",
    "MBGNBD": "models",
    "ParetoNBD": "models",
    "GammaGamma": "models",
    "FrequencyGammaGamma": "models",
    "fit_spend": "models",
    "customer_lifetime_value": "models",
    "BGBB": "models",
    "MBGCNBD": "models",
    "log_gaps": "models",
    "ShiftedBetaGeometric": "models",
    "BetaDiscreteWeibull": "models",
    "contracts_from_survivors": "models",
    "KaplanMeier": "models",
    "DiscreteHazard": "models",
    "at_risk": "models",
}

# packages that are used by their own name, as insight.economics.clv
_PARTS: Final = {"economics", "experiments", "grading", "plots"}

__all__ = [
    "AT_RISK_BAND",
    "BGBB",
    "BGNBD",
    "MBGCNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "DiscreteHazard",
    "Folded",
    "Forecast",
    "FrequencyGammaGamma",
    "GammaGamma",
    "JudgeSettings",
    "Judgement",
    "KaplanMeier",
    "ParetoNBD",
    "Purchases",
    "ShiftedBetaGeometric",
    "State",
    "at_risk",
    "backtest",
    "clv",
    "clv_bands",
    "cohorts",
    "contracts_from_survivors",
    "customer_lifetime_value",
    "economics",
    "experiments",
    "fit_spend",
    "grade",
    "grade_base",
    "grading",
    "judge",
    "log_gaps",
    "money_at_risk_of",
    "next_dates",
    "plots",
    "read_purchases",
    "stage",
    "summarise",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return import_module(f"{__name__}.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, *_PARTS])
