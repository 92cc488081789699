"""Keeping a segment, who is in it, and who came and went."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import log_contact
from liuke.platform.access.rules import Denied
from liuke.platform.lists.rules import Unfit
from liuke.platform.models import AuditEntry, User
from liuke.scores.models import CurrentRun, Score, ScoreRun, Segment, SegmentMember
from liuke.scores.runs.actions import BLANK
from liuke.scores.segments.actions import drift, keep, members, moves, pick, refresh_all, remove

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
EAST = {"field": "province", "op": "is", "values": ["East"]}
LEAD = {"all": [{"field": "stage", "op": "is", "values": ["lead"]}]}


def customer(owner: User, name: str, **more: Any) -> Customer:
    made = register(by=None, now=NOW - 90 * DAY, name=name, owner=owner, team=owner.team)
    Customer.objects.filter(pk=made.pk).update(**more)
    return made


def judged(some: Customer, grade: str) -> None:
    run = ScoreRun.objects.filter(state="done").first() or ScoreRun.objects.create(
        as_of=NOW.date(), state="done", started_at=NOW, currency="CNY"
    )
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    numbers = (
        "risk",
        "p_alive",
        "p_buy",
        "expected_purchases",
        "expected_value_minor",
        "value_at_risk_minor",
    )
    zeros = dict.fromkeys((*numbers, "clv_minor", "value_12m_minor", "total_minor", "purchases"), 0)
    Score.objects.update_or_create(run=run, customer=some, defaults={**BLANK, **zeros, "grade": grade})


def names(segment: Segment, user: User, now: datetime = NOW) -> str:
    return "".join(sorted(members(segment, user, now=now).values_list("name", flat=True)))


def test_cl15_gold_without_a_visit_in_30_days_in_the_east_follows_a_visit(alice: User) -> None:
    for name, province, grade in (("a", "East", "gold"), ("b", "East", "iron"), ("c", "West", "gold")):
        judged(customer(alice, name, province=province), grade)
    quiet = {
        "event": "contacted",
        "op": "most",
        "times": 0,
        "where": [
            {"field": "by", "op": "is", "values": ["visit"]},
            {"field": "at", "op": "within_days", "values": [30]},
        ],
    }
    gold = {"field": "grade", "op": "is", "values": ["gold"]}
    made = keep("Quiet gold", {"all": [gold, EAST, quiet]}, by=alice, now=NOW)
    assert names(made, alice) == "a"
    log_contact(Customer.objects.get(name="a"), channel="visit", outcome="reached", by=alice, now=NOW)
    assert names(made, alice) == ""
    assert names(made, alice, NOW + 32 * DAY) == "a"


def test_pl02_each_sees_those_of_a_segment_whom_he_may_read(
    alice: User, charlie: User, olga: User, sue: User
) -> None:
    customer(alice, "a"), customer(charlie, "c")
    made = keep("Leads", LEAD, shared=True, by=olga, now=NOW)
    assert (names(made, alice), names(made, charlie), names(made, sue), names(made, olga)) == (
        "a",
        "c",
        "a",
        "ac",
    )
    refresh_all(now=NOW, on=NOW.date())
    customer(alice, "b"), customer(charlie, "d")
    refresh_all(now=NOW + DAY, on=(NOW + DAY).date())
    made.refresh_from_db()
    assert [day.members for day in drift(made, alice)] == [1, 2]
    assert [day.members for day in drift(made, olga)] == [2, 4]
    assert [move.customer.name for move in moves(made, alice)] == ["b"]


def test_by_hand_in_and_out_whatever_the_rule_says(alice: User, charlie: User) -> None:
    lead, lost, foreign = customer(alice, "a"), customer(alice, "b", stage="lost"), customer(charlie, "c")
    made = keep("Leads", LEAD, by=alice, now=NOW)
    assert (
        pick(made, [lost.pk, foreign.pk], "in", by=alice, now=NOW) == 1
    )  # the foreign one is not there for her
    assert names(made, alice) == "ab"
    pick(made, [lead.pk], "out", by=alice, now=NOW)
    assert names(made, alice) == "b"
    pick(made, [lead.pk, lost.pk], "rule", by=alice, now=NOW)
    assert names(made, alice) == "a"
    assert not made.picks.exists()


def test_one_that_is_picked_by_hand_has_no_rule(alice: User) -> None:
    chosen = customer(alice, "a")
    customer(alice, "b")
    made = keep("Friends", {}, kind="list", by=alice, now=NOW)
    assert names(made, alice) == ""
    pick(made, [chosen.pk], "in", by=alice, now=NOW)
    assert names(made, alice) == "a"


def test_who_came_and_went_night_by_night(alice: User) -> None:
    first = customer(alice, "a")
    made = keep("Leads", LEAD, by=alice, now=NOW)
    days = [NOW.date() + place * DAY for place in range(4)]
    refresh_all(now=NOW, on=days[0])
    customer(alice, "b"), customer(alice, "c")
    refresh_all(now=NOW + DAY, on=days[1])
    Customer.objects.filter(pk=first.pk).update(stage="customer")
    refresh_all(now=NOW + 3 * DAY, on=days[3])  # one night did not take place
    assert [(day.on, day.members, day.entered, day.left) for day in drift(Segment.objects.get(), alice)] == [
        (days[0], 1, 0, 0),
        (days[1], 3, 2, 0),
        (days[2], 3, 0, 0),
        (days[3], 2, 0, 1),
    ]
    made.refresh_from_db()
    assert next((m.on, m.came, m.customer.name) for m in moves(made, alice)) == (days[3], False, "a")
    assert {m.customer.name for m in moves(made, alice, on=days[1])} == {"b", "c"}


def test_pl04_a_second_night_of_the_same_day_writes_nothing(alice: User) -> None:
    customer(alice, "a")
    keep("Leads", LEAD, by=alice, now=NOW)
    refresh_all(now=NOW, on=NOW.date())
    before = list(SegmentMember.objects.values())
    assert refresh_all(now=NOW, on=NOW.date()) == {"segments": 1, "entered": 0, "left": 0, "failed": 0}
    assert list(SegmentMember.objects.values()) == before


def test_whoever_comes_back_enters_anew(alice: User) -> None:
    one = customer(alice, "a")
    made = keep("Leads", LEAD, by=alice, now=NOW)
    for place, stage in enumerate(("lead", "lost", "lead")):
        Customer.objects.filter(pk=one.pk).update(stage=stage)
        refresh_all(now=NOW, on=NOW.date() + place * DAY)
    rows = SegmentMember.objects.order_by("entered_on").values_list("entered_on", "left_on")
    assert list(rows) == [(date(2026, 3, 2), date(2026, 3, 3)), (date(2026, 3, 4), None)]
    made.refresh_from_db()
    assert [day.members for day in drift(made, alice)] == [1, 0, 1]


def test_made_of_segments_one_level_deep(alice: User) -> None:
    customer(alice, "a", province="East"), customer(alice, "b", province="West")
    east = keep("East", {"all": [EAST]}, by=alice, now=NOW)
    others = {"all": [{"field": "segment", "op": "not", "values": [east.pk]}]}
    rest = keep("The rest", others, by=alice, now=NOW)
    assert names(rest, alice) == "b"
    with pytest.raises(Unfit, match="not of further ones"):
        keep("Deeper", {"all": [{"field": "segment", "op": "is", "values": [rest.pk]}]}, by=alice, now=NOW)
    with pytest.raises(Unfit, match="Other segments are made of this one|not of further ones"):
        keep(
            "East",
            {"all": [{"field": "segment", "op": "is", "values": [rest.pk]}]},
            segment=east,
            by=alice,
            now=NOW,
        )
    with pytest.raises(Unfit, match="The rest"):
        remove(east, by=alice, now=NOW)
    remove(rest, by=alice, now=NOW)
    remove(east, by=alice, now=NOW)
    assert not Segment.objects.exists()


def test_one_that_asks_for_what_is_gone_is_not_counted_and_says_so(alice: User) -> None:
    made = keep("Leads", LEAD, by=alice, now=NOW)
    Segment.objects.filter(pk=made.pk).update(tree={"all": [{"field": "f99", "op": "is", "values": ["x"]}]})
    keep("East", {"all": [EAST]}, by=alice, now=NOW)
    assert refresh_all(now=NOW, on=NOW.date()) == {"segments": 1, "entered": 0, "left": 0, "failed": 1}
    made.refresh_from_db()
    assert "f99" in made.problem


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        ({"all": []}, "at least one"),
        ({"all": [{"field": "owner", "op": "is", "values": ["me"]}]}, "instead of"),
        ({"all": [{"field": "password", "op": "is", "values": ["x"]}]}, "no filter"),
        ({"all": [{"field": "segment", "op": "is", "values": [99]}]}, "gone"),
        ({"all": [{"all": [{"all": [{"all": [{"all": [EAST]}]}]}]}]}, "not a saved view"),
        ({"all": [EAST] * 41}, "too many"),
        (["all"], "not a saved view"),
    ],
)
def test_what_is_no_segment_is_refused(alice: User, tree: Any, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        keep("Wrong", tree, by=alice, now=NOW)
    assert not Segment.objects.exists()


def test_only_whoever_shares_segments_makes_one_for_everybody_or_changes_others(
    alice: User, bob: User, sue: User
) -> None:
    with pytest.raises(Denied):
        keep("Leads", LEAD, shared=True, by=alice, now=NOW)
    made = keep("Leads", LEAD, shared=True, by=sue, now=NOW)
    with pytest.raises(Denied):
        keep("Mine now", LEAD, segment=made, by=alice, now=NOW)
    with pytest.raises(Denied):
        pick(made, [], "in", by=alice, now=NOW)
    with pytest.raises(Denied):
        remove(made, by=alice, now=NOW)
    own = keep("My own", LEAD, by=bob, now=NOW)
    with pytest.raises(Segment.DoesNotExist):  # not hers, and not for everybody: it is not there for her
        keep("Taken", LEAD, segment=own, by=sue, now=NOW)
    assert AuditEntry.objects.filter(action="segments.save").count() == 2


def test_one_name_once(alice: User, bob: User) -> None:
    keep("Leads", LEAD, by=alice, now=NOW)
    keep("Leads", LEAD, by=bob, now=NOW)
    with pytest.raises(Unfit, match="already"):
        keep(" Leads ", LEAD, by=alice, now=NOW)
