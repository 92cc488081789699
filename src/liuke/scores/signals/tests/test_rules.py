from __future__ import annotations

import json

import numpy as np

from liuke.scores.signals.rules import Signal, with_signals

POINTS = {"drifting": 5, "complaint_late": 10, "promise_late": 5, "owner_changed": 3, "contact_gap": 0}
GAP = '[{"code": "gap", "days": 84, "usual": 31, "percentile": 98}]'


def raised(
    risk: int, band: str | None, *signals: str, points: dict[str, int] = POINTS
) -> tuple[int, str | None, list[str]]:
    found, bands, told = with_signals(
        np.array([risk]),
        [band],
        [GAP],
        [[Signal(code, {"days": 9}) for code in signals]],
        points=points,
        watch=40,
        high=70,
    )
    return int(found[0]), bands[0], [reason["code"] for reason in json.loads(told[0])]


def test_each_signal_adds_its_points_and_is_told() -> None:
    assert raised(20, "low") == (20, "low", ["gap"])
    assert raised(20, "low", "promise_late", "owner_changed") == (
        28,
        "low",
        ["promise_late", "gap", "owner_changed"],
    )
    assert raised(35, "low", "complaint_late") == (45, "watch", ["complaint_late", "gap"])
    assert raised(62, "watch", "complaint_late") == (72, "high", ["complaint_late", "gap"])


def test_points_end_at_100_and_none_are_no_reason() -> None:
    assert raised(97, "high", "complaint_late", "promise_late") == (100, "high", ["complaint_late", "gap"])
    assert raised(20, "low", "contact_gap") == (20, "low", ["gap"])


def test_who_is_lost_or_was_never_judged_stays_as_he_is() -> None:
    for band in ("lost", None, ""):
        assert raised(90, band, "complaint_late") == (90, band, ["gap"])


def test_cl08_drifting_adds_points_and_may_lift_the_band_but_never_from_lost() -> None:
    risk, band, _told = with_signals(
        np.array([38, 68, 90, 38, 98]),
        ["low", "watch", "lost", "low", "high"],
        [GAP] * 5,
        [[Signal("drifting", {})] if drifts else [] for drifts in (True, True, True, False, True)],
        points=POINTS,
        watch=40,
        high=70,
    )
    assert list(risk) == [43, 73, 90, 38, 100]
    assert list(band) == ["watch", "high", "lost", "low", "high"]
