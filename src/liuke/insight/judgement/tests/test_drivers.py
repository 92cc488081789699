from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

from liuke.insight.judgement import drivers
from liuke.insight.judgement.drivers import LEAST, Drivers, learn_drivers


def learned(monkeypatch: pytest.MonkeyPatch, slopes: tuple[float, ...], *, customers: int) -> Drivers:
    """From one earlier day, on which a log unit of each departure lowered the log odds of coming by its slope."""
    generator = np.random.default_rng(1)
    features = generator.exponential(0.5, (customers, len(slopes)))
    kept = generator.uniform(0.3, 0.95, customers)
    came = generator.random(customers) < expit(logit(kept) - features @ np.array(slopes))
    monkeypatch.setattr(drivers, "departures", lambda seen, members: features)
    monkeypatch.setattr(drivers, "on_time", lambda members: kept)
    cut: Any = SimpleNamespace(
        past=SimpleNamespace(events=int(came.sum()), seen=None), members=None, came=came
    )
    return learn_drivers([cut])


def test_what_a_departure_tells_here_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    found = learned(monkeypatch, (1.5, 0.6, 0.0, 0.9, 0.3), customers=20_000)
    assert (found.late, found.basket, found.returns, found.discount) == pytest.approx(
        (1.5, 0.6, 0.9, 0.3), abs=0.12
    )
    assert found.breadth == pytest.approx(LEAST, abs=0.05)  # tells nothing here: named last, yet named


def test_little_to_learn_from_leaves_what_is_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    found = learned(monkeypatch, (3.0, 0.0, 0.0, 3.0, 0.6), customers=15)
    assert (found.late, found.basket) == pytest.approx((Drivers().late, Drivers().basket), abs=0.3)
    assert learn_drivers([]) == Drivers()
