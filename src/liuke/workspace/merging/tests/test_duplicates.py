"""What the night proposes, looked through by whoever may merge both."""

from __future__ import annotations

import pytest

from liuke.customers.duplicates.actions import find
from liuke.customers.duplicates.models import DuplicatePair
from liuke.customers.models import Customer
from liuke.workspace.conftest import Add, Desk


@pytest.fixture
def pair(add: Add, alice, moment) -> DuplicatePair:
    add(alice, "Lantern Trading Ltd", number="K-1", phone="13800001111")
    add(alice, "Lantern Trading GmbH", number="K-2", phone="13800001111")
    find(now=moment)
    return DuplicatePair.objects.get()


def test_db20_a_pair_stands_on_the_page_with_what_speaks_for_it(pair, sue, desk: Desk) -> None:
    page = desk(sue).get("/duplicates/").content.decode()
    for text in (
        "Lantern Trading Ltd",
        "K-2",
        "same mobile number",
        "same name but for the legal form",
        "very likely",
    ):
        assert text in page, text
    assert f"/customers/merge/?ids={pair.first_id}&amp;ids={pair.second_id}" in page


def test_db20_not_the_same_leaves_the_list_and_comes_back_when_taken_back(pair, sue, desk: Desk) -> None:
    client = desk(sue)
    page = client.post(f"/duplicates/{pair.pk}/difference/", follow=True).content.decode()
    assert "No duplicates are proposed" in page
    assert f"/duplicates/{pair.pk}/likeness/" in page  # the toast takes it back
    assert "Lantern Trading Ltd" in client.get("/duplicates/?show=different").content.decode()
    client.post(f"/duplicates/{pair.pk}/likeness/")
    assert "Lantern Trading Ltd" in client.get("/duplicates/").content.decode()


def test_side_by_side_they_can_be_held_apart_too(pair, sue, desk: Desk) -> None:
    page = desk(sue).get(f"/customers/merge/?ids={pair.second_id}&ids={pair.first_id}").content.decode()
    assert f"/duplicates/{pair.pk}/difference/" in page


def test_merged_they_are_proposed_no_more(pair, sue, desk: Desk) -> None:
    client = desk(sue)
    client.post("/customers/merge/", {"ids": [pair.first_id, pair.second_id], "survivor": pair.first_id})
    assert Customer.objects.count() == 1
    assert "No duplicates are proposed" in client.get("/duplicates/").content.decode()


def test_a_pair_with_one_of_another_team_is_not_told(pair, alice, charlie, sue, olga, desk: Desk) -> None:
    Customer.objects.filter(pk=pair.second_id).update(owner=charlie, team=charlie.team)
    page = desk(sue).get("/duplicates/").content.decode()
    assert "Lantern" not in page
    assert desk(sue).post(f"/duplicates/{pair.pk}/difference/").status_code == 404
    assert desk(alice).get("/duplicates/").status_code == 403
    assert "Lantern" in desk(olga).get("/duplicates/").content.decode()
