from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.wording.rules import (
    Mark,
    country_code,
    customer_kind,
    customer_scope,
    customer_stage,
    is_charge,
    mark,
)


def words(text: str) -> list[str]:
    return text.split()


ONLINE_RETAIL = {
    "POST": "POSTAGE",
    "DOT": "DOTCOM POSTAGE",
    "M": "Manual",
    "m": "Manual",
    "D": "Discount",
    "S": "SAMPLES",
    "B": "Adjust bad debt",
    "C2": "CARRIAGE",
    "CRUK": "CRUK Commission",
    "BANK CHARGES": "Bank Charges",
    "AMAZONFEE": "AMAZON FEE",
    "gift_0001_20": "Dotcomgiftshop Gift Voucher £20.00",
    "23574": "PACKING CHARGE",
}


@pytest.mark.parametrize(("code", "name"), ONLINE_RETAIL.items())
def test_non_product_lines_of_a_known_log_are_charges(code: str, name: str) -> None:
    assert is_charge(code, name)


@pytest.mark.parametrize(
    "name",
    words(
        "运费 邮费补差 快递费 满300减30优惠 手续费(微信) 折扣 10元优惠券 包装费 税费 運費 郵費 调整 抹零 Shipping Discount"
    ),
)
def test_charges_are_known_by_their_words_alone(name: str) -> None:
    assert is_charge("", name)
    assert is_charge("X12", name)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER"),
        ("PADS", "PADS TO MATCH ALL CUSHIONS"),
        ("DCGS0003", "BOXED GLASS ASHTRAY"),
        ("22411", "HORSE CARRIAGE"),
        ("", "Coffee grinder manual"),
        ("21", "Carriage clock"),
        ("A1", "优惠装洗发水"),
        ("A2", "保险柜"),
        ("A3", "马车摆件"),
        ("S", "T-shirt, small"),  # a size, not SAMPLES
        ("M", ""),
    ],
)
def test_goods_stay_goods_though_a_word_or_code_is_like_a_charge(code: str, name: str) -> None:
    assert not is_charge(code, name)


@pytest.mark.parametrize(
    "word", words("退货 退貨單 已退款 退款成功 refund Refunded returned 红字 credit_note 退")
)
def test_words_for_what_came_back(word: str) -> None:
    assert mark(word) is Mark.REFUND


@pytest.mark.parametrize("word", words("取消 已取消 作废 交易关闭 Cancelled canceled VOID"))
def test_words_for_what_was_called_off(word: str) -> None:
    assert mark(word) is Mark.CANCELLATION


@pytest.mark.parametrize(
    "word",
    words(
        "交易成功 已付款 sale paid 部分退款 partially_refunded 退款中 退款关闭 return-requested 未退款 '' 已发货"
    ),
)
def test_an_open_partial_or_refused_claim_leaves_the_order_standing(word: str) -> None:
    assert mark(word) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom", "GB"), ("EIRE", "IE"), ("英国", "GB"), ("美國", "US"), ("USA", "US"), ("RSA", "ZA"), ("cn", "CN"),
        ("香港", "HK"), ("臺灣", "TW"), ("Unspecified", ""), ("European Community", ""), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_countries_are_known_by_name_and_code_in_both_languages(name: str | None, code: str) -> None:
    assert country_code(name) == code


def test_a_customers_kind_scope_and_stage_in_the_words_of_lists() -> None:
    assert (customer_kind("个人"), customer_kind("Company"), customer_kind("经销商"), customer_kind("?")) == (
        "individual", "enterprise", "enterprise", None,
    )  # fmt: skip
    assert (customer_scope("经销商"), customer_scope("個人"), customer_scope("企业"), customer_scope("内部")) == (
        "channel", "consumer", "b2b", "internal",
    )  # fmt: skip
    assert (customer_stage("潜在客户"), customer_stage("成交客户"), customer_stage("已流失"), customer_stage("阴晴")) == (
        "lead", "customer", "lost", None,
    )  # fmt: skip


@given(st.text(max_size=40), st.text(max_size=80))
def test_no_text_is_too_strange(code: str, name: str) -> None:
    is_charge(code, name)
    mark(name)
    country_code(name)
    customer_kind(name)
