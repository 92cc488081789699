from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.records.rules import (
    CHOICES,
    PROFILE,
    Unfit,
    checked,
    checked_profile,
    clean,
    contact_overdue_days,
    name_key,
    normal_point,
    search_text,
    search_words,
    tip,
)


@pytest.mark.parametrize(
    ("kind", "value", "country", "normal"),
    [
        ("mobile", "138 0013 8000", "", "+8613800138000"),
        ("mobile", "１３８－００１３－８０００", "CN", "+8613800138000"),
        ("mobile", "+86 138-0013-8000", "GB", "+8613800138000"),
        ("mobile", "0086 13800138000", "", "+8613800138000"),
        ("phone", "0571-88886666转801", "", "+8657188886666x801"),
        ("phone", "(0579) 8523 1111 ext. 12", "CN", "+8657985231111x12"),
        ("phone", "020 7946 0142", "GB", "+442079460142"),
        ("whatsapp", "+44 7700 900123", "", "+447700900123"),
        ("phone", "110", "", "110"),
        ("phone", "95588", "", "95588"),
        ("email", " K.Hampton@Example.COM ", "", "k.hampton@example.com"),
        ("email", "ｋ＠ｅｘａｍｐｌｅ．ｃｏｍ", "", "k@example.com"),
        ("email", "o'brien@example.com", "", "o'brien@example.com"),
        ("wechat", "WX_Zhou Min", "", "wx_zhou min"),
        ("other", "QQ 12345", "", "qq 12345"),
    ],
)
def test_equal_ways_to_reach_somebody_have_one_form(kind: str, value: str, country: str, normal: str) -> None:
    assert normal_point(kind, value, country) == normal


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("mobile", "12"),
        ("phone", "call me"),
        ("phone", "1" * 21),
        ("email", "a@b"),
        ("email", "a b@c.d@e"),
        ("email", "<a@b.com>"),
        ("wechat", "  "),
        ("wechat", "`"),
    ],
)
def test_what_reaches_nobody_is_refused(kind: str, value: str) -> None:
    with pytest.raises(Unfit):
        normal_point(kind, value)


@given(st.sampled_from(["mobile", "phone", "email", "wechat", "other"]), st.text(max_size=30))
def test_a_normal_form_is_its_own_normal_form(kind: str, value: str) -> None:
    try:
        normal = normal_point(kind, value)
    except Unfit:
        return
    assert normal_point(kind, normal) == normal


def test_a_message_is_told_in_the_readers_language() -> None:
    with pytest.raises(Unfit) as caught:
        normal_point("email", "nobody")
    assert str(caught.value) == "“nobody” is no e-mail address."
    with translation.override("en"):
        assert caught.value.text == "“nobody” is no e-mail address."


def test_the_search_line_holds_every_way_to_look_for_somebody() -> None:
    line = search_text(
        number="C000007",
        name="諾丁山家居（倫敦）",
        contacts=["单晓雨", "J. Reeve"],
        points=[("0571-8888 6666", "+8657188886666"), ("K@Hampton.example", "k@hampton.example")],
    )
    parts = line.strip("\n").split("\n")
    assert parts[0] == "c000007"
    assert {"诺丁山家居(伦敦)", "nuodingshanjiajulundun", "ndsjjld"} <= set(parts)
    assert {"单晓雨", "danxiaoyu", "shanxiaoyu", "dxy", "sxy", "j. reeve"} <= set(parts)
    assert {"8657188886666", "057188886666", "k@hampton.example"} <= set(parts)
    assert parts[-1] == "=诺丁山家居伦敦"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("周  敏", ["周", "敏"]),
        ("ZHOU Min", ["zhou", "min"]),
        ("138 0013-8000", ["13800138000"]),
        ("+86 138 0013 8000", ["8613800138000"]),
        ("0086-13800138000", ["8613800138000"]),
        ("005712", ["005712"]),
        ("13089", ["13089"]),
        ("=abc", ["abc"]),
        ("  ", []),
    ],
)
def test_the_words_that_are_looked_for(typed: str, words: list[str]) -> None:
    assert search_words(typed) == words


