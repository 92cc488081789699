from __future__ import annotations

from datetime import datetime

import pytest

from liuke.platform.access.rules import Denied
from liuke.platform.lists.actions import remove_view, save_view
from liuke.platform.lists.rules import Listing, Query, Unfit
from liuke.platform.models import AuditEntry, SavedView, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(listing: Listing) -> Query:
    return listing.from_address({"state": ["done"], "sort": ["name"]})


def test_a_view_is_kept_and_read_again(listing: Listing, failed: Query, alice: User, now: datetime) -> None:
    view = save_view(" Mine  today ", failed, listing=listing, by=alice, now=now)
    assert view.name == "Mine today"
    assert listing.from_plain(SavedView.objects.get().query) == failed
    assert AuditEntry.objects.get().action == "lists.save_view"


def test_the_same_name_replaces_ones_own_view_only(
    listing: Listing, failed: Query, alice: User, bob: User, now: datetime
) -> None:
    for user in (alice, bob, alice):
        save_view("Today", failed if user == bob else Query(), listing=listing, by=user, now=now)
    assert {(view.owner, bool(view.query["sort"])) for view in SavedView.objects.all()} == {
        (alice, False),
        (bob, True),
    }


def test_ones_own_and_what_colleagues_share(
    listing: Listing, alice: User, bob: User, sue: User, now: datetime
) -> None:
    save_view("a", Query(), listing=listing, by=alice, now=now)
    save_view("b", Query(), listing=listing, by=bob, now=now)
    save_view("s", Query(), listing=listing, by=sue, now=now, shared=True)
    names = SavedView.objects.for_user(alice, "jobs").values_list("name", flat=True)
    assert set(names) == {"a", "s"}


def test_sharing_is_for_who_leads_a_team(listing: Listing, alice: User, now: datetime) -> None:
    with pytest.raises(Denied):
        save_view("a", Query(), listing=listing, by=alice, now=now, shared=True)
    assert not SavedView.objects.exists()


def test_nobody_removes_a_colleagues_view_but_who_manages_the_settings(
    listing: Listing, alice: User, bob: User, olga: User, now: datetime
) -> None:
    view = save_view("a", Query(), listing=listing, by=alice, now=now)
    with pytest.raises(Denied):
        remove_view(view, by=bob, now=now)
    remove_view(view, by=olga, now=now)
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name(listing: Listing, alice: User, now: datetime) -> None:
    for name in ("", "   ", "x" * 61):
        with pytest.raises(Unfit):
            save_view(name, Query(), listing=listing, by=alice, now=now)
