from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from liuke.customers.models import FollowUp, Visit
from liuke.customers.needs.actions import add_need
from liuke.customers.readings.actions import forget
from liuke.customers.timeline.actions import complain, log_contact, promise
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_db12_the_brief_says_what_counts_and_begins_the_visit(
    desk: Desk, add: Add, alice: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    log_contact(customer, channel="phone", outcome="reached", note="Asked for samples", by=alice, now=moment)
    promise(customer, text="Samples by Friday", due_at=moment + timedelta(days=2), by=alice, now=moment)
    complain(customer, text="Two boxes broken", by=alice, now=moment)
    add_need(customer, what="A second warehouse", by=alice, now=moment)
    forget()
    at, page = desk(alice), f"/customers/{customer.pk}/visit/"
    assert page in text(at.get(f"/customers/{customer.pk}/"))
    forget()
    brief = text(at.get(page))
    for part in (
        "Asked for samples",
        "Samples by Friday",
        "Two boxes broken",
        "A second warehouse",
        "complaint first",
    ):
        assert part in brief, part
    forget()  # as another process, which does not know yet what this one has shown
    looked = re.search(r'name="looked" value="([^"]+)"', brief)[1]  # type: ignore[index]
    at.post(page, {"looked": looked})
    assert Visit.objects.get().card_viewed_at is not None
    report = text(at.get("/customers/visits/?show=blind"))
    assert "Harbour Gifts</a>" not in report


def test_db12_begun_without_a_look_it_warns_first_and_is_counted(
    desk: Desk, add: Add, alice: User, sue: User
) -> None:
    customer = add(alice, "Harbour Gifts")
    at, page = desk(alice), f"/customers/{customer.pk}/visit/"
    assert "not looked at the card" in text(at.post(page, {"looked": "made-up"}), 422)
    assert not Visit.objects.exists()
    at.post(page, {"anyway": "1"})
    assert Visit.objects.get().card_viewed_at is None
    assert "Harbour Gifts</a>" in text(desk(sue).get("/customers/visits/?show=blind"))


def test_db08_leaving_asks_for_the_result_and_then_for_what_the_card_lacks(
    desk: Desk, add: Add, alice: User
) -> None:
    customer = add(alice, "Harbour Gifts")
    at, page = desk(alice), f"/customers/{customer.pk}/visit/"
    at.get(page)
    at.post(page)
    assert at.post(f"{page}end/")["Location"] == f"{page}closure/"
    assert at.post(f"{page}closure/", {"note": "They want blue"}).status_code == 422
    assert Visit.objects.get().written_at is None
    answer = at.post(f"{page}closure/", {"outcome": "reached", "note": "They want blue"})
    assert answer["Location"] == f"/customers/{customer.pk}/completion/"
    assert "They want blue" in text(at.get(f"/customers/{customer.pk}/"))
    assert at.get(f"{page}closure/").status_code == 404


def test_db08_left_unwritten_it_stands_on_the_supervisors_list(
    desk: Desk, add: Add, alice: User, sue: User, bob: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    ended = moment - timedelta(hours=25)
    Visit.objects.create(customer=customer, by=alice, started_at=ended, ended_at=ended, card_viewed_at=ended)
    assert "Harbour Gifts</a>" in text(desk(sue).get("/customers/visits/"))
    assert "Harbour Gifts</a>" not in text(desk(bob).get("/customers/visits/"))


def test_from_today_a_visit_begins_for_what_was_planned(
    desk: Desk, add: Add, alice: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    promise(customer, text="Samples", due_at=moment, by=alice, now=moment)
    planned = FollowUp.objects.get()
    at = desk(alice)
    page = f"/customers/{customer.pk}/visit/?followup={planned.pk}"
    assert page in text(at.get("/"))
    at.get(page)
    at.post(page)
    assert Visit.objects.get().followup == planned


def test_one_begun_by_mistake_is_taken_back_on_the_page(
    desk: Desk, add: Add, alice: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    at, page = desk(alice), f"/customers/{customer.pk}/visit/"
    begun = text(at.post(page, {"anyway": "1"}, follow=True))
    assert f'action="{page}reversal/"' in begun
    assert "Begun by mistake" in begun
    assert "counts for nothing" in text(at.post(f"{page}reversal/", follow=True))
    assert "begin the visit" in text(at.get(page))
    assert "Harbour Gifts</a>" not in text(at.get("/customers/visits/?show=blind"))
    Visit.objects.create(customer=customer, by=alice, started_at=moment - timedelta(hours=1))
    assert "Begun by mistake" not in text(at.get(page))
    assert "any more" in text(at.post(f"{page}reversal/", follow=True))
