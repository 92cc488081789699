from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable
from liuke.insight.experiments.guardrails import newcombe


def mails(customers: int, *, rate: float, control_rate: float, seed: int = 1) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    treated = np.arange(customers) % 2 == 0
    chance = np.where(treated, rate, control_rate)
    return {
        "arm": np.where(treated, "treated", "control"),
        "unsubscribed": (generator.random(customers) < chance).astype(int),
        "refunded": generator.exponential(5, customers) + 3 * (rate - control_rate) * 100 * treated,
    }


def test_newcombes_worked_examples() -> None:
    """Newcombe (1998), table II, method 10: 56/70 - 48/80 is .0524 to .3339; 10/10 - 0/10 is .6075 to 1."""

    def events(hits: int, n: int) -> Any:
        return (np.arange(n) < hits).astype(float)

    assert newcombe(events(56, 70), events(48, 80), 0.975) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(events(9, 10), events(3, 10), 0.975) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert newcombe(events(10, 10), events(0, 10), 0.975) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_verdicts() -> None:
    calm = ex.guardrail(mails(20_000, rate=0.01, control_rate=0.01), metric="unsubscribed", margin=0.01)
    assert calm.verdict == "safe"
    assert calm.low < calm.harm < calm.high < 0.01
    bad = ex.guardrail(mails(20_000, rate=0.05, control_rate=0.01), metric="unsubscribed", margin=0.01)
    assert bad.verdict == "harmful"
    few = ex.guardrail(mails(200, rate=0.01, control_rate=0.01), metric="unsubscribed", margin=0.005)
    assert few.verdict == "undecided"


def test_amounts_and_figures_that_should_be_high() -> None:
    table = mails(4_000, rate=0.02, control_rate=0.01)
    harm = ex.guardrail(table, metric="refunded", margin=1.0)
    assert (harm.verdict, round(harm.harm)) == ("harmful", 3)
    turned = ex.guardrail(
        {**table, "refunded": -table["refunded"]}, metric="refunded", margin=1.0, worse="lower"
    )
    assert (turned.harm, turned.low, turned.high) == pytest.approx((harm.harm, harm.low, harm.high))


def test_harm_of_the_whole_margin_passes_as_seldom_as_promised() -> None:
    """At the margin itself, "safe" is the mistake; also with rare events (1 in 100) it comes in 5 % at most, about."""
    passed = sum(
        ex.guardrail(
            mails(3_000, rate=0.02, control_rate=0.01, seed=seed), metric="unsubscribed", margin=0.01
        ).verdict
        == "safe"
        for seed in range(1_000)
    )
    assert 0.02 < passed / 1_000 < 0.065


def test_nobody_complained_is_not_proof() -> None:
    table = {"arm": ["control"] * 30 + ["treated"] * 30, "complained": [0] * 60}
    found = ex.guardrail(table, metric="complained", margin=0.02)
    assert (found.harm, found.verdict) == (0.0, "undecided")
    assert found.high > 0.02


@pytest.mark.parametrize(
    "settings",
    [
        {"margin": 0.0},
        {"margin": float("nan")},
        {"margin": 0.1, "worse": "sideways"},
        {"margin": 0.1, "level": 0.4},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="margin|worse|level"):
        ex.guardrail(mails(50, rate=0.5, control_rate=0.5), metric="unsubscribed", **settings)


def test_a_rate_is_nothing_but_0_and_1() -> None:
    table = {"arm": ["control", "treated"] * 3, "complained": [0, 1, 0, 2, 0, 1]}
    with pytest.raises(BadTable) as refused:
        ex.guardrail(table, metric="complained", margin=0.1, rate=True)
    assert (refused.value.column, refused.value.row) == ("complained", 3)
