"""DB20: what two customers have in common, whoever wrote them down and how."""

from __future__ import annotations

import pytest

from liuke.customers.alike.actions import likenesses
from liuke.customers.alike.rules import Same, name_keys, point_key, traits
from liuke.customers.records.rules import normal_point


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海灯笼有限公司", "上海灯笼股份有限公司"),
        ("上海灯笼有限公司", "上海燈籠有限公司"),
        ("Lantern Trading Ltd", "LANTERN  TRADING, GmbH"),
        ("Lantern Trading Inc.", "Trading Lantern LLC"),
        ("Müller & Söhne GmbH & Co. KG", "Muller Sohne"),
    ],
)
def test_db20_legal_forms_scripts_and_order_of_words_do_not_count(one: str, other: str) -> None:
    assert traits(one, kind="enterprise").core == traits(other, kind="enterprise").core


def test_db20_a_name_in_pinyin_sounds_as_the_chinese_one() -> None:
    chinese, latin = (
        traits(name, kind="enterprise") for name in ("上海灯笼有限公司", "Shanghai Denglong Co., Ltd.")
    )
    assert chinese.sound == latin.sound
    assert {key for _, key in name_keys(chinese)} & {key for _, key in name_keys(latin)}


def test_who_is_all_legal_form_keeps_his_name() -> None:
    assert traits("有限公司", kind="enterprise").core == "有限公司"
    assert traits("The Company", kind="enterprise").core == "thecompany"


def test_numbers_are_one_however_written_and_short_codes_are_nobodys() -> None:
    spellings = ("138 0000 1111", "+86-138-0000-1111", "008613800001111")
    assert {point_key("mobile", normal_point("mobile", one)) for one in spellings} == {
        (Same.MOBILE, "+8613800001111")
    }
    assert point_key("phone", normal_point("phone", "021-55556666 ext. 12")) == (Same.PHONE, "+862155556666")
    assert point_key("phone", "95588") is None
    assert point_key("email", normal_point("email", "Ann@Example.COM")) == (Same.MAIL, "ann@example.com")
    assert point_key("other", "whatever") is None


BASE = {
    1: ("上海灯笼有限公司", "enterprise", "上海", "中山路1号3楼"),
    2: ("上海燈籠股份公司", "enterprise", "上海市", ""),
    3: ("杭州灯笼有限公司", "enterprise", "杭州", ""),
    4: ("王芳", "individual", "上海", ""),
    5: ("王芳", "individual", "上海", ""),
    6: ("宁波华永机械厂", "enterprise", "宁波", ""),
    7: ("宁波华勇机械有限公司", "enterprise", "", ""),
    8: ("第一百货12店", "enterprise", "北京", ""),
    9: ("第一百货21店", "enterprise", "北京", ""),
    10: ("Zaat Tools Ltd", "enterprise", "Berlin", ""),
    11: ("Zata Tools GmbH", "enterprise", "Berlin", ""),
}
WAYS = [
    (4, "mobile", "+8613800000001"),
    (5, "mobile", "+8613911112222"),
    (6, "email", "info@huayong.example"),
    (7, "email", "info@huayong.example"),
    (10, "mobile", "+8613812345678"),
    (11, "mobile", "+8613812354678"),
]


def pairs(
    base: dict[int, tuple[str, str, str, str]], ways: list[tuple[int, str, str]]
) -> dict[tuple[int, int], list[str]]:
    found = likenesses([(pk, *one) for pk, one in base.items()], ways)
    return {(one.first, one.second): [reason["code"] for reason in one.reasons] for one in found}


def test_db20_matched_by_number_mail_name_and_address_and_told_why() -> None:
    found = pairs(BASE, WAYS)
    assert found == {
        (1, 2): ["same_name", "same_city"],
        (6, 7): ["same_mail", "near_name"],
        (10, 11): ["near_name", "near_number", "same_city"],
    }


def test_firms_of_one_name_in_two_cities_and_stores_of_two_numbers_are_two() -> None:
    found = pairs(BASE, WAYS)
    assert (1, 3) not in found
    assert (8, 9) not in found


def test_two_of_one_common_name_are_one_only_with_more() -> None:
    assert (4, 5) not in pairs(BASE, WAYS)
    assert (4, 5) in pairs(BASE, [(4, "mobile", "+8613800000001"), (5, "mobile", "+8613800000001")])


def test_a_switchboard_of_many_says_nothing() -> None:
    base = {pk: (f"Firm number {chr(64 + pk % 26)}{pk}", "enterprise", "", "") for pk in range(1, 60)}
    assert pairs(base, [(pk, "phone", "+862155556666") for pk in base]) == {}


def test_an_empty_base_has_no_pairs() -> None:
    assert list(likenesses([], [])) == []
