from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit

from liuke import insight
from liuke.insight.datasets import cdnow_sample
from liuke.insight.errors import BadDay, BadHorizon
from liuke.insight.features.outcome import outcome
from liuke.insight.forecast import forecast as forecast_module
from liuke.insight.forecast.cutoffs import cutoffs, older_days
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.learners import Correction
from liuke.insight.forecast.rules import RFM
from liuke.insight.forecast.stack import (
    BOOSTED,
    LEVEL_SPREAD,
    LOGISTIC,
    MODEL,
    best_of,
    blended,
    held_by,
    learned_weights,
    prior_weights,
)
from liuke.insight.forecast.track import auc, brier, calibration, calibration_error, log_loss
from liuke.insight.tests.logs import START, log, shop

AS_OF = START + timedelta(days=400)
LOG = shop(400)


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    return Forecast().fit(insight.read_purchases(LOG), as_of=AS_OF, horizon=28)


def came_of(purchases: insight.Purchases, forecast: Forecast, horizon: int) -> np.ndarray:
    counts, _ = outcome(purchases.engine, purchases.days, forecast.now.seen, horizon_days=horizon)
    return counts > 0


class TestForecast:
    def test_it_is_no_worse_than_its_best_member_on_the_cdnow_sample(self) -> None:
        purchases = insight.read_purchases(cdnow_sample())
        found = Forecast().fit(purchases, as_of=date(1998, 3, 31), horizon=91)
        came = came_of(purchases, found, 91)
        best = min(log_loss(p, came) for p in found.now.probabilities.values())
        assert log_loss(found.probability(), came) < 1.005 * best

    def test_probabilities_are_probabilities(self, forecast: Forecast) -> None:
        table = forecast.predict()
        p_buy, expected = table["p_buy"].to_numpy(), table["expected_purchases"].to_numpy()
        assert ((p_buy > 0) & (p_buy < 1)).all()
        assert (expected >= p_buy - 1e-12).all()
        assert table["customer"].to_pylist() == sorted(table["customer"].to_pylist())

    def test_the_record_tells_what_would_have_been_said_then(self, forecast: Forecast) -> None:
        record = forecast.record()
        assert record["backtest"]["cutoff"] == (AS_OF - timedelta(days=28)).isoformat()
        assert sum(record["weights"].values()) == pytest.approx(1)
        assert {"rhythm", "MBGNBD", "ParetoNBD", "logistic", "boosted", "rfm"} <= record["backtest"][
            "log_loss_of"
        ].keys()

    def test_what_comes_later_changes_nothing(self, forecast: Forecast) -> None:
        until = LOG.filter(pa.array([on <= AS_OF for on in LOG["on"].to_pylist()]))
        again = Forecast().fit(insight.read_purchases(until), as_of=AS_OF, horizon=28)
        np.testing.assert_allclose(again.probability(), forecast.probability(), rtol=1e-6)

    def test_order_of_rows_and_unit_of_money_change_nothing(self, forecast: Forecast) -> None:
        shuffled = LOG.take(pa.array(np.random.default_rng(3).permutation(LOG.num_rows)))
        again = Forecast().fit(insight.read_purchases(shuffled), as_of=AS_OF, horizon=28)
        np.testing.assert_allclose(again.probability(), forecast.probability(), rtol=1e-6)

    def test_a_log_that_is_too_short_leans_on_the_model(self) -> None:
        short = Forecast().fit(insight.read_purchases(LOG), as_of=START + timedelta(days=40), horizon=28)
        assert short.weights_ == {MODEL: 1.0}
        assert short.backtest_ == {}

    @pytest.mark.parametrize(
        ("rows", "kind"),
        [
            (
                [("A", "2026-01-01", 1.0), ("A", "2026-02-01", 1.0), ("B", "2026-01-15", 1.0)],
                "TooFewCustomers",
            ),
            ([(f"C{n}", f"2026-01-{n % 28 + 1:02}", 1.0) for n in range(80)], "NoRepeatBuyers"),
        ],
    )
    def test_what_carries_no_model_is_told_and_the_rhythm_rule_judges(
        self, rows: list[Any], kind: str
    ) -> None:
        found = Forecast().fit(log(*rows), as_of=date(2026, 3, 1), horizon=30)
        assert found.fallback_ is not None
        assert found.fallback_.startswith(kind)
        assert np.isfinite(found.probability()).all()

    @pytest.mark.parametrize("horizon", [0, -5])
    def test_a_horizon_of_nothing_is_refused(self, horizon: int) -> None:
        with pytest.raises(BadHorizon, match="1 day or more"):
            Forecast().fit(log(("A", "2026-01-01", 1.0)), as_of=date(2026, 1, 2), horizon=horizon)

    def test_a_day_before_the_log_is_refused(self) -> None:
        with pytest.raises(BadDay, match="before the first purchase"):
            Forecast().fit(log(("A", "2026-01-01", 1.0)), as_of=date(2025, 1, 2), horizon=30)


