"""Did it work? Hold-outs, sample sizes, differences with intervals, peeking, guardrails; whom to contact so that it pays."""

from liuke.insight.experiments.balance import SampleRatio, sample_ratio
from liuke.insight.experiments.difference import Difference, difference
from liuke.insight.experiments.guardrails import Guardrail, guardrail
from liuke.insight.experiments.holdout import (
    assign,
    assign_sql,
    draw,
    hold_out,
    hold_out_sql,
    points,
    points_sql,
)
from liuke.insight.experiments.power import (
    Needed,
    Spread,
    customers_for_margin,
    customers_for_mean,
    customers_for_rate,
    detectable,
    power_for_mean,
    spread_of,
    spread_of_buyers,
)
from liuke.insight.experiments.sequential import (
    Monitoring,
    always_valid_interval,
    always_valid_p,
    confidence_sequence,
)

__all__ = [
    "Difference",
    "Guardrail",
    "Monitoring",
    "Needed",
    "SampleRatio",
    "Spread",
    "always_valid_interval",
    "always_valid_p",
    "assign",
    "assign_sql",
    "confidence_sequence",
    "customers_for_margin",
    "customers_for_mean",
    "customers_for_rate",
    "detectable",
    "difference",
    "draw",
    "guardrail",
    "hold_out",
    "hold_out_sql",
    "points",
    "points_sql",
    "power_for_mean",
    "sample_ratio",
    "spread_of",
    "spread_of_buyers",
]
