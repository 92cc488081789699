from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable, EmptyArm, MissingColumn
from liuke.insight.experiments.covariates import Covariates
from liuke.insight.experiments.learners import Linear, Sparse
from liuke.insight.experiments.tests.worlds import FEATURES, campaign, table_of


def test_scores_are_right_on_average_and_quieter_than_the_plain_difference() -> None:
    estimates, plain, covered = [], [], 0
    for seed in range(150):
        world = campaign(400, effect="same", seed=seed)
        gains = ex.robust_scores(table_of(world), features=FEATURES).gains()
        estimates.append(gains.mean())
        error = gains.std(ddof=1) / np.sqrt(len(gains))
        covered += abs(gains.mean() - 1.0) < 1.96 * error
        plain.append(ex.difference(table_of(world)).difference)
    assert np.mean(estimates) == pytest.approx(1.0, abs=4 * np.std(estimates) / np.sqrt(150))
    assert np.std(estimates) < 0.75 * np.std(plain)
    assert covered / 150 == pytest.approx(0.95, abs=0.055)


def test_uneven_arms_are_weighed_by_their_shares() -> None:
    """With features that tell nothing, the mean of the scores is that of the arms themselves."""
    world = campaign(3_000, effect="same", shares=(0.1, 0.6, 0.3))
    shares = {"control": 0.1, "mail": 0.6, "zcall": 0.3}
    scores = ex.robust_scores(table_of(world), shares=shares)
    for place, arm in enumerate(scores.arms):
        mean = world["outcome"][world["arm"] == arm].mean()
        assert scores.gamma[:, place].mean() == pytest.approx(mean, abs=0.3)
    with pytest.raises(ValueError, match="several arms"):
        scores.gains()
    with pytest.raises(EmptyArm):
        scores.gains("fax")


def test_scores_are_right_in_every_part_of_the_customers_also_without_features() -> None:
    """The regression knows nothing of who spends more; the shares of the drawing make up for it."""
    world = campaign(20_000, effect="same", shares=(0.15, 0.85))
    scores = ex.robust_scores(table_of(world))
    much = world["spent"] > np.median(world["spent"])
    for place, arm in enumerate(scores.arms):
        mean = world["outcome"][much & (world["arm"] == arm)].mean()
        assert scores.gamma[much, place].mean() == pytest.approx(mean, abs=0.35)


def test_a_score_never_sees_its_own_outcome() -> None:
    """Another outcome of one customer moves his own arm's score by the inverse of its share, nobody else's of his fold."""
    table = table_of(campaign(200))
    before = ex.robust_scores(table, features=FEATURES)
    table["outcome"] = table["outcome"].copy()
    table["outcome"][17] += 1e-7  # too little to change the order of rows
    after = ex.robust_scores(table, features=FEATURES)
    assert np.array_equal(before.folds, after.folds)
    moved = (after.gamma - before.gamma)[before.folds == before.folds[17]]
    share = np.mean(table["arm"] == table["arm"][17])
    assert np.abs(moved).max() == pytest.approx(1e-7 / share, rel=1e-3)
    assert np.count_nonzero(np.abs(moved) > 1e-12) == 1


@settings(max_examples=15)
@given(st.integers(0, 1000), st.floats(0.01, 1e5))
def test_order_of_rows_and_unit_change_nothing(seed: int, unit: float) -> None:
    table = table_of(campaign(120, seed=seed))
    order = np.random.default_rng(seed).permutation(120)
    moved = {name: values[order] for name, values in table.items()}
    moved["outcome"] = moved["outcome"] * unit
    first, second = (ex.robust_scores(each, features=FEATURES) for each in (table, moved))
    assert second.folds.tolist() == first.folds[order].tolist()
    assert np.allclose(second.gamma, first.gamma[order] * unit, rtol=1e-7, atol=1e-7 * unit)


def test_words_numbers_and_skewed_money_become_columns() -> None:
    table = {
        "city": np.array(["a"] * 50 + ["b"] * 50, dtype=object),
        "vip": np.arange(100) % 2 == 0,
        "age": np.linspace(20, 80, 100),
        "spent": np.append(np.ones(99), 1e6),
    }
    encoder = Covariates(["city", "vip", "age", "spent", "age"]).fit(table)
    assert encoder.names_ == ["city=a", "city=b", "vip=False", "vip=True", "age", "spent"]
    x = encoder.transform(table)
    assert x.shape == (100, 6)
    assert x[-1, 5] == pytest.approx(np.log1p(1e6))
    other = encoder.transform({**table, "city": np.array(["new"] * 100, dtype=object)})
    assert not other[:, :2].any()


@pytest.mark.parametrize(
    ("column", "kind", "row"),
    [
        (None, MissingColumn, None),
        ([1.0, None, 3.0], BadTable, 1),
        ([1.0, 2.0, np.inf], BadTable, 2),
        (["a", None, "c"], BadTable, 1),
        ([1.0, 1e99, 3.0], BadTable, 1),
        (pa.array([1, 2, 3], pa.date32()), BadTable, None),
        ([b"a", b"b", b"c"], BadTable, None),
        ([[1], [2], [3]], BadTable, None),
    ],
)
def test_bad_features_are_refused(column: Any, kind: type[BadTable], row: int | None) -> None:
    table = {} if column is None else {"x": column}
    with pytest.raises(kind) as refused:
        Covariates(["x"]).fit(table).transform(table)
    assert (refused.value.column, refused.value.row) == ("x", row)


def test_a_linear_regression_keeps_to_the_mean_where_features_tell_nothing() -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(size=(300, 20))
    noise = Linear().fit(x, generator.normal(5, 1, 300)).predict(x)
    assert np.std(noise) < 0.25
    told = Linear().fit(x, 5 + x[:, 0] * 2).predict(x)
    assert np.corrcoef(told, x[:, 0])[0, 1] > 0.98
    few = Sparse().fit(x, 5 + x[:, 0] * 2 + generator.normal(0, 1, 300))
    assert np.count_nonzero(np.abs(few.predict(np.eye(20) * 3) - few.predict(np.zeros((1, 20)))) > 0.5) == 1
    assert Sparse().fit(np.ones((50, 3)), np.arange(50.0)).predict(np.ones((2, 3))).tolist() == [24.5, 24.5]
    constant = Linear().fit(np.ones((50, 3)), np.arange(50.0)).predict(np.ones((2, 3)))
    assert constant.tolist() == [24.5, 24.5]


def test_too_few_for_the_folds_are_refused() -> None:
    table = table_of(campaign(60))
    table["arm"] = np.where(np.arange(60) < 8, "mail", "control")
    with pytest.raises(EmptyArm) as refused:
        ex.robust_scores(table)
    assert (refused.value.arm, refused.value.found, refused.value.needed) == ("mail", 8, 10)
    with pytest.raises(ValueError, match="folds"):
        ex.robust_scores(table, folds=1)
    with pytest.raises(ValueError, match="shares"):
        ex.robust_scores(table_of(campaign(200)), shares={"control": 0.5, "fax": 0.5})
