from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.completeness.rules import filled_by, is_stale, missing, needed, percent
from liuke.customers.fields.rules import Definition

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_db09_15_of_20_are_75_percent() -> None:
    assert percent(20, 5) == 75
    assert percent(0, 0) == 100


@given(st.integers(1, 60), st.integers(0, 60))
def test_db09_it_is_100_only_where_nothing_is_missing(wanted: int, lacking: int) -> None:
    share = percent(wanted, min(wanted, lacking))
    assert 0 <= share <= 100
    assert (share == 100) == (lacking == 0)


def test_what_a_scope_has_no_place_for_is_not_missed() -> None:
    own = [Definition(1, "text", {}, required=True, kind="enterprise"), Definition(2, "text", {})]
    asked = ("phone", "industry", "household_size")
    assert needed(asked, own, kind="enterprise", scope="b2b") == ("phone", "industry", "f1")
    assert needed(asked, own, kind="individual", scope="consumer") == ("phone", "household_size")


def test_any_number_is_a_telephone() -> None:
    for kind in ("mobile", "phone", "whatsapp"):
        assert missing(("phone",), filled_by({}, {}, {kind})) == []
    assert missing(("phone", "email"), filled_by({}, {}, {"email"})) == ["phone"]


def test_blank_columns_are_missing() -> None:
    filled = filled_by({"city": "", "country": "CN"}, {"industry": "gifts"}, {"contact"})
    assert missing(("city", "country", "industry", "contact"), filled) == ["city"]


def test_a_card_is_stale_after_the_days_not_on_them() -> None:
    assert not is_stale(AT - timedelta(days=180), AT, 180)
    assert is_stale(AT - timedelta(days=180, seconds=1), AT, 180)
