"""Customer analytics: aggregate where the data is, fit where the maths is.

    from liuke import insight

    purchases = insight.read_purchases("orders.csv")
    judgement = insight.judge(purchases, as_of=date(2026, 9, 30), horizon_days=90)
    judgement.table  # one row per customer

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_HOMES: Final[dict[str, str]] = {
    "read_purchases": "tables",
    "Purchases": "tables",
    "summarise": "features.summary",
    "grade": "grading.pyramid",
    "judge": "judgement.judge",
    "Judgement": "judgement.judge",
    "JudgeSettings": "judgement.settings",
    "Forecast": "forecast.forecast",
    "backtest": "evaluation.backtest",
    "BGNBD": "models",
    "MBGNBD": "models",
    "ParetoNBD": "models",
    "GammaGamma": "models",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
