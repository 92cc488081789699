from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.preferences import rules

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)


@pytest.mark.parametrize("setting", rules.DECLARED, ids=lambda s: s.key)
def test_a_default_passes_its_own_check(setting: rules.Setting) -> None:
    assert setting.check(setting.default) == setting.default


def test_no_key_is_declared_twice() -> None:
    assert len(rules.SETTINGS) == len(rules.DECLARED) + len(rules.TOKENS) + len(rules.APART)


@pytest.mark.parametrize("setting", rules.DECLARED, ids=lambda s: s.key)
@given(value=anything)
def test_whatever_comes_is_taken_or_refused_by_name(setting: rules.Setting, value: Any) -> None:
    """And what is taken reads back the same from the database's JSON."""
    try:
        taken = setting.check(value)
    except rules.Unfit:
        return
    assert setting.check(json.loads(json.dumps(rules.stored(taken)))) == taken


@given(st.lists(st.integers(1, 97), min_size=4, max_size=4))
def test_cl02_four_shares_pass_exactly_when_they_total_100(shares: list[int]) -> None:
    if sum(shares) == 100:
        assert rules.percentages(shares) == shares
    else:
        with pytest.raises(rules.Unfit):
            rules.percentages(shares)


@pytest.mark.parametrize(
    "wrong", [[1, 4, 15], [0, 5, 15, 80], [-1, 6, 15, 80], "1,4,15,80", [True, 4, 15, 80], None]
)
def test_cl02_shares_that_cannot_be(wrong: Any) -> None:
    with pytest.raises(rules.Unfit):
        rules.percentages(wrong)


def test_cl02_two_grades_cannot_share_a_name() -> None:
    with pytest.raises(rules.Unfit):
        rules.names({"gold": "VIP", "iron": "vip"})
    assert rules.names({"gold": " 金牌 客户 ", "iron": ""}) == {"gold": "金牌 客户"}


def test_a_rate_is_kept_to_the_digit() -> None:
    assert rules.rates({"usd": "7.1203"}) == {"USD": Decimal("7.1203")}
    assert rules.stored(Decimal("1E-6")) == "0.000001"
    for rate in ("0", "-1", "nan", "inf", "1e400", "7,12"):
        with pytest.raises(rules.Unfit):
            rules.rates({"USD": rate})


def test_a_time_zone_is_one_that_exists() -> None:
    assert rules.zone("Asia/Shanghai") == "Asia/Shanghai"
    for name in ("../../etc/passwd", "Mars/Olympus", "", None):
        with pytest.raises(rules.Unfit):
            rules.zone(name)
