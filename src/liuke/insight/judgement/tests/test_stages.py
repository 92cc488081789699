from __future__ import annotations

import numpy as np
import pytest

from liuke.insight import JudgeSettings, stage
from liuke.insight.judgement.stages import bands


@pytest.mark.parametrize(
    ("waited", "usual", "expected"),
    [
        (95, 30, "dormant"),
        (90, 30, "active"),
        (366, 30, "lost"),
        (365, 30, "dormant"),
        (95, 50, "active"),
        (101, 50, "dormant"),
        (500, 300, "active"),
        (601, 300, "lost"),
    ],
)
def test_ch03_dormant_and_lost(waited: int, usual: int, expected: str) -> None:
    assert stage(waited, usual_gap_days=usual) == expected


def test_ch03_an_order_after_that_wins_back() -> None:
    assert stage(0, usual_gap_days=30, last_gap_days=366) == "won_back"
    assert stage(0, usual_gap_days=30, last_gap_days=45) == "active"
    assert stage(95, usual_gap_days=30, last_gap_days=366) == "dormant"


def test_ch03_the_bounds_are_settings() -> None:
    strict = JudgeSettings(dormant_min_days=30, dormant_gaps=1.5, lost_days=120)
    assert stage(46, usual_gap_days=30, settings=strict) == "dormant"
    assert stage(121, usual_gap_days=30, settings=strict) == "lost"


def test_bands_go_by_risk_and_by_the_own_gaps() -> None:
    found = bands(
        np.array([0, 39, 40, 70, 10, 90]),
        np.array(["active"] * 5 + ["lost"], dtype=object),
        JudgeSettings(),
        late=np.array([False, False, False, False, True, False]),
    )
    assert found.tolist() == ["low", "low", "watch", "high", "watch", "lost"]
