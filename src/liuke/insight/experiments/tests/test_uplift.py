from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable, DuplicateCustomer, EmptyArm, MissingColumn, NotFitted
from liuke.insight.experiments.policies import Candidates
from liuke.insight.experiments.tests.worlds import FEATURES, campaign, table_of

ALL_CANDIDATES = {
    "treat none",
    "treat all: mail",
    "response",
    "T linear",
    "DR linear",
    "DR sparse",
    "T boosted",
    "X boosted",
    "DR boosted",
    "blend",
}


def true_worth(world: dict[str, Any], choice: Any, cost: float = 0.0) -> float:
    return float((world["truth"][np.arange(len(choice)), choice] - cost * (choice > 0)).mean())


@pytest.fixture(scope="module")
def some() -> tuple[dict[str, Any], ex.Uplift]:
    world = campaign(4_000)
    return world, ex.Uplift(features=FEATURES).fit(table_of(world))


def test_planted_heterogeneity_is_found(some: tuple[dict[str, Any], ex.Uplift]) -> None:
    _, uplift = some
    assert {each.name for each in uplift.policies_} == ALL_CANDIDATES
    assert uplift.chosen_ not in {"treat none", "treat all: mail", "response"}
    assert uplift.value_.against_low > 0
    assert uplift.ranker_["mail"] is not None
    fresh = campaign(4_000, seed=2)
    arms = uplift.decide(table_of(fresh))
    right = (arms == "mail") == (fresh["age"] > 50)
    assert right.mean() > 0.9
    worth = true_worth(fresh, (arms == "mail").astype(int))
    assert worth > 0.9 * true_worth(fresh, (fresh["age"] > 50).astype(int))
    assert "Better than" in uplift.explain()
    for each in uplift.heterogeneity_:  # every one of the learners, not their mean alone
        if each.learner != "response":
            assert each.curve.low > 0, each.learner
            assert 0.6 < each.slope < 1.6, each.learner


def test_the_response_model_is_seen_through(some: tuple[dict[str, Any], ex.Uplift]) -> None:
    """Who buys most when contacted is who buys anyway: its ranking is worth nothing here, and is told to be."""
    _, uplift = some
    response = next(each for each in uplift.heterogeneity_ if each.learner == "response")
    best = max(uplift.heterogeneity_, key=lambda each: each.curve.qini)
    assert response.curve.qini < best.curve.qini / 3
    assert uplift.table()["name"][0].as_py() == uplift.policies_[0].name


def test_increments_have_the_right_size(some: tuple[dict[str, Any], ex.Uplift]) -> None:
    _, uplift = some
    fresh = campaign(4_000, seed=3)
    found = uplift.increments(table_of(fresh))[:, 0]
    truth = fresh["truth"][:, 1]
    assert found.mean() == pytest.approx(truth.mean(), abs=0.25)
    assert np.polyfit(found, truth, 1)[0] == pytest.approx(1.0, abs=0.2)


def test_where_the_best_customers_are_moved_most_the_response_model_ranks_and_sizes_are_still_right() -> None:
    world = campaign(4_000, effect="none")
    moved = 0.3 * (5 * np.log1p(world["spent"]) - 14)
    table = table_of(world)
    table["outcome"] = table["outcome"] + moved * (table["arm"] == "mail")
    uplift = ex.Uplift(features=FEATURES).fit(table)
    response = next(each for each in uplift.heterogeneity_ if each.learner == "response")
    assert response.curve.low > 0
    assert response.slope == pytest.approx(0.23, abs=0.06)  # it says 1.3 where 0.3 is the mail's doing
    assert np.polyfit(uplift.increments(table)[:, 0], moved, 1)[0] == pytest.approx(1.0, abs=0.25)


def test_where_contact_does_nothing_nothing_is_found() -> None:
    """False alarms of targeting and of ranking stay near what `trust` allows (one in ten)."""
    targeted = ranked = 0
    for seed in range(40):
        uplift = ex.Uplift(features=FEATURES, cost=0.05).fit(
            table_of(campaign(600, effect="none", seed=seed))
        )
        targeted += uplift.chosen_ != uplift.simple_
        ranked += uplift.ranker_["mail"] is not None
    assert targeted <= 12
    assert ranked <= 9


