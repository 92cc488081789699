from __future__ import annotations

import pytest
from django.utils.translation import override

from liuke.insight.judgement import reasons as codes
from liuke.scores.reasons.rules import advice, sentence, sentences


def money(amount: float) -> str:
    return f"¥{amount:,.0f}"


EXAMPLES = {
    "gap": {"days": 84, "usual": 31.0, "percentile": 98.0},
    "gap_once": {"days": 235, "gap": 116},
    "rhythm_once": {"days": 12, "gap": 116},
    "due_once": {"days": 110, "gap": 116},
    "bought_once": {"days": 120},
    "basket_fell": {"from": 2400.0, "to": 1100.0},
    "breadth_fell": {"from": 18.0, "to": 9.0},
    "returns": {"share": 0.21, "amount": 900.0, "days": 180},
    "discount_rose": {"from": 0.02, "to": 0.15},
    "event": {"kind": "complaint", "count": 2, "days": 11},
    "on_rhythm": {"days": 12, "usual": 30.0},
    "seldom": {"purchases": 2, "days": 40},
    "due": {"days": 28, "usual": 30.0},
    "won_back": {"gap": 200},
    "new": {"days": 5},
    "basket_rose": {"from": 100.0, "to": 300.0},
    "breadth_rose": {"from": 2.5, "to": 4.0},
    "contact_gap": {"days": 45, "cadence": 30},
    "complaint_late": {"days": 14, "points": 10},
    "promise_late": {"days": 6, "points": 5},
    "owner_changed": {"days": 5, "points": 3},
}


def test_every_code_that_insight_documents_is_told() -> None:
    documented = {
        line.split()[0]
        for line in (codes.__doc__ or "").splitlines()
        if line.startswith("    ") and line[4] != " "
    }
    assert documented <= EXAMPLES.keys()
    for code, figures in EXAMPLES.items():
        assert sentence({"code": code, **figures}, money=money)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_sc11_reasons_are_told_in_chinese(language: str) -> None:
    with override(language):
        for code, figures in EXAMPLES.items():
            told = sentence({"code": code, **figures}, money=money)
            assert any("一" <= letter <= "鿿" for letter in told), told


def test_ch02_the_gap_is_measured_against_the_customers_own() -> None:
    with override("en"):
        told = sentence({"code": "gap", **EXAMPLES["gap"]}, money=money)
    assert (
        told
        == "Usually orders every 31 days; nothing for 84 days (longer than 98% of the customer's own gaps)"
    )


def test_a_code_from_another_release_is_left_out() -> None:
    assert sentences([{"code": "astrology"}, {"code": "new", "days": 1}], money=money) == [
        sentence({"code": "new", "days": 1}, money=money)
    ]


def test_a_complaint_comes_first() -> None:
    with override("en"):
        assert "complaint" in advice("risk", [{"code": "returns"}], complaint_open=True)
        assert advice("risk", [{"code": "returns"}]) != advice("risk", [{"code": "gap"}])
        assert advice("task", []) == ""


def test_the_rhythm_is_told_once_where_the_gap_tells_it_already() -> None:
    both = [{"code": "gap", **EXAMPLES["gap"]}, {"code": "due", **EXAMPLES["due"]}]
    with override("en"):
        assert sentences(both, money=money) == [sentence(both[0], money=money)]
        assert sentences(both[1:], money=money) == [sentence(both[1], money=money)]


def test_of_who_has_fallen_silent_nothing_is_told_as_growing() -> None:
    gap, rose = {"code": "gap", **EXAMPLES["gap"]}, {"code": "basket_rose", **EXAMPLES["basket_rose"]}
    assert sentences([gap, rose], money=money) == [sentence(gap, money=money)]
    early = {**gap, "percentile": 80.0}
    assert sentences([early, rose], money=money) == [sentence(one, money=money) for one in (early, rose)]
