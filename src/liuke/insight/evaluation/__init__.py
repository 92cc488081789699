"""How good the forecast is: held against simpler rules on days of the past, with nothing known of what came."""

from liuke.insight.evaluation.backtest import Backtest, backtest

__all__ = ["Backtest", "backtest"]
