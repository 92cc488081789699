"""Two records side by side, made one, found under the old address, and two again."""

from __future__ import annotations

import pytest

from liuke.customers.merging.actions import merge
from liuke.customers.models import Customer, Former, Merge
from liuke.customers.timeline.actions import add_note
from liuke.platform.models import Role
from liuke.workspace.conftest import Add, Desk


@pytest.fixture
def two(add: Add, alice) -> tuple[Customer, Customer]:
    here = add(alice, "Lantern Ltd", number="K-1", phone="13800001111", city="Shanghai")
    gone = add(alice, "Lantern Trading", number="K-2", phone="13800002222", source="trade fair")
    return here, gone


def test_db20_they_lie_side_by_side_and_become_one_as_chosen(two, sue, desk: Desk) -> None:
    here, gone = two
    client = desk(sue)
    address = f"/customers/merge/?ids={here.pk}&ids={gone.pk}"
    page = client.get(address)
    assert page.status_code == 200
    for text in ("Lantern Ltd", "Lantern Trading", "Shanghai", "trade fair", "You can undo it at any time"):
        assert text in page.content.decode()
    answer = client.post(
        "/customers/merge/",
        {
            "ids": [here.pk, gone.pk],
            "survivor": gone.pk,
            "choice.name": here.pk,
            f"version.{here.pk}": here.version,
            f"version.{gone.pk}": gone.version,
        },
    )
    assert answer.url == f"/customers/{gone.pk}/"
    stayed = Customer.objects.get()
    assert (stayed.number, stayed.name, stayed.source) == ("K-2", "Lantern Ltd", "trade fair")
    assert stayed.points.count() == 2


def test_the_old_address_leads_to_who_stayed_for_whoever_sees_him(
    two, alice, charlie, sue, moment, desk: Desk
) -> None:
    here, gone = two
    merge(here, [gone], by=sue, now=moment)
    assert desk(alice).get(f"/customers/{gone.pk}/?show=orders").url == f"/customers/{here.pk}/?show=orders"
    assert desk(alice).get(f"/customers/{gone.pk}/notes/").url == f"/customers/{here.pk}/notes/"
    assert desk(alice).post(f"/customers/{gone.pk}/notes/", {"note": "x"}).status_code == 404
    assert desk(charlie).get(f"/customers/{gone.pk}/").status_code == 404
    assert desk(alice).get("/customers/999999/").status_code == 404


def test_the_search_finds_who_stayed_by_the_old_number(two, alice, sue, moment, desk: Desk) -> None:
    here, gone = two
    merge(here, [gone], by=sue, now=moment)
    assert desk(alice).get("/search/?q=K-2").url == f"/customers/{here.pk}/"


def test_undone_from_its_page_both_are_back_and_it_says_what_stayed(
    two, alice, sue, moment, desk: Desk
) -> None:
    here, gone = two
    done = merge(here, [gone], by=sue, now=moment)
    Customer.objects.filter(pk=here.pk).update(source="recommended")
    add_note(here, note="since", by=alice, now=moment)
    client = desk(sue)
    assert "K-2 Lantern Trading" in client.get("/merges/").content.decode()
    assert "Undo the merge" in client.get(f"/merges/{done.pk}/").content.decode()
    page = client.post(f"/merges/{done.pk}/undoing/", follow=True).content.decode()
    assert "Lantern Trading: back as they were." in page
    assert "Changed since the merge and left so: source." in page
    assert set(Customer.objects.values_list("number", flat=True)) == {"K-1", "K-2"}
    assert "undone" in client.get("/merges/").content.decode()
    assert client.post(f"/merges/{done.pk}/undoing/").status_code == 409


def test_selected_in_the_list_they_are_laid_side_by_side(two, sue, desk: Desk) -> None:
    here, gone = two
    client = desk(sue)
    assert "/customers/merging/" in client.get("/customers/").content.decode()
    answer = client.post("/customers/merging/", {"ids": [here.pk, gone.pk]})
    assert answer.url == f"/customers/merge/?ids={here.pk}&ids={gone.pk}"
    one = client.get(f"/customers/merge/?ids={here.pk}")
    assert (one.status_code, "Choose two to 10 customers" in one.content.decode()) == (400, True)


def test_who_was_changed_meanwhile_is_looked_at_once_more(two, sue, desk: Desk) -> None:
    here, gone = two
    data = {"ids": [here.pk, gone.pk], "survivor": here.pk, f"version.{here.pk}": here.version - 1}
    page = desk(sue).post("/customers/merge/", data)
    assert (page.status_code, "has just been changed" in page.content.decode()) == (422, True)
    assert Customer.objects.count() == 2


def test_without_the_right_or_out_of_reach_there_is_nothing(
    two, add: Add, alice, bob, charlie, sue, desk: Desk
) -> None:
    here, gone = two
    address = f"/customers/merge/?ids={here.pk}&ids={gone.pk}"
    assert desk(alice).get(address).status_code == 403
    foreign = add(charlie, "Lantern West", number="K-3")
    page = desk(sue).get(f"/customers/merge/?ids={here.pk}&ids={foreign.pk}")
    assert (page.status_code, "Lantern West" in page.content.decode()) == (404, False)
    posted = desk(sue).post("/customers/merge/", {"ids": [here.pk, foreign.pk], "survivor": here.pk})
    assert posted.status_code == 404
    assert not Merge.objects.exists()
    assert not Former.objects.exists()


def test_merges_of_other_teams_are_not_told(add: Add, alice, charlie, sue, olga, moment, desk: Desk) -> None:
    here, gone = (add(charlie, f"West {place}", number=f"W-{place}") for place in (1, 2))
    done = merge(here, [gone], by=olga, now=moment)
    assert "West" not in desk(sue).get("/merges/").content.decode()
    assert desk(sue).get(f"/merges/{done.pk}/").status_code == 404
    assert desk(sue).post(f"/merges/{done.pk}/undoing/").status_code == 404
    assert "W-2" in desk(olga).get("/merges/").content.decode()


def test_what_a_role_does_not_see_is_veiled_here_and_merged_whole(two, sue, desk: Desk) -> None:
    here, gone = two
    Customer.objects.filter(pk=gone.pk).update(address="中山路 5 号 1203 室")
    Role.objects.filter(code="supervisor").update(masked=["address"])
    page = desk(sue).get(f"/customers/merge/?ids={here.pk}&ids={gone.pk}").content.decode()
    assert ("1203" in page, "•••" in page) == (False, True)
    data = {"ids": [here.pk, gone.pk], "survivor": here.pk, "choice.place": gone.pk}
    desk(sue).post("/customers/merge/", data)
    assert Customer.objects.get().address == "中山路 5 号 1203 室"
