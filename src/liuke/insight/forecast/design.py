"""What the learners see of each customer at a cut-off: a matrix with one named column per feature."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import logit

from liuke.insight.features.rolling import WINDOWS
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.members import Members
from liuke.insight.kinds import Vector

EDGE: Final = 1e-5  # probabilities are held this far from 0 and 1 before they become log odds


def log_odds(probability: Vector) -> Vector:
    """ln(p / (1 - p)), finite for every p."""
    found: Vector = logit(np.clip(probability, EDGE, 1 - EDGE))
    return found


def design(seen: Snapshot, members: Members, *, horizon_days: int) -> tuple[Vector, list[str]]:
    """The features of every customer of `seen`, shape (customers, features), and their names; no NaN.

    Log odds of the members stand beside what they are made of, so that a learner corrects them rather than starts anew.
    Money enters as logarithms: its unit shifts a column and changes nothing after standardising.
    """
    history = members.history
    waited, purchases, usual = seen.waited, seen["purchases"], np.exp(members.rhythm.usual(history)[0])
    columns = {
        "btyd": log_odds(members.probabilities["MBGNBD"]) if "MBGNBD" in members.probabilities else None,
        "rhythm": log_odds(members.probabilities["rhythm"]),
        "rhythm_if_kept": log_odds(members.rhythm.probability_if_kept(history, horizon=horizon_days)),
        "rhythm_alive": log_odds(members.rhythm.probability_alive(history)),
        "percentile": members.rhythm.percentile(history) / 100,
        "waited": np.log1p(waited),
        "purchases": np.log(purchases),
        "known_for": np.log1p(seen.today - seen["first_on"]),
        "late": np.log((waited + 1) / (usual + 1)),
        "bought_once": (purchases == 1).astype(np.float64),
        "irregular": np.nan_to_num(seen["log_gap_sd"], nan=members.rhythm.spread_),
        "last_gap": np.log1p(np.nan_to_num(seen["last_gap"], nan=0.0)),
        "spent": _log_money(seen["spent"]),
        "spent_30": _log_money(seen["spent_30"]),
        "spent_120": _log_money(seen["spent_120"]),
        "basket": _log_money(seen["basket_recent"]),
        "basket_trend": _trend(seen["basket_recent"], seen["basket_before"]),
        "breadth": np.log1p(np.maximum(np.nan_to_num(seen["breadth_recent"]), 0)),
        "breadth_trend": _trend(seen["breadth_recent"] + 1, seen["breadth_before"] + 1),
        "refunds": np.log1p(seen["refunds_lately"]),
        "year_ago": np.log1p(seen["bought_year_ago"]),
        "before_year_ago": (seen["bought_before_year_ago"] > 0).astype(np.float64),
        **members.covariates,
        **{f"bought_{length}": np.log1p(seen[f"bought_{length}"]) for length in WINDOWS},
    }
    kept = {name: column for name, column in columns.items() if column is not None}
    return np.column_stack(list(kept.values())), list(kept)


def _log_money(amount: Vector) -> Vector:
    found: Vector = np.log1p(np.maximum(np.nan_to_num(amount), 0.0))
    return found


def _trend(recent: Vector, before: Vector) -> Vector:
    known = (np.nan_to_num(recent) > 0) & (np.nan_to_num(before) > 0)
    ratio = np.where(known, recent, 1.0) / np.where(known, before, 1.0)
    found: Vector = np.clip(np.log(ratio), -3, 3)
    return found
