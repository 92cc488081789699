"""Done, put off, passed on, dismissed: each by POST, each a fact on the customer's timeline, none lost on an error."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.utils import timezone

from liuke.customers.followups.actions import ask, complete, dismiss, expire
from liuke.customers.models import Fact, FollowUp
from liuke.customers.records.rules import Unfit
from liuke.customers.timeline.actions import complain
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk


@pytest.fixture
def item(add: Add, alice: User, moment: datetime) -> FollowUp:
    customer = add(alice, "Ann's shop")
    return ask(
        customer,
        kind="risk",
        assignee=alice,
        due_at=moment,
        weight_minor=100,
        source="scores.risk",
        key=f"risk:{customer.pk}",
        by=None,
        now=moment,
    )


def told(item: FollowUp) -> Fact:
    return Fact.objects.filter(customer=item.customer, kind="followed_up").latest("id")


def test_done_is_a_fact_by_who_did_it(desk: Desk, alice: User, item: FollowUp) -> None:
    answer = desk(alice).post(f"/followups/{item.pk}/completion/", {"note": "Rang them"})
    assert answer["Location"] == "/"
    item.refresh_from_db()
    assert (item.state, told(item).actor) == ("done", alice)
    assert "Rang them" in str(told(item).data)
    assert "Rang them" in desk(alice).get(f"/customers/{item.customer_id}/").content.decode()


def test_put_off_with_a_reason_it_leaves_the_list_and_comes_back(
    desk: Desk, alice: User, item: FollowUp
) -> None:
    client = desk(alice)
    client.post(f"/followups/{item.pk}/postponement/", {"days": "7", "reason": "Not reached"})
    item.refresh_from_db()
    assert timezone.localtime(item.due_at).date() == timezone.localdate() + timedelta(days=7)
    assert "Not reached" in str(told(item).data)
    assert "Ann&#x27;s shop" not in client.get("/").content.decode()


def test_a_day_of_ones_own_choice_wins_over_the_ready_made_ones(
    desk: Desk, alice: User, item: FollowUp
) -> None:
    until = timezone.localdate() + timedelta(days=45)
    sent = {"days": "1", "until": until.isoformat(), "reason": "Fair in January"}
    desk(alice).post(f"/followups/{item.pk}/postponement/", sent)
    item.refresh_from_db()
    assert timezone.localtime(item.due_at).date() == until


@pytest.mark.parametrize(
    ("what", "sent"),
    [
        ("postponement", {"days": "3", "reason": ""}),
        ("postponement", {"days": "3", "until": "2020-01-01", "reason": "kept words"}),
        ("postponement", {"days": "3", "until": "9999-12-31", "reason": "kept words"}),
        ("postponement", {"days": "400", "reason": "kept words"}),
        ("dismissal", {"reason": ""}),
        ("dismissal", {"reason": "kept words" * 30}),
        ("completion", {"note": "kept words" * 30}),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    desk: Desk, alice: User, item: FollowUp, what: str, sent: dict[str, str]
) -> None:
    answer = desk(alice).post(f"/followups/{item.pk}/{what}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "form-errors" in page
    assert ("kept words" in page) == ("kept words" in str(sent))
    item.refresh_from_db()
    assert item.state == "open"
    assert not Fact.objects.filter(customer=item.customer, kind="followed_up").exists()


def test_dismissed_the_reason_is_kept_and_the_night_asks_no_more(
    desk: Desk, alice: User, item: FollowUp, moment: datetime
) -> None:
    desk(alice).post(f"/followups/{item.pk}/dismissal/", {"reason": "Seasonal"})
    item.refresh_from_db()
    assert item.state == "dismissed"
    assert "Seasonal" in str(told(item).data)
    again = ask(
        item.customer, kind="risk", assignee=alice, due_at=moment, source="scores.risk", key=item.key, by=None, now=moment
    )  # fmt: skip
    assert again.pk == item.pk


def test_a_supervisor_passes_it_on_and_a_salesperson_may_not(
    desk: Desk, alice: User, bob: User, sue: User, item: FollowUp
) -> None:
    sent = {"to": bob.pk, "reason": "Alice is travelling"}
    assert desk(alice).post(f"/followups/{item.pk}/assignment/", sent).status_code == 403
    assert desk(sue).post(f"/followups/{item.pk}/assignment/", sent)["Location"] == "/"
    item.refresh_from_db()
    assert item.assignee == bob
    assert "Alice is travelling" in str(told(item).data)
    assert "Ann&#x27;s shop" in desk(bob).get("/").content.decode()
    assert desk(bob).get(f"/customers/{item.customer_id}/").status_code == 200


def test_work_is_not_passed_to_whoever_has_it(desk: Desk, alice: User, sue: User, item: FollowUp) -> None:
    page = f"/followups/{item.pk}/assignment/"
    assert f'value="{alice.pk}"' not in desk(sue).get(page).content.decode()
    assert desk(sue).post(page, {"to": alice.pk}).status_code == 422


def test_nobody_passes_work_to_another_team(desk: Desk, charlie: User, sue: User, item: FollowUp) -> None:
    answer = desk(sue).post(f"/followups/{item.pk}/assignment/", {"to": charlie.pk, "reason": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in answer.content.decode()
    item.refresh_from_db()
    assert item.assignee != charlie


@pytest.mark.parametrize("what", ["completion", "postponement", "dismissal"])
def test_whoever_was_quicker_is_named_and_the_list_refreshed(
    desk: Desk, alice: User, sue: User, item: FollowUp, moment: datetime, what: str
) -> None:
    complete(item, by=sue, now=moment)
    sent = {"reason": "late", "days": "1"}
    answer = desk(alice).post(f"/followups/{item.pk}/{what}/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "Sue was quicker" in answer["HX-Trigger"]
    assert "changed:followups" in answer["HX-Trigger"]
    plainly = desk(alice).post(f"/followups/{item.pk}/{what}/", sent, follow=True)
    assert "Sue was quicker" in plainly.content.decode()


def test_what_settled_itself_says_so(desk: Desk, alice: User, item: FollowUp, moment: datetime) -> None:
    expire(keys=[item.key], now=moment)
    answer = desk(alice).post(f"/followups/{item.pk}/completion/", {}, follow=True)
    assert "settled itself" in answer.content.decode()


def test_pl02_anothers_item_does_not_exist(desk: Desk, charlie: User, item: FollowUp) -> None:
    for what in ("completion", "postponement", "dismissal"):
        assert desk(charlie).get(f"/followups/{item.pk}/{what}/").status_code == 404
        assert (
            desk(charlie).post(f"/followups/{item.pk}/{what}/", {"reason": "x", "days": "1"}).status_code
            == 404
        )
    item.refresh_from_db()
    assert item.state == "open"


def test_the_form_offers_ready_reasons_and_works_as_a_page(desk: Desk, alice: User, item: FollowUp) -> None:
    page = desk(alice).get(f"/followups/{item.pk}/postponement/").content.decode()
    assert "<h1" in page
    assert "Not reached" in page
    asked = {"HX-Request": "true", "HX-Target": "dialog-body"}
    fragment = desk(alice).get(f"/followups/{item.pk}/postponement/", headers=asked).content.decode()
    assert 'class="rail"' not in fragment


def test_the_count_beside_today_follows(desk: Desk, alice: User, item: FollowUp) -> None:
    client = desk(alice)
    assert client.get("/counts/today/").content == b"1"
    client.post(f"/followups/{item.pk}/completion/", {})
    assert client.get("/counts/today/").content == b"0"


def test_a_complaint_is_done_when_it_is_answered(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    complain(add(alice, "Ann"), text="12 broken", by=None, now=moment - timedelta(days=2))
    asked = FollowUp.objects.get(kind="complaint")
    page = desk(alice).get("/").content.decode()
    assert "12 broken" in page
    assert "resolution" in page
    assert desk(alice).post(f"/followups/{asked.pk}/completion/", {"note": ""}).status_code == 422
    desk(alice).post(f"/followups/{asked.pk}/completion/", {"note": "sent anew"})
    asked.refresh_from_db()
    assert asked.state == "expired"
    assert Fact.objects.get(kind="resolved").data["text"] == "sent anew"


def test_a_complaint_is_not_dismissed_and_the_key_says_so(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    complain(add(alice, "Ann"), text="12 broken", by=None, now=moment)
    asked = FollowUp.objects.get(kind="complaint")
    client, page = desk(alice), f"/followups/{asked.pk}/dismissal/"
    assert re.search(rf'<a href="{page}" data-dialog data-key="e" hidden>', client.get("/").content.decode())
    for answer in (client.get(page), client.post(page, {"reason": "Seasonal"})):
        said = answer.content.decode()
        assert "A complaint can't be dismissed: please answer it." in said
        assert f"/complaints/{Fact.objects.get(kind='complained').pk}/resolution/" in said
    asked.refresh_from_db()
    assert asked.state == "open"
    with pytest.raises(Unfit, match="answer it"):  # nor by a program
        dismiss(asked, reason="Seasonal", by=alice, now=moment)


# --- one key takes it back ---


def undo_offered(answer: HttpResponse) -> str:
    (toast,) = json.loads(answer.headers["HX-Trigger"])["kit:toasts"]["toasts"]
    return str(toast.get("undo", ""))


def test_the_toast_takes_back_what_was_just_done(desk: Desk, alice: User, item: FollowUp) -> None:
    client = desk(alice)
    htmx = {"HX-Request": "true"}
    answer = client.post(f"/followups/{item.pk}/completion/", {"note": "Wrong row"}, headers=htmx)
    back = client.post(undo_offered(answer), headers=htmx)
    assert "changed:followups" in back.headers["HX-Trigger"]
    item.refresh_from_db()
    assert (item.state, told(item).data["what"]) == ("open", "taken_back")
    assert "Taken back" in client.get(f"/customers/{item.customer_id}/").content.decode()


def test_the_toast_takes_back_a_contact_that_was_logged_from_the_list(
    desk: Desk, alice: User, item: FollowUp
) -> None:
    client, htmx = desk(alice), {"HX-Request": "true"}
    sent = {"channel": "phone", "direction": "out", "outcome": "reached", "note": "Wrong row"}
    page = f"/customers/{item.customer_id}/contacts-log/?followup={item.pk}"
    answer = client.post(page, sent, headers=htmx)
    item.refresh_from_db()
    assert item.state == "done"
    back = client.post(undo_offered(answer), headers=htmx)
    assert "changed:followups" in back.headers["HX-Trigger"]
    item.refresh_from_db()
    assert item.state == "open"
    card = client.get(f"/customers/{item.customer_id}/").content.decode()
    assert "Wrong row" in card
    assert "Taken back: Phone · Spoke with them" in card
    said = client.post(undo_offered(answer), follow=True).content.decode()
    assert "can&#x27;t be taken back any more" in said


def test_without_scripts_the_next_page_offers_it(desk: Desk, alice: User, item: FollowUp) -> None:
    client = desk(alice)
    client.post(f"/followups/{item.pk}/dismissal/", {"reason": "Wrong row"})
    page = client.get("/").content.decode()
    (address,) = re.findall(r'<form method="post" action="(/followups/[^"]+/reversal/)"', page)
    assert client.post(address)["Location"] == "/"
    item.refresh_from_db()
    assert item.state == "open"


def test_too_late_is_said_and_changes_nothing(desk: Desk, alice: User, item: FollowUp) -> None:
    client = desk(alice)
    answer = client.post(f"/followups/{item.pk}/completion/", {}, headers={"HX-Request": "true"})
    client.post(undo_offered(answer))
    said = client.post(undo_offered(answer), follow=True).content.decode()
    assert "can&#x27;t be taken back any more" in said
    item.refresh_from_db()
    assert item.state == "open"


def test_an_answered_complaint_offers_no_way_back(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    customer = add(alice, "Bob's shop")
    complain(customer, text="broken", by=alice, now=moment)
    answered = FollowUp.objects.get(kind="complaint")
    answer = desk(alice).post(
        f"/followups/{answered.pk}/completion/", {"note": "sent anew"}, headers={"HX-Request": "true"}
    )
    assert undo_offered(answer) == ""