@given(st.text())
def test_no_query_holds_a_line_break(typed: str) -> None:
    assert not any("\n" in word or not word for word in search_words(typed))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hampton Gifts Ltd.", "HAMPTON-GIFTS"),
        ("义乌市汉普顿礼品有限公司", "義烏市漢普頓禮品"),
        ("汉普顿（中国）股份有限公司", "汉普顿中国"),
    ],
)
def test_two_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


def test_a_name_of_company_words_only_keeps_them() -> None:
    assert name_key("有限公司") == "有限公司"


@pytest.mark.parametrize(
    ("scope", "profile", "kept"),
    [
        ("consumer", {"household_size": "３", "household": ""}, {"household_size": 3}),
        ("b2b", {"resale_use": "  gift   boxes "}, {"resale_use": "gift boxes"}),
        (
            "channel",
            {"area": "华东", "agency_agreement": "A-7", "agreement_until": "2027-01-31"},
            {"area": "华东", "agency_agreement": "A-7", "agreement_until": "2027-01-31"},
        ),
        ("internal", {"department": "行政部", "cost_centre": None}, {"department": "行政部"}),
    ],
)
def test_sc07_each_scope_has_its_fields(scope: str, profile: dict[str, Any], kept: dict[str, Any]) -> None:
    assert checked_profile(scope, profile) == kept


@pytest.mark.parametrize(
    ("scope", "profile"),
    [
        ("consumer", {"department": "x"}),
        ("internal", {"area": "x"}),
        ("consumer", {"household_size": "many"}),
        ("consumer", {"household_size": 0}),
        ("consumer", {"household_size": 31}),
        ("channel", {"agreement_until": "31.1.2027"}),
        ("b2b", {"resale_use": "x" * 121}),
    ],
)
def test_sc07_what_does_not_fit_is_refused_by_field(scope: str, profile: dict[str, Any]) -> None:
    with pytest.raises(Unfit) as caught:
        checked_profile(scope, profile)
    assert caught.value.field == f"profile.{next(iter(profile))}"


def test_sc07_every_scope_has_fields_of_its_own() -> None:
    assert PROFILE.keys() == set(CHOICES["scope"])
    names = [field.name for fields in PROFILE.values() for field in fields]
    assert len(names) == len(set(names))


def test_sc08_the_middlemans_tip() -> None:
    with translation.override("en"):
        told = tip("middleman")
    assert told == "high quality demands, strong price bargaining; prepare quality evidence and price floor"
    assert tip("middleman", "our own words") == "our own words"
    assert tip("") == ""


@pytest.mark.parametrize(
    ("last", "today", "days"),
    [
        (date(2026, 1, 1), date(2026, 2, 15), 15),  # 45 days over 30
        (date(2026, 1, 1), date(2026, 1, 31), 0),
        (date(2026, 1, 1), date(2026, 2, 1), 1),
        (date(2026, 3, 1), date(2026, 2, 1), 0),
        (None, date(2026, 2, 1), 0),
    ],
)
def test_ch09_45_days_over_a_cadence_of_30_are_15_too_many(last: date | None, today: date, days: int) -> None:
    assert contact_overdue_days(30, last, today) == days


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_what_a_database_cannot_keep_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        clean("name", text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=60))
def test_kept_text_is_one_line_in_nfc(text: str) -> None:
    kept = clean("name", text)
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == " ".join(kept.split())


def test_a_note_keeps_its_lines() -> None:
    assert clean("note", " first\r\n  second ") == "first\n  second"


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("name", "x" * 121), ("kind", "robot"), ("country", "China")]
)
def test_a_record_is_checked_field_by_field(field: str, value: str) -> None:
    with pytest.raises(Unfit) as caught:
        checked({field: value}, scope="b2b")
    assert caught.value.field == field
