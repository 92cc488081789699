"""DB20: pairs over the whole base, proposed until somebody decides, and never again unless something changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liuke.customers.duplicates.actions import find, keep_apart, propose_again
from liuke.customers.duplicates.jobs import look_through
from liuke.customers.duplicates.models import DuplicatePair
from liuke.customers.merging.actions import merge, undo
from liuke.customers.models import Customer
from liuke.customers.records.actions import add_point, edit, register
from liuke.platform.access.rules import Denied
from liuke.platform.jobs.actions import REGISTER
from liuke.platform.models import AuditEntry


@pytest.fixture
def firms(alice, now) -> list[Customer]:
    names = ("上海灯笼有限公司", "上海燈籠公司", "宁波华永机械厂")
    return [
        register(by=alice, now=now, name=name, number=f"K-{place}", city=name[:2])
        for place, name in enumerate(names, start=1)
    ]


def test_db20_a_pair_is_found_at_night_with_its_reasons(firms, now) -> None:
    assert find(now=now) == {"found": 1, "new": 1, "again": 0, "gone": 0}
    pair = DuplicatePair.objects.get()
    assert (pair.first, pair.second, pair.state) == (firms[0], firms[1], "open")
    assert [reason["code"] for reason in pair.reasons] == ["same_name", "same_city"]
    assert pair.score >= 50
    assert find(now=now) == {"found": 1, "new": 0, "again": 0, "gone": 0}
    assert REGISTER["duplicates.find"].work is look_through


def test_db20_decided_once_it_is_not_proposed_again_unless_one_of_them_changes(
    firms, sue, alice, now
) -> None:
    find(now=now)
    keep_apart(DuplicatePair.objects.get(), by=sue, now=now)
    find(now=now + timedelta(days=1))
    assert DuplicatePair.objects.get().state == "different"
    edit(firms[0], {"note": "of no account"}, version=firms[0].version, by=alice, now=now)
    find(now=now + timedelta(days=2))
    assert DuplicatePair.objects.get().state == "different"
    for one in firms[:2]:
        add_point(one, kind="mobile", value="13800001111", by=alice, now=now)
    assert find(now=now + timedelta(days=3))["again"] == 1
    pair = DuplicatePair.objects.get()
    assert (pair.state, pair.decided_by) == ("open", None)
    assert {"code": "same_mobile"} in pair.reasons


def test_what_is_no_longer_alike_is_no_longer_proposed(firms, alice, now) -> None:
    find(now=now)
    fresh = Customer.objects.get(pk=firms[1].pk)
    edit(fresh, {"name": "青岛新月电子公司", "city": "青岛"}, version=fresh.version, by=alice, now=now)
    assert find(now=now)["gone"] == 1
    assert not DuplicatePair.objects.exists()


def test_not_the_same_can_be_taken_back_and_both_are_audited(firms, sue, now) -> None:
    find(now=now)
    pair = keep_apart(DuplicatePair.objects.get(), by=sue, now=now)
    assert (pair.state, pair.decided_by) == ("different", sue)
    assert propose_again(pair, by=sue, now=now).state == "open"
    told = list(
        AuditEntry.objects.filter(action="customers.keep_apart")
        .order_by("id")
        .values_list("changes", flat=True)
    )
    assert told == [{"different": [None, ["K-1", "K-2"]]}, {"different": [["K-1", "K-2"], None]}]


def test_deciding_takes_the_right_and_both_within_reach(firms, alice, sue, charlie, now) -> None:
    find(now=now)
    pair = DuplicatePair.objects.get()
    with pytest.raises(Denied):
        keep_apart(pair, by=alice, now=now)
    Customer.objects.filter(pk=firms[1].pk).update(owner=charlie, team=charlie.team)
    assert not DuplicatePair.objects.for_user(sue).exists()
    assert not DuplicatePair.objects.for_user(charlie).exists()
    with pytest.raises(DuplicatePair.DoesNotExist):
        keep_apart(pair, by=sue, now=now)


def test_a_merge_takes_its_proposals_along_and_its_undo_brings_them_back(firms, sue, alice, now) -> None:
    third = register(by=alice, now=now, name="上海灯笼集团", number="K-4", city="上海")
    find(now=now)
    keep_apart(DuplicatePair.objects.get(first=firms[1], second=third), by=sue, now=now)
    before = list(DuplicatePair.objects.order_by("pk").values())
    assert len(before) == 3
    done = merge(firms[0], [firms[1]], by=sue, now=now)
    pair = DuplicatePair.objects.get()
    assert (pair.first, pair.second, pair.state) == (firms[0], third, "different")
    undo(done, by=sue, now=now)
    assert list(DuplicatePair.objects.order_by("pk").values()) == before


def test_who_was_merged_is_found_no_more(firms, sue, now) -> None:
    merge(firms[0], [firms[1]], by=sue, now=now)
    assert find(now=now)["found"] == 0