class TestCutoffs:
    def test_their_horizon_has_ended(self) -> None:
        days = cutoffs(date(2025, 1, 1), as_of=date(2026, 1, 1), horizon_days=91)
        assert days[0] == date(2025, 10, 2)
        assert len(days) == 6
        assert {(a - b).days for a, b in zip(days, days[1:], strict=False)} == {28}

    def test_each_has_a_past(self) -> None:
        assert cutoffs(date(2025, 1, 1), as_of=date(2025, 3, 1), horizon_days=31) == [date(2025, 1, 29)]
        assert cutoffs(date(2025, 1, 1), as_of=date(2025, 2, 1), horizon_days=28) == []

    def test_a_log_of_few_customers_is_learned_from_older_days_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few = Forecast().fit(insight.read_purchases(LOG), as_of=AS_OF, horizon=28)
        days = [cut.past.seen.as_of for cut in few.cuts_]
        assert len(days) == 12
        assert all((later - earlier).days == 28 for later, earlier in pairwise(days))
        monkeypatch.setattr(forecast_module, "THIN_CUSTOMERS", 10)
        many = Forecast().fit(insight.read_purchases(LOG), as_of=AS_OF, horizon=28)
        assert [cut.past.seen.as_of for cut in many.cuts_] == days[:6]

    def test_older_days_are_those_before_and_have_a_past(self) -> None:
        older = older_days(date(2025, 1, 1), before=date(2025, 6, 1), horizon_days=28)
        assert older[0] == date(2025, 5, 4)
        assert older[-1] == date(2025, 2, 9)
        assert older_days(date(2025, 1, 1), before=date(2025, 2, 1), horizon_days=28) == []


