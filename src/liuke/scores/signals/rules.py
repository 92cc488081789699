"""Signals of leaving that no purchase shows (CH02): each adds its points to the churn risk and is told. No database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# code -> the setting that says how many points of 100 it adds
POINTS: Mapping[str, str] = {
    "drifting": "risk.drifting_points",
    "complaint_late": "risk.complaint_points",
    "promise_late": "risk.promise_points",
    "owner_changed": "risk.owner_points",
    "contact_gap": "risk.contact_points",
}
DRIFTING = "drifting"  # buys little and has no tie to us (scores/classes, CL08)
OWNER_CHANGED_DAYS = 90  # for so long a new face is a reason to be careful


@dataclass(frozen=True)
class Signal:
    code: str
    figures: Mapping[str, int]


def with_signals(
    risk: np.ndarray[Any, Any],
    band: Sequence[str | None],
    reasons: Sequence[str],
    signals: Sequence[Sequence[Signal]],
    *,
    points: Mapping[str, int],
    watch: int,
    high: int,
) -> tuple[np.ndarray[Any, Any], list[str | None], list[str]]:
    """Risk, band and reasons once the signals count. Whoever is lost or was never judged stays as he is.

    A signal that adds nothing, because its points are set to none or 100 is reached, is not told as a reason of the risk.
    """
    raised, bands, told = risk.copy(), list(band), list(reasons)
    for place, found in enumerate(signals):
        if not found or bands[place] in (None, "", "lost"):
            continue
        written = json.loads(told[place])
        for signal in found:
            before = raised[place]
            raised[place] = min(100, before + points[signal.code])
            if added := int(raised[place] - before):
                written.append({"code": signal.code, **signal.figures, "points": added})
        told[place] = json.dumps(_ranked(written))
        if raised[place] >= high:
            bands[place] = "high"
        elif raised[place] >= watch and bands[place] == "low":
            bands[place] = "watch"
    return raised, bands, told


def _ranked(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A complaint nobody has answered and a broken word come first: no figure of purchases says more."""
    first = ("complaint_late", "promise_late")
    return sorted(
        reasons, key=lambda reason: first.index(reason["code"]) if reason["code"] in first else len(first)
    )
