"""The living style page: every component in every state, for looking at and for the checks. Only with LIUKE_DEBUG=1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from liuke.platform.access.views import public
from liuke.platform.kit.rules import Chart, Series
from liuke.platform.kit.views import done
from liuke.platform.showcase.forms import SampleForm

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    pk: int
    name: str


@dataclass(frozen=True)
class Row:
    pk: int
    name: str
    grade: str
    band: str
    risk: int
    stage: str
    value_minor: int
    at_risk_minor: int
    owner: Person | None
    last_contact_at: datetime | None
    history: tuple[float, ...]


@dataclass(frozen=True)
class Column:
    name: str
    label: str


@dataclass(frozen=True)
class Page:
    after: str
    total: int


PEOPLE = [
    Person(1, "陈晓雨"),
    Person(2, "周敏"),
    Person(3, "李建国"),
    Person(4, "Amy Wong"),
    Person(5, "吴越"),
    Person(6, "Bob"),
]


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


ROWS = [
    Row(1, "汉普顿礼品（伦敦）", "gold", "high", 88, "customer", 27_360_000, 6_830_000, PEOPLE[1], days_ago(61), (18, 24, 26, 9)),
    Row(2, "诺丁山家居", "iron", "watch", 52, "loyal", 3_648_000, 912_000, PEOPLE[2], days_ago(12), (4, 5, 4, 6, 5, 5)),
    Row(3, "奥斯陆文具社", "platinum", "low", 9, "loyal", 16_600_000, 4_150_000, PEOPLE[0], days_ago(26), (9, 9, 12, 14, 15, 18)),
    Row(4, "都柏林花艺", "lead", "lost", 97, "lost", 628_000, 157_000, None, None, (7, 5, 3, 1, 0, 0)),
    Row(5, "義烏市星辰進出口有限公司杭州分公司", "", "", 0, "prospect", 0, 0, PEOPLE[3], days_ago(1), ()),
]  # fmt: skip


def charts() -> dict[str, Chart]:
    months = ["2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月"]
    return {
        "line": Chart(
            "月销售额",
            months,
            [
                Series("老客户", [812, 790, 845, 870, 910, 905, 960, 988, 1010, 640], tone="jade"),
                Series("新客户", [120, 160, 152, 140, 180, 210, 175, 190, 205, 90], tone="platinum"),
                Series("去年同期", [760, 770, 765, 790, 800, 820, 840, 850, 870, 900], tone="muted", dashed=True),
            ],
            label_title="月份",
        ),
        "bar": Chart(
            "正在流失的钱",
            ["白金", "黄金", "铁", "铅"],
            [Series("90 天", [18_640_000, 14_210_000, 6_900_000, 1_540_000], tone="cinnabar", hrefs=["?grade=a"] * 4)],
            form="hbar",
            unit="money",
            currency="CNY",
            label_title="等级",
            note="按 90 天预期金额。点击一条可看到这些客户。",
        ),
        "stack": Chart(
            "客户数",
            months,
            [
                Series("白金", [40, 41, 41, 42, 43, 43, 43, 43, 44, 43], tone="platinum"),
                Series("黄金", [160, 165, 168, 170, 171, 173, 174, 172, 170, 173], tone="gold"),
                Series("铁", [600, 610, 620, 640, 648, 650, 651, 655, 650, 648], tone="iron"),
            ],
            form="stack",
            label_title="月份",
        ),
        "xy": Chart(
            "校准：预测与实际",
            [],
            [
                Series("恰好", [(0.0, 0.0), (1.0, 1.0)], tone="muted", dashed=True),
                Series("实际", [(0.05, 0.06), (0.2, 0.18), (0.4, 0.43), (0.6, 0.57), (0.85, 0.88)], form="points"),
            ],
            form="xy",
            unit="percent",
            x_unit="percent",
            label_title="预测的概率",
        ),
    }  # fmt: skip


def sample(request: HttpRequest) -> dict[str, Any]:
    today = NOW.date()
    orders = [(today - timedelta(days=84 + 31 * i), 1_000_000 + (i * 7 % 5) * 320_000) for i in range(7)]
    lively = [(today - timedelta(days=9 + 28 * i), 900_000 + (i * 3 % 4) * 150_000) for i in range(9)]
    wrong = SampleForm({"city": "义乌", "kind": "enterprise", "channel": "phone"})
    wrong.is_valid()
    return {
        "now": NOW,
        "rows": ROWS,
        "people": PEOPLE,
        "columns": [Column("grade", "等级"), Column("risk", "流失风险"), Column("owner", "负责人")],
        "shown": ["grade", "risk"],
        "page": Page("eyJ2IjoxMjN9", 4338),
        "form": SampleForm(initial={"name": "汉普顿礼品"}),
        "wrong": wrong,
        "charts": charts(),
        "orders": orders,
        "lively": lively,
        "next_from": today + timedelta(days=15),
        "next_to": today + timedelta(days=23),
        "due": [days_ago(2), NOW + timedelta(hours=6), NOW + timedelta(days=1), NOW + timedelta(days=9)],
        "moments": [NOW - timedelta(seconds=20), NOW - timedelta(minutes=7), days_ago(1), days_ago(61), date(2024, 3, 1)],
        "heat": [(f"2026-0{m}", [(min(10, v // 5), v / 100) for v in shares]) for m, shares in enumerate(
            [(100, 46, 41, 38, 37), (100, 44, 39, 35), (100, 48, 44), (100, 42)], start=5)],
    }  # fmt: skip


@public
def showcase(request: HttpRequest) -> HttpResponse:
    """Public, because it holds invented names only, and is not there at all outside of development."""
    if not settings.DEBUG:
        raise Http404
    if "say" in request.GET:
        messages.success(request, "已记下与汉普顿礼品的通话。")
        messages.warning(request, "有 3 行没有导入。")
        messages.error(request, "没有成功，什么都没有改动。")
    return render(request, "platform/showcase/showcase.html", sample(request))


@public
def in_dialog(request: HttpRequest) -> HttpResponse:
    """Public for the same reason: the dialog of the style page."""
    if not settings.DEBUG:
        raise Http404
    form = SampleForm(request.POST or None, auto_id="dialog_%s")  # the page behind has the same fields
    if request.method == "POST" and form.is_valid():
        messages.success(request, "已保存。")
        return done(request, to="/kit/", changed=("sample",))
    status = 422 if request.method == "POST" else 200
    return render(request, "platform/showcase/dialog.html", {"form": form}, status=status)