class TestStack:
    def test_thin_data_leans_on_the_model(self) -> None:
        weights = [prior_weights(events)[MODEL] for events in (0, 50, 150, 600, 10_000)]
        assert weights == sorted(weights, reverse=True)
        assert (weights[0], weights[2], weights[-1]) == pytest.approx((1.0, 0.5, 0.2))

    def test_weights_go_where_the_customers_say(self) -> None:
        generator = np.random.default_rng(4)
        truth = generator.normal(-1, 1.5, 20_000)
        came = generator.random(20_000) < expit(truth)
        noise = generator.normal(-1, 1.5, 20_000)
        prior = {MODEL: 0.4, LOGISTIC: 0.3, BOOSTED: 0.3}
        weights = learned_weights({MODEL: noise, LOGISTIC: truth, BOOSTED: noise}, came, prior)
        assert weights[LOGISTIC] > 0.8

    def test_a_hundred_customers_can_leave_a_model_that_knows_nothing(self) -> None:
        generator = np.random.default_rng(7)
        truth = generator.normal(0, 3, 100)
        came = generator.random(100) < expit(truth)
        parts = {MODEL: generator.normal(0, 3, 100), LOGISTIC: truth, BOOSTED: truth, RFM: truth}
        assert learned_weights(parts, came, prior_weights(50))[MODEL] < 0.15

    def test_the_weights_are_the_best_there_are(self) -> None:
        generator = np.random.default_rng(8)
        truth = generator.normal(-1, 1.5, 3_000)
        came = generator.random(3_000) < expit(truth)
        parts = {
            name: truth + generator.normal(0, noise, 3_000)
            for name, noise in (("a", 0.5), ("b", 1), ("c", 2))
        }
        prior = {"a": 0.2, "b": 0.3, "c": 0.5}
        found = np.array(list(learned_weights(parts, came, prior).values()))

        def cost(weights: np.ndarray) -> float:
            odds = weights @ np.stack(list(parts.values()))
            shifts = np.linspace(-0.5, 0.5, 41)
            losses = [3_000 * log_loss(expit(odds + c), came) + c**2 / (2 * LEVEL_SPREAD**2) for c in shifts]
            return min(losses) + held_by(came) * ((weights - np.array([0.2, 0.3, 0.5])) ** 2).sum()

        tried = generator.dirichlet(np.ones(3), 200)
        assert found.sum() == pytest.approx(1)
        assert cost(found) < min(map(cost, tried)) + 0.2

    def test_equal_members_leave_the_prior(self) -> None:
        same = np.full(500, -1.0)
        prior = {MODEL: 0.4, LOGISTIC: 0.35, BOOSTED: 0.25}
        came = np.arange(500) % 4 == 0
        assert learned_weights({MODEL: same, LOGISTIC: same, BOOSTED: same}, came, prior) == pytest.approx(
            prior
        )

    def test_rfm_starts_from_nothing_and_gets_what_it_earns(self) -> None:
        generator = np.random.default_rng(6)
        truth = generator.normal(0, 2, 1_000)
        came = generator.random(1_000) < expit(truth)
        noise = {name: truth + generator.normal(0, 1.5, 1_000) for name in (MODEL, LOGISTIC, BOOSTED)}
        prior = prior_weights(400)
        assert prior[RFM] == 0
        assert learned_weights(noise | {RFM: truth}, came, prior)[RFM] > 0.25
        of_nothing = generator.normal(0, 2, 1_000)
        assert learned_weights(noise | {RFM: of_nothing}, came, prior)[RFM] < 0.1

    def test_one_window_says_little_more_of_the_next_however_many_it_holds(self) -> None:
        generator = np.random.default_rng(5)
        truth = generator.normal(-1, 1, 400)
        came = generator.random(400) < expit(truth)
        parts = {MODEL: truth + generator.normal(0, 0.3, 400), LOGISTIC: truth}
        prior = {MODEL: 0.8, LOGISTIC: 0.2}
        once = learned_weights(parts, came, prior)[LOGISTIC]
        again = {name: np.tile(part, 20) for name, part in parts.items()}
        assert learned_weights(again, np.tile(came, 20), prior)[LOGISTIC] == pytest.approx(once, abs=0.05)

    def test_what_several_windows_agree_on_is_followed(self) -> None:
        """120 customers a window: one leaves the weights near the prior, six that say the same don't."""
        generator = np.random.default_rng(11)
        windows = []
        for _ in range(6):
            truth = generator.normal(0, 1.5, 120)
            model = truth + generator.normal(0, 1.2, 120)
            windows.append(({MODEL: model, LOGISTIC: truth}, generator.random(120) < expit(truth)))
        (parts, came), *further = windows
        prior = {MODEL: 0.75, LOGISTIC: 0.25}
        alone, agreed = (
            learned_weights(parts, came, prior),
            learned_weights(parts, came, prior, further=further),
        )
        assert agreed[LOGISTIC] > alone[LOGISTIC] + 0.15
        assert agreed[LOGISTIC] > 0.7
        without = [({MODEL: model[MODEL]}, who) for model, who in further]
        assert learned_weights(parts, came, prior, further=without) == alone

    def test_a_window_that_was_busier_for_all_says_nothing_of_the_weights(self) -> None:
        generator = np.random.default_rng(9)
        truth, chance = generator.normal(-1, 1.5, 5_000), generator.random(5_000)
        high = {MODEL: truth, LOGISTIC: 0.6 * truth + generator.normal(0, 0.5, 5_000) + 0.3}
        december = learned_weights(high, chance < expit(truth + 0.4), {MODEL: 0.5, LOGISTIC: 0.5})
        usual = learned_weights(high, chance < expit(truth), {MODEL: 0.5, LOGISTIC: 0.5})
        assert december[MODEL] > 0.6
        assert december[MODEL] == pytest.approx(usual[MODEL], abs=0.05)

    def test_what_did_best_lately_leads(self) -> None:
        """A young log: in the third month rhythms are known, in the first they weren't."""
        cuts: list[Any] = [
            SimpleNamespace(losses=lambda loss=loss: {"rhythm": loss, "MBGNBD": 0.45})
            for loss in (0.3, 0.5, 0.6, 0.7)
        ]
        assert best_of(cuts, ("rhythm", "MBGNBD")) == "rhythm"
        assert best_of(cuts[::-1], ("rhythm", "MBGNBD")) == "MBGNBD"

    def test_without_learners_the_model_speaks_alone(self) -> None:
        odds = np.array([-2.0, 0.0, 1.0])
        assert blended({MODEL: odds}, prior_weights(500)) == pytest.approx(odds)


