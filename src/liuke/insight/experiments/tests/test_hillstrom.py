"""A real campaign, drawn at random: what would have been chosen is no worse than mailing all or the response model."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from liuke.insight import experiments as ex
from liuke.insight.errors import SkewedOutcome

ROOT = Path(__file__).parents[5]
LOG = Path(os.environ.get("LIUKE_SHARED", ROOT.parent / "shared" / "data")) / "hillstrom-a.csv"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not LOG.exists(), reason="hillstrom-a.csv is not here"),
]
FEATURES = ("recency", "history", "mens", "womens", "zip_code", "newbie", "channel")
CONTROL, MENS, WOMENS = "No E-Mail", "Mens E-Mail", "Womens E-Mail"
# a price for a mail, in the unit of the outcome, of about what a mail brings: where choosing matters most
COSTS = {"visit": 0.04, "conversion": 0.003, "spend": 0.4}


@pytest.fixture(scope="module")
def campaign() -> Any:
    return pyarrow.csv.read_csv(LOG)


def arm_of(campaign: Any, arm: str) -> Any:
    return campaign.filter(pc.is_in(campaign["segment"], value_set=pa.array([CONTROL, arm])))


def uplift(outcome: str, cost: Any) -> ex.Uplift:
    return ex.Uplift(features=FEATURES, outcome=outcome, arm="segment", control=CONTROL, cost=cost, folds=3)


@pytest.mark.parametrize("arm", [MENS, WOMENS])
@pytest.mark.parametrize("outcome", list(COSTS))
def test_the_choice_is_not_worse_out_of_fold(campaign: Any, outcome: str, arm: str) -> None:
    found = ex.proof(uplift(outcome, COSTS[outcome]), arm_of(campaign, arm), folds=3)
    for rival in (f"treat all: {arm}", "response"):
        assert found.chosen_against[rival].against_high >= 0, rival
    best = max(found.policies.values(), key=lambda each: each.value)
    worst = min(found.policies.values(), key=lambda each: each.value)
    assert found.policies["chosen"].value > worst.value
    assert best.value - found.policies["chosen"].value < 2 * best.standard_error


def test_free_mail_goes_to_all(campaign: Any) -> None:
    found = ex.proof(uplift("visit", 0.0), arm_of(campaign, MENS), folds=3)
    assert found.chosen_against[f"treat all: {MENS}"].against == pytest.approx(0, abs=1e-3)


def test_the_womens_mail_moves_some_to_visit_and_the_response_model_picks_others(campaign: Any) -> None:
    """At .04 a visit targeting is worth a third more than either, and beyond noise."""
    found = ex.proof(uplift("visit", COSTS["visit"]), arm_of(campaign, WOMENS), folds=3)
    for rival in (f"treat all: {WOMENS}", "treat none", "response"):
        assert found.chosen_against[rival].against_low > 0, rival


def test_two_mails_at_once(campaign: Any) -> None:
    fitted = uplift("visit", {MENS: 0.04, WOMENS: 0.04}).fit(campaign)
    assert fitted.arms_ == (CONTROL, MENS, WOMENS)
    assert fitted.value_.value >= max(p.value for p in fitted.policies_ if p.name.startswith("treat"))
    increments = fitted.increments(campaign)
    spent = ex.best_contacts(increments, 0.04, budget=0.04 * 5_000)
    assert spent.contacts <= 5_000
    assert spent.gap < 1e-3
    top = fitted.scores_.gamma[np.arange(len(increments)), spent.choice + 1] - fitted.scores_.gamma[:, 0]
    assert top[spent.choice >= 0].mean() > top.mean()


def test_the_arms_are_as_large_as_drawn_and_the_past_does_no_harm(campaign: Any) -> None:
    arms, counts = np.unique(campaign["segment"].to_numpy(), return_counts=True)
    drawn = ex.sample_ratio(dict(zip(arms, map(int, counts), strict=True)), dict.fromkeys(arms, 1 / 3))
    assert not drawn.mismatch
    with warnings.catch_warnings():
        warnings.simplefilter("error", SkewedOutcome)
        plain = ex.difference(campaign, outcome="spend", arm="segment", control=CONTROL, treated=MENS)
        past = ex.difference(
            campaign, outcome="spend", arm="segment", control=CONTROL, treated=MENS, before=["history"]
        )
    assert plain.low > 0
    assert past.standard_error <= plain.standard_error
    assert past.difference == pytest.approx(plain.difference, abs=plain.standard_error)
