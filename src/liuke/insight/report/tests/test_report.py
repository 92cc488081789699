from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from liuke import insight
from liuke.insight import Judgement, Purchases
from liuke.insight.report.page import report
from liuke.insight.report.sentences import sentence
from liuke.insight.report.texts import TEXTS
from liuke.insight.report.words import LANGUAGES, Language, Words, traditional
from liuke.insight.tests.logs import START, log, shop

VOID = {"meta", "br", "img"}
NASTY = '<script>alert("1")</script>'


class Outline(HTMLParser):
    """Checks that tags close in order, and gathers tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    assert found.open == []
    return found


@pytest.fixture(scope="module")
def judged() -> tuple[Judgement, Purchases]:
    purchases = insight.read_purchases(shop(300))
    return insight.judge(purchases, as_of=START + timedelta(days=400), horizon_days=60), purchases


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_by_itself(judged: tuple[Judgement, Purchases], language: Language) -> None:
    page = report(*judged, language=language, source="订单 2026.csv")
    found = outline(page)
    assert not found.tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert not [
        name
        for name, _ in found.attributes
        if name in {"src", "href", "srcset", "action"} or name.startswith("on")
    ]
    assert not re.search(r"https?://|url\(|@import", page)
    assert len(page.encode()) < 300_000
    assert "订单 2026.csv" in found.text


@pytest.mark.parametrize(
    ("language", "words", "strange"),
    [("zh-Hans", ["谁正在离开，为什么", "价值金字塔", "白金", "基尼系数"], r"Customers|Why\b|platinum|[A-Z]at risk"), ("zh-Hant", ["誰正在離開，為什麼", "價值金字塔", "白金", "基尼係數"], r"Customers|Why\b|platinum|客户|价值"), ("en", ["Who is slipping away, and why", "Value pyramid", "Gini"], r"[一-鿿]")],
)  # fmt: skip
def test_it_speaks_one_language(
    judged: tuple[Judgement, Purchases], language: Language, words: list[str], strange: str
) -> None:
    text = outline(report(*judged, language=language)).text.replace("留客", "")
    assert all(word in text for word in words)
    assert not re.search(strange, text)


def test_names_from_the_log_are_told_as_text() -> None:
    rows = [(NASTY, START + timedelta(days=30 * n), 99.0) for n in range(5)]
    purchases = log(*rows)
    judgement = insight.judge(purchases, as_of=START + timedelta(days=330), horizon_days=60)
    page = report(judgement, purchases, source=NASTY)
    assert "script" not in outline(page).tags
    assert NASTY in outline(page).text


@pytest.mark.parametrize(
    "rows", [[("A", "2026-01-01", 0.0)], [("A", "2026-01-01", 5.0), ("A", "2026-01-02", -9.0)]]
)
def test_the_smallest_log_makes_a_page(rows: list[tuple[str, str, float]]) -> None:
    purchases = log(*rows)
    judgement = insight.judge(purchases, as_of=date(2026, 2, 1), horizon_days=30)
    for language in LANGUAGES:
        assert outline(report(judgement, purchases, language=language)).text


def test_every_text_takes_the_same_figures_in_every_language() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for name, (chinese, english) in TEXTS.items():
        assert fields(chinese) == fields(english), name
        assert chinese.strip(), name
        assert english.strip(), name
        assert fields(traditional()[name]) == fields(english), name
    assert traditional().keys() == TEXTS.keys()


@pytest.mark.parametrize(
    ("reason", "chinese", "english"),
    [
        ({"code": "gap", "days": 84, "usual": 31, "percentile": 98}, "一向约 31 天下一单，这次已 84 天没下单（比他以往 98% 的间隔都长）",
         "usually buys every 31 days; none for 84 (longer than 98% of the customer's own gaps)"),
        ({"code": "basket_fell", "from": 1504.86, "to": 74.02}, "最近几单平均 74.02，以前是 1,505", "the last orders average 74.02, down from 1,505"),
        ({"code": "breadth_fell", "from": 18.0, "to": 9.5}, "最近每单 9.5 种商品，以前是 18 种", "the last orders hold 9.5 products each, down from 18"),
        ({"code": "returns", "share": 0.31, "amount": 1200.0, "days": 180}, "近 180 天买的东西有 31% 退了（1,200）", "31% of what was bought in 180 days came back (1,200)"),
        ({"code": "discount_rose", "from": 0.08, "to": 0.3}, "近来折扣占 30%，以前是 8%", "discounts have taken 30% off lately, up from 8%"),
        ({"code": "event", "kind": "投诉", "count": 2, "days": 12}, "投诉：近 90 天 2 次，最近一次在 12 天前",
         "投诉: 2 within 90 days, the last 12 days ago"),
        ({"code": "of a later release", "days": 3}, "", ""),
    ],
)  # fmt: skip
def test_reasons_become_sentences(reason: dict[str, object], chinese: str, english: str) -> None:
    assert sentence(reason, Words("zh-Hans")) == chinese
    assert sentence(reason, Words("en")) == english


def test_figures_are_written_as_the_language_does() -> None:
    chinese, english = Words("zh-Hans", "CNY"), Words("en")
    assert chinese.money(1234567.8) == "CNY 1,234,568"
    assert english.money(-0.001) == "0.00"
    assert (chinese.day(date(2026, 3, 9)), english.day(date(2026, 3, 9))) == ("2026年3月9日", "9 Mar 2026")
    assert (chinese.quarter(date(2026, 4, 1)), english.quarter(date(2026, 4, 1))) == (
        "2026年第2季",
        "Q2 2026",
    )


def test_the_file_is_whole_or_not_there(judged: tuple[Judgement, Purchases], tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    insight.write_report(*judged, target, language="en")
    assert target.read_text(encoding="utf-8").endswith("</html>\n")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(ValueError, match="not 'fr'"):
        insight.write_report(*judged, target, language="fr")  # type: ignore[arg-type]


def test_where_no_model_judged_the_notes_tell_of_the_rhythm_rule_and_of_rows_left_out() -> None:
    purchases = log(*[(f"C{n}", START + timedelta(days=30 * n), 9.0) for n in range(6)])
    purchases = replace(purchases, reading=replace(purchases.reading, left_out=4))
    judgement = insight.judge(purchases, as_of=START + timedelta(days=330), horizon_days=60)
    text = outline(report(judgement, purchases)).text
    assert "至少要有 50 位买过东西的客户，现有 6 位" in text
    assert "4 行读不出来" in text
    assert "提升树和 RFM" not in text
    assert "预测只用节奏规则" in text
