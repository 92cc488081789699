"""Did it work? Hold-outs, sample sizes, differences with intervals, peeking, guardrails; whom to contact so that it pays."""

from liuke.insight.experiments.balance import SampleRatio, sample_ratio
from liuke.insight.experiments.budget import Contacts, best_contacts
from liuke.insight.experiments.curves import Qini, qini
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
from liuke.insight.experiments.policies import PolicyValue, policy_value
from liuke.insight.experiments.power import (
    Needed,
    OutcomeSpread,
    customers_for_margin,
    customers_for_mean,
    customers_for_rate,
    detectable,
    power_for_mean,
    spread_of,
    spread_of_buyers,
)
from liuke.insight.experiments.proof import Proof, proof
from liuke.insight.experiments.scores import Scores, robust_scores
from liuke.insight.experiments.sequential import (
    Monitoring,
    always_valid_interval,
    always_valid_p,
    confidence_sequence,
)
from liuke.insight.experiments.uplift import Heterogeneity, Uplift

__all__ = [
    "Contacts",
    "Difference",
    "Guardrail",
    "Heterogeneity",
    "Monitoring",
    "Needed",
    "OutcomeSpread",
    "PolicyValue",
    "Proof",
    "Qini",
    "SampleRatio",
    "Scores",
    "Uplift",
    "always_valid_interval",
    "always_valid_p",
    "assign",
    "assign_sql",
    "best_contacts",
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
    "policy_value",
    "power_for_mean",
    "proof",
    "qini",
    "robust_scores",
    "sample_ratio",
    "spread_of",
    "spread_of_buyers",
]
