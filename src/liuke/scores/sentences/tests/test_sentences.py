from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from liuke.platform.lists.rules import Listing
from liuke.scores.questions.rules import events, fields
from liuke.scores.sentences.rules import Words, sentence

WORDS = Words(
    money=lambda minor: f"¥{minor // 100:,}",
    day=lambda on: on.isoformat(),
    percent=lambda share: f"{share * 100:.0f}%",
    names={"owner": {7: "Alice"}},
)
LISTING = Listing("test", (), fields(), sort="", events=events())


def told(language: str, *asked: Any, how: str = "all") -> str:
    with translation.override(language):
        return sentence(LISTING.tree({how: list(asked)}), WORDS)


def event(name: str, op: str = "least", times: int = 1, **where: Any) -> dict[str, Any]:
    told = [{"field": field, "op": op_, "values": values} for field, (op_, *values) in where.items()]
    return {"event": name, "op": op, "times": times, "where": told}


CLASS_A = {"field": "sales_class", "op": "is", "values": ["A"]}


def test_cl15_a_segment_in_a_sentence() -> None:
    asked = (
        event("bought", product=("is", "X")),
        event("bought", "most", 0, product=("is", "Y"), at=("within_days", 90)),
        CLASS_A,
    )
    assert (
        told("en", *asked) == "customers: bought “X”, did not buy “Y” in the last 90 days, Class by sales: A"
    )
    assert told("zh-hans", *asked) == "买过“X”、近 90 天没买过“Y”、销售额分类为A的客户"
    assert told("zh-hant", *asked) == "買過“X”、近 90 天沒買過“Y”、銷售額分類為A的客戶"


@pytest.mark.parametrize(
    ("asked", "english", "chinese"),
    [
        (event("bought"), "bought anything", "买过任何东西"),
        (event("contacted", "most", 0, at=("this", "year")), "was not contacted this year", "今年没联系过"),
        (
            event("bought", times=3) | {"total": ["least", 500_000]},
            "bought anything at least 3 times for ¥5,000 or more",
            "买过任何东西至少 3 次，合计不少于 ¥5,000",
        ),
        ({"field": "owner", "op": "is", "values": [7]}, "Owner: Alice", "负责人为Alice"),
        ({"field": "owner", "op": "is", "values": [8]}, "Owner: somebody else", "负责人为其他人"),
        ({"field": "last_contact", "op": "before_this", "values": ["year"]}, "Last contact: not this year, but before", "上次联系在今年以前"),
        ({"field": "p_buy", "op": "least", "values": ["0.3"]}, "Chance of an order: 30% or more", "下单可能不少于30%"),
        ({"none": [CLASS_A, event("complained")]}, "(none of these: Class by sales: A or complained)", "（以下都不是：销售额分类为A 或 投诉过）"),
    ],
)  # fmt: skip
def test_each_question_in_words(asked: dict[str, Any], english: str, chinese: str) -> None:
    assert told("en", asked) == f"customers: {english}"
    assert told("zh-hans", asked) == f"{chinese}的客户"


def test_nothing_asked_is_everybody() -> None:
    assert (told("en"), told("zh-hans")) == ("all customers", "全部客户")