@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_day_is_weighed_by_what_the_days_apart_from_it_teach(
    forecast: Forecast, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """Of the latest day these had ended by then; nothing that a day's own horizon shows is learned before it is foretold."""
    taught: list[date] = []
    monkeypatch.setattr(
        forecast_module, "learn", lambda cuts, **_: taught.extend(cut.past.seen.as_of for cut in cuts)
    )
    days = [cut.past.seen.as_of for cut in forecast.cuts_]
    forecast._then(forecast.cuts_, place)
    later, older = days[:place], days[place + 1 :]
    assert taught == [*later, *older]  # four weeks apart with a horizon of four weeks
    forecast_of_a_quarter = Forecast()
    forecast_of_a_quarter.horizon = 91
    taught.clear()
    forecast_of_a_quarter._then(forecast.cuts_, place)
    assert taught == [day for day in days if abs((day - days[place]).days) >= 91]
    assert place > 0 or max(taught) + timedelta(days=91) <= days[0]


class TestCorrection:
    def test_nothing_to_learn_costs_nearly_nothing(self) -> None:
        generator = np.random.default_rng(5)
        offset = generator.normal(-1, 1, 40_000)
        came = generator.random(40_000) < expit(offset)
        features = generator.normal(size=(40_000, 25))
        taught, fresh = slice(0, 2_000), slice(2_000, None)
        found = Correction().fit(features[taught], came[taught], offset=offset[taught])
        corrected = expit(found.log_odds(features[fresh], offset=offset[fresh]))
        assert log_loss(corrected, came[fresh]) < log_loss(expit(offset[fresh]), came[fresh]) + 0.008

    def test_what_the_model_does_not_know_is_learnt(self) -> None:
        generator = np.random.default_rng(6)
        features = generator.normal(size=(20_000, 2))
        offset = np.full(20_000, -1.0)
        came = generator.random(20_000) < expit(-1 + features[:, 0])
        learnt = Correction().fit(features, came, offset=offset).coefficients_
        assert learnt[1:] == pytest.approx([1.0, 0.0], abs=0.06)

    def test_a_column_without_variation_is_harmless(self) -> None:
        came = np.arange(100) % 3 == 0
        found = Correction().fit(np.ones((100, 2)), came, offset=np.zeros(100))
        assert np.isfinite(found.coefficients_).all()


class TestTrack:
    P = np.array([0.1, 0.4, 0.8, 0.9])
    CAME = np.array([False, False, True, True])

    def test_the_scores_of_a_small_forecast(self) -> None:
        assert log_loss(self.P, self.CAME) == pytest.approx(-np.log([0.9, 0.6, 0.8, 0.9]).mean())
        assert brier(self.P, self.CAME) == pytest.approx((0.01 + 0.16 + 0.04 + 0.01) / 4)
        assert auc(self.P, self.CAME) == 1.0
        assert auc(np.zeros(4), self.CAME) == 0.5
        assert np.isnan(auc(self.P, np.ones(4, dtype=bool)))

    def test_calibration_holds_groups_against_what_came(self) -> None:
        groups = calibration(self.P, self.CAME, groups=2)
        assert [(group["customers"], group["came"]) for group in groups] == [(2, 0.0), (2, 1.0)]
        assert calibration_error(self.P, self.CAME, groups=2) == pytest.approx((0.25 + 0.15) / 2)
