from __future__ import annotations

import numpy as np
import pytest

from liuke.insight.errors import BadHorizon, BadTable, TooFewCustomers
from liuke.insight.models import KaplanMeier

# Freireich and others (1963), remission of leukaemia under 6-mercaptopurine in weeks, as in Cox and Oakes (1984)
DURATION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_the_textbook_example() -> None:
    model = KaplanMeier().fit({"duration": DURATION, "ended": ENDED})
    assert model.times_.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert model.survival_.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = model.survival_ * np.sqrt(model.log_variance_)
    assert errors.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert model.median() == 23


def test_the_curve_is_a_step_that_begins_at_1_and_stays_after_the_last_end() -> None:
    model = KaplanMeier().fit({"duration": DURATION, "ended": ENDED})
    assert model.survival([0, 5.99, 6, 6.5, 35, 1000]).round(3).tolist() == [1, 1, 0.857, 0.857, 0.448, 0.448]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        life, watched = rng.exponential(10, 80), rng.uniform(5, 25, 80)
        model = KaplanMeier().fit(
            {"duration": np.minimum(life, watched), "ended": (life <= watched).astype(int)}
        )
        low, high = model.interval([8.0], level=0.9)
        inside += int(low[0] <= np.exp(-0.8) <= high[0])
    assert 0.86 < inside / 400 < 0.94


def test_without_censoring_it_is_the_share_still_there() -> None:
    times = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    model = KaplanMeier().fit({"duration": times, "ended": np.ones(5)})
    assert model.survival([0.5, 1, 3, 4, 5]).tolist() == pytest.approx([1, 0.6, 0.4, 0.2, 0])
    low, high = model.interval([5])
    assert (low[0], high[0]) == (0, 0)


def test_who_stayed_so_far_and_who_left() -> None:
    model = KaplanMeier().fit({"duration": DURATION, "ended": ENDED})
    staying = model.probability_of_staying({"duration": [10, 10, 40], "ended": [0, 1, 0]}, horizon=6)
    assert staying == pytest.approx([0.627451 / 0.752941, 0, 1], rel=1e-5)


def test_drawn_again_the_curve_returns() -> None:
    model = KaplanMeier().fit({"duration": DURATION, "ended": ENDED})
    again = KaplanMeier().fit(model.simulate(100_000, seed=2))
    assert again.survival(model.times_) == pytest.approx(model.survival_, abs=0.006)
    assert KaplanMeier.from_json(model.to_json()).explain() == model.explain()


def test_the_bootstrap_agrees_with_greenwood() -> None:
    rng = np.random.default_rng(3)
    life, watched = rng.exponential(10, 400), rng.uniform(5, 25, 400)
    table = {"duration": np.minimum(life, watched).round(1), "ended": (life <= watched).astype(int)}
    model = KaplanMeier().fit(table)
    drawn = model.bootstrap(table, draws=400, seed=5)
    assert all(again.customers_ == 400 for again in drawn.models)
    low, high = (each[0] for each in model.interval([8.0]))
    found = drawn.interval_of(lambda again: float(again.survival([8.0])[0]))
    assert found == pytest.approx((low, high), abs=0.25 * (high - low))


def test_bad_durations_are_refused() -> None:
    with pytest.raises(BadTable) as refused:
        KaplanMeier().fit({"duration": [1, 2], "ended": [1, 3]})
    assert (refused.value.column, refused.value.row) == ("ended", 1)
    with pytest.raises(TooFewCustomers):
        KaplanMeier().fit({"duration": [1], "ended": [1]})
    with pytest.raises(BadHorizon):
        KaplanMeier().fit({"duration": [1, 2], "ended": [1, 1]}).survival([-1])