def test_where_everybody_gains_alike_everybody_is_contacted() -> None:
    uplift = ex.Uplift(features=FEATURES, cost=0.2).fit(table_of(campaign(3_000, effect="same")))
    assert uplift.simple_ == "treat all: mail"
    assert uplift.value_.value == pytest.approx(max(each.value for each in uplift.policies_), rel=0.02)
    found = uplift.increments(table_of(campaign(500, effect="same", seed=9)))
    assert np.abs(found - 1.0).mean() < 0.3


def test_a_contact_that_costs_more_than_it_brings_is_not_made() -> None:
    uplift = ex.Uplift(features=FEATURES, cost=5.0).fit(table_of(campaign(1_000)))
    assert uplift.chosen_ == "treat none"
    assert set(uplift.decide(table_of(campaign(50)))) == {"control"}
    assert "No targeting is proved" in uplift.explain()


def test_several_arms_each_get_those_they_move() -> None:
    world = campaign(6_000, shares=(0.4, 0.3, 0.3))
    uplift = ex.Uplift(features=FEATURES, cost={"mail": 0.1, "zcall": 0.2}).fit(table_of(world))
    fresh = campaign(3_000, shares=(0.4, 0.3, 0.3), seed=5)
    arms = uplift.decide(table_of(fresh))
    best = np.where(fresh["age"] > 50, "mail", np.where(fresh["city"] == "north", "zcall", "control"))
    assert np.mean(arms == best) > 0.8
    increments = uplift.increments(table_of(fresh))
    assert increments.shape == (3_000, 2)
    contacts = ex.best_contacts(increments, [0.1, 0.2], budget=60)
    true = fresh["truth"][np.arange(3_000), contacts.choice + 1].sum()
    assert true > 0.8 * 2.0 * 600  # 600 mails at 0.1 to people whom each moves by 2
    assert contacts.cost <= 60.000001


def test_values_of_policies_hold_as_often_as_their_intervals_say() -> None:
    """A policy fixed beforehand, valued on 200 experiments of which the truth is known."""
    covered = against = 0
    for seed in range(200):
        world = campaign(400, seed=seed)
        scores = ex.robust_scores(table_of(world), features=FEATURES)
        old = (world["age"] > 60).astype(int)
        every = np.ones(400, dtype=int)
        found = ex.policy_value(scores, old, against=every, costs=0.3)
        # the truth is that of the population: base is 5 E[ln(1 + e^z)], age is even over 20 to 80
        gain = (1 / 3) * (2 - 0.3)
        against += found.against_low <= gain - (0.5 * 2 + 0.5 * -1 - 0.3) <= found.against_high
        covered += found.low <= BASE + gain <= found.high
    assert covered / 200 == pytest.approx(0.95, abs=0.045)
    assert against / 200 == pytest.approx(0.95, abs=0.045)


BASE = float(5 * np.log1p(np.exp(np.random.default_rng(0).normal(3, 0.8, 2_000_000))).mean())


def test_a_policy_valued_on_those_it_learnt_from_flatters_itself() -> None:
    """Negative control of the cross-fitting: in sample, noise looks like a gain; out of fold it doesn't."""
    inside, outside = [], []
    for seed in range(30):
        table = table_of(campaign(300, effect="none", seed=seed))
        scores = ex.robust_scores(table, features=FEATURES)
        uplift = ex.Uplift(features=FEATURES).fit(table)
        learnt = uplift.choices(table)["T linear"]
        inside.append(ex.policy_value(scores, learnt).against)
        outside.append(next(p for p in uplift.policies_ if p.name == "T linear").value - _none(uplift))
    assert np.mean(inside) > 0.12
    assert np.mean(inside) > np.mean(outside) + 0.1
    assert abs(np.mean(outside)) < 0.1


def _none(uplift: ex.Uplift) -> float:
    return next(p for p in uplift.policies_ if p.name == "treat none").value


def test_a_handful_without_a_sale_is_no_proof() -> None:
    """Two policies that differ on 20 customers, none of whom bought: the gap has no spread of its own, and yet is noise."""
    generator = np.random.default_rng(1)
    bought = (generator.random(4_000) < 0.01) * 100.0
    bought[:20] = 0.0
    table = {"arm": np.where(np.arange(4_000) % 2 == 0, "mail", "control"), "outcome": bought}
    scores = ex.robust_scores(table)
    some = np.ones(4_000, dtype=int)
    some[:20] = 0
    found = ex.policy_value(scores, some, against=np.ones(4_000, dtype=int), costs=0.4)
    assert found.against > 0
    assert found.against_low < 0
    assert not found.beats(0.9)


