from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from liuke.customers.facts.rules import FactKind, NewFact, check
from liuke.customers.models import Fact
from liuke.customers.records.models import stages
from liuke.customers.stages.rules import REASONS
from liuke.customers.timeline.rules import CHANNELS, FILTERS, OUTCOMES, STAGES, Entry, entry

DAY = "2026-05-03T10:00:00+00:00"
EXAMPLES: dict[str, dict[str, Any]] = {
    "registered": {"source": "fair"},
    "assigned": {"before": "", "after": "Bob", "before_id": None, "after_id": 1},
    "stage_changed": {"before": "lead", "after": "customer", "code": "first_order"},
    "lapsed": {
        "before": "customer",
        "after": "dormant",
        "code": "silent",
        "days": 95,
        "interval_days": 31,
        "repeats": 4,
    },
    "graded": {"measure": "grade", "before": "gold", "after": "iron"},
    "contacted": {
        "channel": "phone",
        "direction": "in",
        "outcome": "reached",
        "contact": "J. Reeve",
        "note": "n",
    },
    "visited": {"channel": "visit", "direction": "out", "outcome": "reached"},
    "noted": {"note": "n"},
    "followed_up": {
        "followup_id": 1,
        "what": "postponed",
        "kind": "risk",
        "until": DAY,
        "reason": "on holiday",
    },
    "promised": {"text": "twelve cups", "due_at": DAY},
    "promise_kept": {"text": "t", "late": True},
    "quoted": {"number": "Q-1"},
    "purchased": {"number": "A-1", "products": 9, "lines": 12, "channel": "fair"},
    "refunded": {"number": "R-1", "kind": "refund", "reverses": "A-1"},
    "paid": {"number": "A-1"},
    "serviced": {"text": "repair"},
    "complained": {"text": "two cups broken"},
    "resolved": {"text": "sent new ones"},
    "merged": {"merge_id": 1, "number": "C-7", "name": "Lantern", "into": "C-2"},
    "separated": {"merge_id": 1, "number": "C-7", "name": "Lantern", "into": "C-2"},
    "withdrawn": {"kind": "contacted", "channel": "phone", "outcome": "reached"},
    "answered": {"satisfied": False, "text": "slow"},
}
ENGLISH = {
    "registered": Entry("add", "Registered", "fair"),
    "assigned": Entry("assign", "Owner: nobody → Bob"),
    "stage_changed": Entry("stage", "Stage: potential customer → customer", "first order", "good"),
    "lapsed": Entry(
        "stage", "Stage: customer → dormant", "no order for 95 days · usually every 31 days", "warn"
    ),
    "graded": Entry("grade", "Grade: Gold → Iron", "", "warn"),
    "contacted": Entry("phone", "Phone · Spoke with them · J. Reeve · they contacted us", "n"),
    "visited": Entry("visit", "Visit · Met them"),
    "noted": Entry("note", "Note", "n"),
    "followed_up": Entry("later", "Postponed: Churn risk", "until May 3, 2026 · on holiday"),
    "promised": Entry("promise", "Promised", "twelve cups · by May 3, 2026", "warn"),
    "promise_kept": Entry("promise", "Promise kept, but late", "t", "warn"),
    "quoted": Entry("file", "Quote Q-1", amount=True),
    "purchased": Entry("order", "Order A-1", "9 products · fair", "good", amount=True),
    "refunded": Entry("refund", "Return or refund R-1", "takes back order A-1", "warn", amount=True),
    "paid": Entry("money", "Paid", "A-1", "good", amount=True),
    "serviced": Entry("gift", "Service", "repair"),
    "complained": Entry("complaint", "Complaint", "two cups broken", "hot"),
    "resolved": Entry("check", "Complaint answered", "sent new ones", "good"),
    "merged": Entry("copy", "Merged: C-7 Lantern", "now under C-2"),
    "separated": Entry("undo", "Separated again: C-7 Lantern", "had been under C-2"),
    "withdrawn": Entry("undo", "Taken back: Phone · Spoke with them"),
    "answered": Entry("star", "Not satisfied", "slow", "hot"),
}


def shown(kind: str, **changes: Any) -> Entry:
    return entry(Fact(kind=kind, data={**EXAMPLES[kind], **changes}))


def test_there_is_an_example_of_every_kind_in_its_shape() -> None:
    assert EXAMPLES.keys() == {kind.value for kind in FactKind}
    for kind, data in EXAMPLES.items():
        check(NewFact(FactKind(kind), 1, datetime(2026, 1, 1, tzinfo=UTC), data=data))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_how_each_kind_reads(kind: str) -> None:
    with override("en"), timezone.override("Asia/Shanghai"):
        assert shown(kind) == ENGLISH[kind]


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_kind_reads_chinese_to_the_chinese(kind: str, language: str) -> None:
    with override(language):
        title = shown(kind).title
    assert any("一" <= letter <= "鿿" for letter in title), title
    with override("en"):
        assert shown(kind).title != title


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_of_a_stage_is_told(code: str) -> None:
    with override("en"):
        assert entry(
            Fact(kind="stage_changed", data={"before": "lead", "after": "customer", "code": code})
        ).detail


def test_somebodys_own_words_go_before_the_rule() -> None:
    with override("en"):
        assert shown("stage_changed", code="person", reason="moved to Berlin").detail == "moved to Berlin"


def test_a_company_may_call_its_grades_otherwise() -> None:
    with override("en"):
        fact = Fact(kind="graded", data=EXAMPLES["graded"])
        assert entry(fact, grade_names={"gold": "Emperor"}).title == "Grade: Emperor → Iron"


def test_a_kind_of_a_later_version_is_named_rather_than_hidden() -> None:
    assert entry(Fact(kind="teleported", data={})) == Entry("history", "teleported")


def test_bad_news_stands_out() -> None:
    assert shown("contacted", outcome="complaint").tone == "hot"
    assert shown("graded", measure="risk", before="low", after="high").tone == "hot"
    assert shown("lapsed", after="lost").tone == "hot"
    assert shown("graded", before="", after="lead").tone == "good"


def test_what_came_of_a_contact_is_told_in_the_words_of_its_channel() -> None:
    def told(channel: str, outcome: str) -> str:
        return shown("contacted", channel=channel, outcome=outcome, direction="out", contact="").title

    with override("zh-hans"):
        assert told("phone", "reached") == "电话 · 已接通"
        assert told("phone", "no_answer") == "电话 · 无人接听"
        assert told("email", "reached") == "邮件 · 对方已回复"
        assert told("email", "no_answer") == "邮件 · 未回复"
        assert told("wechat", "left_message") == "微信 · 已发送"
        assert told("visit", "no_answer") == "拜访 · 没见到人"
        assert told("other", "reached") == "其他 · 已联系上"
        assert told("email", "complaint") == "邮件 · 客户投诉"


def test_every_kind_is_behind_one_filter() -> None:
    kinds = [kind for _label, kinds in FILTERS.values() for kind in kinds]
    assert sorted(kinds) == sorted(FactKind)


def test_all_choices_have_words() -> None:
    assert STAGES.keys() == {code for code, _ in stages()}
    with override("zh-hans"):
        for table in (CHANNELS, OUTCOMES, STAGES):
            assert all(str(label) for label in table.values())
