"""The card: who is this, how are we doing, what next; and what is written on it, each by POST, each a fact."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.utils import timezone

from liuke.customers.followups.actions import ask, complete
from liuke.customers.imports.actions import choose, run, upload
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import add_contact
from liuke.customers.records.rules import NewContact
from liuke.customers.timeline.actions import complain, log_contact
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Add, Desk, Judge


@pytest.fixture
def ann(add: Add, alice: User) -> Customer:
    return add(alice, "Ann's shop", phone="13800138000", purpose="middleman", scope="channel")


def page_of(desk: Desk, user: User, customer: Customer, more: str = "") -> str:
    answer = desk(user).get(f"/customers/{customer.pk}/{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()


# --- what it shows ---


def test_an_imported_order_is_nobodys_sale(
    desk: Desk, ann: Customer, alice: User, olga: User, moment: datetime
) -> None:
    rows = f"order number,date,customer number,amount\nA-1,{moment.date()},{ann.number},100\n"
    batch = upload(io.BytesIO(rows.encode()), name="orders.csv", target="purchases", by=olga, now=moment)
    run(choose(batch, by=olga, now=moment, mapping={}, choices={}), by=olga, now=moment)
    assert "imported by Olga" in page_of(desk, alice, ann)


def test_db07_three_people_wrote_on_it_and_it_reads_as_one_story(
    desk: Desk, ann: Customer, alice: User, sue: User, olga: User, moment: datetime
) -> None:
    log_contact(ann, channel="phone", outcome="reached", note="New shop in May", by=alice, now=moment)
    at = moment + timedelta(seconds=1)
    record_purchase(ann, number="A-1", at=at, currency="CNY", lines=[NewLine(12_300)], by=sue, now=at)
    complain(ann, text="Two cups broken", number="A-1", by=olga, now=moment + timedelta(seconds=2))
    story = page_of(desk, alice, ann).split('class="timeline"')[1]
    places = [story.index(word) for word in ("Two cups broken", "A-1", "New shop in May")]
    assert places == sorted(places)
    assert all(name in story for name in ("Alice", "Sue", "Olga"))
    assert "¥123" in story


def test_db07_the_head_says_grade_stage_owner_and_risk(
    desk: Desk, ann: Customer, judge: Judge, alice: User
) -> None:
    judge(ann, grade="platinum", band="high", risk=88)
    head = re.split(r'id="card"', page_of(desk, alice, ann))[0]
    assert "Platinum" in head
    assert "churn risk 88 of 100" in head
    assert "Potential" in head
    assert "Alice" in head


def test_the_judgement_comes_with_its_reasons_the_rhythm_and_what_may_come_next(
    desk: Desk, ann: Customer, judge: Judge, alice: User, moment: datetime
) -> None:
    for days in (200, 170, 139, 110):
        at = moment - timedelta(days=days)
        record_purchase(
            ann, number=f"A-{days}", at=at, currency="CNY", lines=[NewLine(10_000)], by=None, now=at
        )
    today = timezone.localdate()
    judge(
        ann,
        band="high",
        risk=90,
        usual_gap_days=31.0,
        gap_days=110,
        reasons=[{"code": "gap", "days": 110, "usual": 31, "percentile": 99}],
        next_on=today + timedelta(days=9),
        next_from_on=today + timedelta(days=2),
        next_to_on=today + timedelta(days=20),
        expected_value_minor=55_500,
        value_at_risk_minor=44_400,
    )
    page = page_of(desk, alice, ann)
    assert '<svg class="rhythm' in page
    for told in ("110", "31", "¥555", "¥444"):
        assert told in page


def test_sc08_a_middleman_carries_the_tip_how_to_treat_him(desk: Desk, ann: Customer, alice: User) -> None:
    tip = "high quality demands, strong price bargaining; prepare quality evidence and price floor"
    assert tip in page_of(desk, alice, ann)


def test_cl03_the_grade_sets_what_the_customer_is_owed(
    desk: Desk, ann: Customer, judge: Judge, alice: User
) -> None:
    judge(ann, grade="gold", band="low")
    gold = page_of(desk, alice, ann).split("Service for this grade")[1]
    judge(ann, grade="iron", band="low")
    iron = page_of(desk, alice, ann).split("Service for this grade")[1]
    assert re.findall(r"every \d+ days?|\d+ hours?", gold) != re.findall(r"every \d+ days?|\d+ hours?", iron)


def test_before_the_first_judgement_it_says_when_it_comes(desk: Desk, ann: Customer, alice: User) -> None:
    assert "The first judgement comes tonight" in page_of(desk, alice, ann)


def test_who_never_bought_is_not_judged_and_that_is_said(
    desk: Desk, ann: Customer, judge: Judge, alice: User
) -> None:
    judge(ann)
    assert "there is nothing to judge" in page_of(desk, alice, ann)


def test_money_without_a_rate_is_told_as_it_was_paid_and_added_to_nothing(
    desk: Desk, ann: Customer, judge: Judge, olga: User, alice: User, moment: datetime
) -> None:
    at = moment - timedelta(days=5)
    record_purchase(ann, number="J-1", at=at, currency="JPY", lines=[NewLine(120_000)], by=None, now=at)
    judge(ann)
    page = page_of(desk, alice, ann)
    assert "12 months, JPY" in page
    assert "¥120,000" in page
    assert "¥1,200" not in page
    assert "currency without an exchange rate" in page
    assert "Set the exchange rate" not in page  # she has no settings
    assert "Set the exchange rate" in page_of(desk, olga, ann)
    change("money.rates", {"JPY": "0.05"}, by=None, now=moment)
    rated = page_of(desk, alice, ann)
    assert "12 months, JPY" not in rated
    assert "¥6,000" in rated


def test_the_timeline_is_filtered_and_goes_further_back(
    desk: Desk, ann: Customer, alice: User, moment: datetime
) -> None:
    for place in range(40):
        at = moment - timedelta(days=place)
        log_contact(
            ann, channel="phone", outcome="reached", note=f"call {place:02d}.", by=alice, now=moment, at=at
        )
    record_purchase(ann, number="A-1", at=moment, currency="CNY", lines=[NewLine(100)], by=None, now=moment)
    first = page_of(desk, alice, ann, "?show=contacts")
    assert "A-1" not in first.split('class="timeline"')[1]
    further = re.search(r'href="([^"]*before=[^"]+)"', first)
    assert further
    second = desk(alice).get(further[1].replace("&amp;", "&")).content.decode()
    said = re.findall(r"call (\d\d)\.", first + second)
    assert said == [f"{place:02d}" for place in range(40)]
    assert "A-1" in page_of(desk, alice, ann, "?show=orders")


def test_pl02_nobody_elses_card_exists(
    desk: Desk, ann: Customer, bob: User, charlie: User, sue: User
) -> None:
    for path in ("", "timeline/", "purchases/", "contacts-log/", "notes/", "followups/", "complaints/"):
        for user in (bob, charlie):
            assert desk(user).get(f"/customers/{ann.pk}/{path}").status_code == 404
        assert desk(sue).get(f"/customers/{ann.pk}/{path}").status_code == 200


def test_an_order_opens_with_its_lines_and_what_took_it_back(
    desk: Desk, ann: Customer, alice: User, charlie: User, moment: datetime
) -> None:
    order = record_purchase(
        ann, number="A-1", at=moment, currency="CNY", lines=[NewLine(500)], by=None, now=moment
    )
    record_purchase(
        ann, number="T-1", at=moment, currency="CNY", lines=[NewLine(-200)], kind="refund", reverses=order, by=None, now=moment
    )  # fmt: skip
    page = desk(alice).get(f"/purchases/{order.pk}/").content.decode()
    assert "¥5.00" in page
    assert "T-1" in page
    assert "A-1" in desk(alice).get(f"/customers/{ann.pk}/purchases/").content.decode()
    assert desk(charlie).get(f"/purchases/{order.pk}/").status_code == 404


# --- what is written on it ---

CONTACT = {"channel": "wechat", "direction": "in", "outcome": "reached", "note": "Wants our price by Friday"}


def test_a_contact_is_a_fact_with_the_next_step(desk: Desk, ann: Customer, alice: User) -> None:
    person = add_contact(ann, NewContact("Ms Wang"), by=alice, now=timezone.now())
    sent = CONTACT | {"contact": person.pk, "next_on": tomorrow(), "next_title": "Send the price"}
    answer = desk(alice).post(f"/customers/{ann.pk}/contacts-log/", sent)
    assert answer["Location"] == f"/customers/{ann.pk}/"
    fact = Fact.objects.get(customer=ann, kind="contacted")
    assert fact.actor == alice
    assert fact.data["note"] == "Wants our price by Friday"
    assert fact.data["contact"] == "Ms Wang"
    following = FollowUp.objects.get(customer=ann)
    assert (following.title, following.assignee, following.state) == ("Send the price", alice, "open")


@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [("risk", {}, "done"), ("task", {}, "open"), ("task", {"settles": "on"}, "done")],
)
def test_a_contact_closes_the_suggestion_it_answers_and_a_plan_when_said_so(
    desk: Desk, ann: Customer, alice: User, moment: datetime, kind: str, more: dict[str, str], state: str
) -> None:
    item = ask(
        ann, kind=kind, title="Call", assignee=alice, due_at=moment, source="person", by=None, now=moment
    )
    desk(alice).post(f"/customers/{ann.pk}/contacts-log/?followup={item.pk}", CONTACT | more)
    item.refresh_from_db()
    assert item.state == state


def test_a_followup_that_is_closed_already_does_not_lose_the_contact(
    desk: Desk, ann: Customer, alice: User, sue: User, moment: datetime
) -> None:
    item = ask(
        ann, kind="task", title="Call", assignee=alice, due_at=moment, source="person", by=None, now=moment
    )
    complete(item, by=sue, now=moment)
    desk(alice).post(f"/customers/{ann.pk}/contacts-log/?followup={item.pk}", CONTACT)
    assert Fact.objects.filter(customer=ann, kind="contacted").count() == 1


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("contacts-log/", CONTACT | {"outcome": "enchanted"}),
        ("contacts-log/", CONTACT | {"next_on": "2020-01-01"}),
        ("contacts-log/", CONTACT | {"next_on": "31/31/2026"}),
        ("notes/", {"note": "   "}),
        ("notes/", {"note": "Wants our price by Friday" * 200}),
        (
            "followups/",
            {"kind": "task", "title": "", "due_on": "2030-01-01", "assignee": "0"},
        ),
        ("followups/", {"kind": "task", "title": "Wants our price by Friday", "due_on": "", "assignee": "1"}),
        ("complaints/", {"text": ""}),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    desk: Desk, ann: Customer, alice: User, path: str, sent: dict[str, str]
) -> None:
    facts = Fact.objects.count()
    answer = desk(alice).post(f"/customers/{ann.pk}/{path}", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "form-errors" in page
    assert ("Wants our price by Friday" in page) == ("Wants our price by Friday" in "".join(sent.values()))
    assert Fact.objects.count() == facts


def test_a_note_a_promise_and_a_complaint_are_facts(desk: Desk, ann: Customer, alice: User) -> None:
    client = desk(alice)
    client.post(f"/customers/{ann.pk}/notes/", {"note": "Opens a second shop"})
    sent = {"kind": "promise", "title": "Samples by Monday", "due_on": tomorrow(), "assignee": alice.pk}
    client.post(f"/customers/{ann.pk}/followups/", sent)
    client.post(f"/customers/{ann.pk}/complaints/", {"text": "Two cups broken"})
    kinds = set(Fact.objects.filter(customer=ann).values_list("kind", flat=True))
    assert {"noted", "promised", "complained"} <= kinds
    assert FollowUp.objects.get(customer=ann, kind="promise").title == "Samples by Monday"
    page = page_of(desk, alice, ann)
    assert "Two cups broken" in page
    assert "Samples by Monday" in page


def test_a_complaint_is_open_until_it_is_answered(
    desk: Desk, ann: Customer, alice: User, moment: datetime
) -> None:
    complaint = complain(ann, text="Two cups broken", by=alice, now=moment)
    answer = f"/customers/{ann.pk}/complaints/{complaint.pk}/resolution/"
    assert answer in page_of(desk, alice, ann)
    desk(alice).post(answer, {"text": "Sent new ones"})
    assert Fact.objects.get(customer=ann, kind="resolved").actor == alice
    assert answer not in page_of(desk, alice, ann)


def test_mb01_a_contact_has_sensible_starts_and_needs_only_what_came_of_it(
    desk: Desk, ann: Customer, alice: User
) -> None:
    page = desk(alice).get(f"/customers/{ann.pk}/contacts-log/").content.decode()
    starts = {"channel": "phone", "direction": "out"}
    for name, start in starts.items():
        assert re.search(rf'name="{name}" value="{start}"[^>]*checked', page), name
    assert not re.search(
        r'name="outcome"[^>]*checked', page
    )  # what came of it nobody knows but who was there
    sent = starts | {"channel": "visit", "outcome": "reached"}
    desk(alice).post(f"/customers/{ann.pk}/contacts-log/", sent)
    assert Fact.objects.filter(customer=ann, kind__in=["visited", "contacted"]).count() == 1


def test_pl02_nobody_writes_on_anothers_card(desk: Desk, ann: Customer, charlie: User) -> None:
    facts = Fact.objects.count()
    for path, sent in (("contacts-log/", CONTACT), ("notes/", {"note": "x"}), ("complaints/", {"text": "x"})):
        assert desk(charlie).post(f"/customers/{ann.pk}/{path}", sent).status_code == 404
    assert Fact.objects.count() == facts


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_a_promise_is_asked_for_by_name_and_due_tomorrow_unless_said_otherwise(
    desk: Desk, ann: Customer, alice: User, language: str
) -> None:
    alice.language = language
    alice.save()
    page = desk(alice).get(f"/customers/{ann.pk}/followups/", {"kind": "promise"}).content.decode()
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert f'value="{tomorrow}"' in page
    assert {"en": "New promise", "zh-hans": "承诺什么", "zh-hant": "承諾什麼"}[language] in page


def test_it_asks_why_less_is_bought_only_where_that_is_so(
    desk: Desk, ann: Customer, judge: Judge, alice: User
) -> None:
    asked = f"/customers/{ann.pk}/decline/"
    judge(ann, grade="gold", band="low", risk=5)
    assert asked not in page_of(desk, alice, ann)
    for held in ({"band": "low", "moved": "fell", "grade_before": "gold"}, {"band": "high", "moved": ""}):
        judge(ann, **held)
        assert asked in page_of(desk, alice, ann)


# --- what was written by mistake ---

HTMX = {"HX-Request": "true"}


def way_back(answer: HttpResponse) -> str:
    (toast,) = json.loads(answer.headers["HX-Trigger"])["kit:toasts"]["toasts"]
    return str(toast.get("undo", ""))


@pytest.mark.parametrize(
    ("page", "sent", "said"),
    [
        ("notes", {"note": "Wrong shop"}, "Taken back: Note"),
        ("complaints", {"text": "Wrong shop"}, "Taken back: Complaint"),
        ("followups", {"kind": "promise", "title": "Wrong shop"}, "Taken back: Promise"),
    ],
)
def test_the_toast_and_the_entry_take_back_what_was_written_by_mistake(
    desk: Desk, ann: Customer, alice: User, sue: User, page: str, sent: dict[str, str], said: str
) -> None:
    at = desk(alice)
    if page == "followups":
        sent = {**sent, "due_on": tomorrow(), "assignee": str(alice.pk)}
    undo = way_back(at.post(f"/customers/{ann.pk}/{page}/", sent, headers=HTMX))
    assert undo in page_of(desk, alice, ann).split('id="entries"')[1], "the entry offers it as well"
    assert undo not in page_of(desk, sue, ann), "to whoever wrote it"
    desk(sue).post(undo)
    assert "Taken back" not in page_of(desk, alice, ann)
    back = at.post(undo, headers=HTMX)
    assert "changed:timeline" in back.headers["HX-Trigger"]
    story = page_of(desk, alice, ann).split('id="entries"')[1]
    assert said in story
    assert story.count("Wrong shop") == 2, "both stay to be read"
    assert 'class="withdrawn"' in story
    assert undo not in story
    assert not FollowUp.objects.open().filter(customer=ann, kind__in=("promise", "complaint")).exists()


def test_a_complaint_taken_back_meanwhile_is_not_answered_from_a_dialog_that_was_open(
    desk: Desk, ann: Customer, alice: User
) -> None:
    at = desk(alice)
    undo = way_back(at.post(f"/customers/{ann.pk}/complaints/", {"text": "Wrong shop"}, headers=HTMX))
    slip, matter = Fact.objects.get(kind="complained"), FollowUp.objects.get(kind="complaint")
    at.post(undo, headers=HTMX)
    answer = at.post(f"/customers/{ann.pk}/complaints/{slip.pk}/resolution/", {"text": "Sent anew"})
    assert answer.status_code == 422
    assert "taken back: there is nothing to answer" in answer.content.decode()
    today = at.post(f"/followups/{matter.pk}/completion/", {"note": "Sent anew"}, follow=True)
    assert "closed already" in today.content.decode() or "nothing to answer" in today.content.decode()
    assert not Fact.objects.filter(kind="resolved").exists()