def test_the_proof_values_the_choice_itself() -> None:
    world = campaign(3_600)
    found = ex.proof(ex.Uplift(features=FEATURES, folds=3), table_of(world), folds=3)
    assert set(found.policies) == ALL_CANDIDATES | {"chosen"}
    assert len(found.picked) == 3
    assert found.chosen_against["treat all: mail"].against_low > 0
    assert found.chosen_against["treat none"].against_low > 0
    gap = found.policies["chosen"].value - found.policies["response"].value
    assert found.chosen_against["response"].against == pytest.approx(gap)


def test_order_of_rows_and_unit_change_nothing() -> None:
    table = table_of(campaign(2_400))
    order = np.random.default_rng(1).permutation(2_400)
    moved = {name: values[order] for name, values in table.items()}
    moved["outcome"] = moved["outcome"] * 100
    first = ex.Uplift(features=FEATURES, cost=0.3).fit(table)
    second = ex.Uplift(features=FEATURES, cost=0.3, value=0.01).fit(pa.table(moved))
    assert first.trees_
    assert first.chosen_ == second.chosen_
    for one, two in zip(first.policies_, second.policies_, strict=True):
        assert (two.name, two.value) == (one.name, pytest.approx(one.value, rel=1e-6))
    assert np.allclose(second.increments(moved), first.increments(table)[order] * 100, rtol=1e-6)


def test_candidates_are_named_before_they_are_fitted() -> None:
    assert set(Candidates.names(["control", "mail"], trees=True)) == ALL_CANDIDATES


def test_every_result_before_fit_is_refused() -> None:
    uplift = ex.Uplift(features=FEATURES)
    for ask in (uplift.decide, uplift.increments, uplift.choices):
        with pytest.raises(NotFitted):
            ask(table_of(campaign(20)))
    for say in (uplift.explain, uplift.table):
        with pytest.raises(NotFitted):
            say()


@pytest.mark.parametrize(
    ("change", "kind", "column"),
    [
        ({"age": None}, MissingColumn, "age"),
        ({"outcome": None}, MissingColumn, "outcome"),
        ({"age": np.full(100, np.nan)}, BadTable, "age"),
        ({"age": np.ones(99)}, BadTable, "age"),
        ({"customer": np.zeros(100)}, DuplicateCustomer, "customer"),
        ({"arm": np.array(["mail"] * 100)}, EmptyArm, "arm"),
        ({"arm": np.array(["control"] * 95 + ["mail"] * 5)}, EmptyArm, "arm"),
        ({"outcome": np.append(np.ones(99), np.inf)}, BadTable, "outcome"),
    ],
)
def test_bad_tables_are_refused(change: dict[str, Any], kind: type[BadTable], column: str) -> None:
    table = {**table_of(campaign(100)), **change}
    table = {name: values for name, values in table.items() if values is not None}
    with pytest.raises(kind) as refused:
        ex.Uplift(features=FEATURES).fit(table)
    assert refused.value.column == column


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": -1.0},
        {"cost": {"fax": 1.0}},
        {"cost": [1.0, 2.0]},
        {"value": float("nan")},
        {"trust": 1.0},
        {"level": 0},
        {"folds": 1},
        {"shares": {"control": 1.0}},
    ],
)
def test_bad_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ex.Uplift(features=FEATURES, **wrong).fit(table_of(campaign(100)))


def test_bad_policies_are_refused() -> None:
    scores = ex.robust_scores(table_of(campaign(100)))
    for wrong in (np.full(100, 2), np.full(100, -1), np.zeros(99, dtype=int), np.zeros(100)):
        with pytest.raises(BadTable) as refused:
            ex.policy_value(scores, wrong)
        assert refused.value.column == "choice"


def test_data_frames_do_as_well() -> None:
    frame = pd.DataFrame(table_of(campaign(200)))
    assert ex.Uplift(features=FEATURES).fit(frame).customers_ == 200
