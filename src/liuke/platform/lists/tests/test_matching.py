from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from liuke.platform.lists.actions import chosen, facet_counts, matching
from liuke.platform.lists.rules import Listing, Selection
from liuke.platform.models import Job, User

pytestmark = pytest.mark.django_db


def job(name: str, now: datetime, **more: Any) -> Job:
    return Job.objects.create(name=name, run_at=now, created_at=now, **more)


def names(listing: Listing, tree: Any, user: User, now: datetime) -> str:
    query = listing.from_plain({"filter": tree})
    found = matching(Job.objects.all(), query.filter, user=user, now=now)
    return "".join(sorted(found.values_list("name", flat=True)))


def one(field: str, op: str, *values: Any) -> dict[str, Any]:
    return {"all": [{"field": field, "op": op, "values": list(values)}]}


@pytest.fixture(autouse=True)
def _jobs(alice: User, bob: User, now: datetime) -> None:
    day = timedelta(days=1)
    job("a", now, state="done", originator=alice, lane="x", started_at=now, attempts=1)
    job("b", now, state="done", originator=bob, started_at=now - 30 * day, attempts=2)
    job("c", now, state="waiting", lane="y", started_at=now - 31 * day, attempts=3)
    job("d", now, state="waiting", originator=alice)


@pytest.mark.parametrize(
    ("field", "op", "values", "expected"),
    [
        ("state", "is", ["done"], "ab"),
        ("state", "is", ["done", "waiting"], "abcd"),
        ("state", "not", ["done"], "cd"),
        ("lane", "is", ["x"], "a"),
        ("lane", "is", ["none"], "bd"),
        ("lane", "is", ["x", "none"], "abd"),
        ("lane", "not", ["x"], "bcd"),
        ("lane", "empty", [], "bd"),
        ("lane", "filled", [], "ac"),
        ("who", "is", ["me"], "ad"),
        ("who", "not", ["me"], "bc"),
        ("who", "is", ["none"], "c"),
        ("who", "is", ["me", "none"], "acd"),
        ("attempts", "least", [2], "bc"),
        ("attempts", "most", [1], "ad"),
        ("started", "within_days", [0], "a"),
        ("started", "within_days", [30], "ab"),
        ("started", "over_days", [30], "c"),
        ("started", "empty", [], "d"),
        ("started", "since", ["2026-03-02"], "a"),
        ("started", "until", ["2026-01-31"], "bc"),
        ("started", "in_days", [3], "a"),
        ("name", "has", ["B"], "b"),
        ("name", "has", ["%"], ""),
    ],
)
def test_a_filter_lets_through(
    listing: Listing, alice: User, now: datetime, field: str, op: str, values: list[Any], expected: str
) -> None:
    assert names(listing, one(field, op, *values), alice, now) == expected


def test_groups(listing: Listing, alice: User, now: datetime) -> None:
    done, mine = one("state", "is", "done"), one("who", "is", "me")
    assert names(listing, {"all": [done, mine]}, alice, now) == "a"
    assert names(listing, {"any": [done, mine]}, alice, now) == "abd"
    assert names(listing, {"none": [done, mine]}, alice, now) == "c"
    assert names(listing, {"all": []}, alice, now) == "abcd"
    assert names(listing, {"all": [{"any": []}]}, alice, now) == ""
    assert names(listing, {"all": [{"none": []}]}, alice, now) == "abcd"


def test_a_day_is_one_of_the_viewers(listing: Listing, alice: User, now: datetime) -> None:
    late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # the 2nd in Shanghai, the 1st in London
    job("z", now, started_at=late)
    with timezone.override("Asia/Shanghai"):
        assert names(listing, one("started", "since", "2026-03-02"), alice, now) == "az"
    with timezone.override("Europe/London"):
        assert names(listing, one("started", "since", "2026-03-02"), alice, now) == "a"


def test_a_facet_counts_what_the_other_filters_leave(listing: Listing, alice: User, now: datetime) -> None:
    query = listing.from_address({"state": ["done"], "who": ["me"]})
    state, lane = listing.field("state"), listing.field("lane")
    assert facet_counts(Job.objects.all(), query, state, user=alice, now=now) == {"done": 1, "waiting": 1}
    assert facet_counts(Job.objects.all(), query, lane, user=alice, now=now) == {"x": 1}
    everything = listing.from_address({})
    assert facet_counts(Job.objects.all(), everything, lane, user=alice, now=now) == {
        "x": 1,
        "y": 1,
        "none": 2,
    }


def test_a_selection_never_reaches_beyond_the_rows_it_is_given(alice: User) -> None:
    mine = Job.objects.filter(originator=alice)
    everybodys = frozenset(Job.objects.values_list("pk", flat=True))
    for selection in (Selection(ids=everybodys), Selection(everything=True)):
        assert set(chosen(mine, selection)) == set(mine)
