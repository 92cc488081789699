from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from liuke.customers.facts.models import Fact
from liuke.customers.followups.actions import (
    ask,
    complete,
    dismiss,
    mark_seen,
    postpone,
    reassign,
    step_to_take_back,
    take_back,
)
from liuke.customers.followups.models import FollowUp, FollowUpChange
from liuke.customers.followups.rules import TAKEN_BACK_WITHIN, Closed, TooLate
from liuke.customers.records.actions import assign
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import User

Task = Callable[..., FollowUp]


def fact_of(followup: FollowUp) -> Fact:
    return Fact.objects.get(kind="followed_up", subject_id=followup.pk)


def test_pl11_the_assigner_is_told_when_it_is_done(task: Task, alice: User, sue: User, now: datetime) -> None:
    given = task(title="call back")
    done = complete(given, by=alice, now=now, note="will order in May")
    done.refresh_from_db()
    assert (done.state, done.closed_at) == ("done", now)
    (news,) = FollowUpChange.objects.unseen_by(sue)
    assert (news.what, news.by, news.reason, news.followup) == ("done", alice, "will order in May", done)
    assert mark_seen(sue, upto=news.pk, now=now) == 1
    assert not FollowUpChange.objects.unseen_by(sue).exists()
    fact = fact_of(given)
    assert (fact.customer, fact.actor) == (given.customer, alice)
    assert fact.data == {
        "followup_id": given.pk,
        "what": "done",
        "kind": "task",
        "title": "call back",
        "reason": "will order in May",
    }


def test_nobody_is_told_of_his_own(task: Task, alice: User, now: datetime) -> None:
    complete(task(by=alice), by=alice, now=now)
    assert not FollowUpChange.objects.exclude(tells=None).exists()


def test_a_step_after_the_one_that_was_read_stays_new(
    task: Task, alice: User, sue: User, now: datetime
) -> None:
    first, second = task(), task()
    complete(first, by=alice, now=now)
    seen = FollowUpChange.objects.unseen_by(sue)[0].pk
    complete(second, by=alice, now=now)
    mark_seen(sue, upto=seen, now=now)
    assert [step.followup for step in FollowUpChange.objects.unseen_by(sue)] == [second]


def test_who_comes_second_is_told_who_was_first(task: Task, alice: User, sue: User, now: datetime) -> None:
    given = task()
    dismiss(given, reason="closed down", by=sue, now=now)
    for late in (
        lambda: complete(given, by=alice, now=now),
        lambda: dismiss(given, reason="x", by=alice, now=now),
        lambda: postpone(given, until=now + timedelta(days=1), reason="x", by=alice, now=now),
    ):
        with pytest.raises(Closed) as caught:
            late()
        assert (caught.value.state, caught.value.by, caught.value.at) == ("dismissed", "Sue", now)
    assert given.changes.count() == 2
    assert Fact.objects.filter(kind="followed_up").count() == 1


def test_pl11_postponed_with_a_reason(task: Task, alice: User, now: datetime) -> None:
    given = task()
    until = now + timedelta(days=7)
    held = postpone(given, until=until, reason="on holiday", by=alice, now=now)
    held.refresh_from_db()
    assert (held.due_at, held.postponed_count, held.state) == (until, 1, "open")
    assert held.rank < given.rank
    step = held.changes.get(what="postponed")
    assert (step.reason, step.before, step.after) == (
        "on holiday",
        {"due_at": now.isoformat()},
        {"due_at": until.isoformat()},
    )
    assert fact_of(given).data["until"] == until.isoformat()


@pytest.mark.parametrize(("days", "reason"), [(0, "x"), (-1, "x"), (367, "x"), (3, " ")])
def test_postponed_into_the_coming_year_and_with_a_reason(
    task: Task, alice: User, now: datetime, days: int, reason: str
) -> None:
    with pytest.raises(Unfit):
        postpone(task(), until=now + timedelta(days=days), reason=reason, by=alice, now=now)


def test_dismissed_with_a_reason(task: Task, alice: User, now: datetime) -> None:
    with pytest.raises(Unfit):
        dismiss(task(), reason="", by=alice, now=now)
    assert dismiss(task(), reason="closed down", by=alice, now=now).state == "dismissed"


def test_passed_on_within_the_team_to_somebody_who_works_with_customers(
    task: Task, alice: User, bob: User, charlie: User, sue: User, anna: User, now: datetime
) -> None:
    given = task()
    with pytest.raises(Denied):
        reassign(given, to=bob, by=alice, now=now)
    with pytest.raises(Unfit, match="not in your team"):
        reassign(given, to=charlie, by=sue, now=now)
    anna.team = sue.team
    anna.save()
    with pytest.raises(Unfit, match="does not work with customers"):
        reassign(given, to=anna, by=sue, now=now)
    held = reassign(given, to=sue, by=sue, now=now, reason="takes it herself")
    held.refresh_from_db()
    assert held.assignee == sue
    step = held.changes.get(what="reassigned")
    assert (step.before["assignee"], step.after["assignee"], step.tells) == ("Alice", "Sue", None)
    assert fact_of(given).data["to"] == "Sue"
    back = reassign(given, to=alice, by=sue, now=now)
    assert back.changes.filter(what="reassigned", tells=alice).count() == 1


def test_pl02_out_of_reach_does_not_exist(task: Task, bob: User, charlie: User, now: datetime) -> None:
    given = task()
    for user in (bob, charlie):
        with pytest.raises(FollowUp.DoesNotExist):
            complete(given, by=user, now=now)
    bobs = FollowUp.objects.filter(pk=given.pk)
    bobs.update(assignee=bob)
    assert complete(given, by=bob, now=now).state == "done"  # it is his, whoever owns the customer


def test_assigning_the_customer_takes_his_open_matters_along(
    task: Task, alice: User, bob: User, sue: User, now: datetime
) -> None:
    mine, nobodys, third, closed = task(), task(assignee=None), task(assignee=sue), task()
    complete(closed, by=alice, now=now)
    assign([mine.customer_id], owner=bob, by=sue, now=now)
    owners = dict(FollowUp.objects.values_list("pk", "assignee__username"))
    assert owners == {mine.pk: "bob", nobodys.pk: "bob", third.pk: "sue", closed.pk: "alice"}
    step = mine.changes.get(what="reassigned")
    assert (step.by, step.reason, step.after["assignee"]) == (sue, "owner_changed", "Bob")


def test_lists_show_what_is_mine_and_what_my_people_have(
    task: Task, alice: User, bob: User, charlie: User, sue: User, olga: User
) -> None:
    given = task()
    FollowUp.objects.filter(pk=given.pk).update(assignee=bob)
    seen = [u.username for u in (alice, bob, charlie, sue, olga) if FollowUp.objects.for_user(u).exists()]
    assert seen == ["alice", "bob", "sue", "olga"]
    bob.is_active = False
    assert not FollowUp.objects.for_user(bob).exists()
    assert not FollowUp.objects.workable_by(bob).exists()


def test_pl11_overdue_is_open_and_past_its_time(task: Task, alice: User, now: datetime) -> None:
    late, on_time = task(due_at=now - timedelta(hours=1)), task(due_at=now + timedelta(hours=1))
    assert (late.is_overdue(now), on_time.is_overdue(now)) == (True, False)
    assert list(FollowUp.objects.due(now)) == [late]
    assert not complete(late, by=alice, now=now).is_overdue(now)


# --- taken back ---


def last_step(followup: FollowUp) -> FollowUpChange:
    return followup.changes.latest("id")


@pytest.mark.parametrize("what", ["done", "dismissed", "postponed", "reassigned"])
def test_a_slip_is_taken_back_and_everything_is_as_before(
    task: Task, alice: User, sue: User, now: datetime, what: str
) -> None:
    held = task(by=sue, assignee=sue)
    before = FollowUp.objects.filter(pk=held.pk).values().get()
    match what:
        case "done":
            complete(held, by=sue, now=now)
        case "dismissed":
            dismiss(held, reason="seasonal", by=sue, now=now)
        case "postponed":
            postpone(held, until=now + timedelta(days=7), reason="ill", by=sue, now=now)
        case _:
            reassign(held, to=alice, by=sue, now=now)
    later = now + timedelta(minutes=1)
    take_back(last_step(held), by=sue, now=later)
    assert FollowUp.objects.filter(pk=held.pk).values().get() == before
    assert [step.what for step in held.changes.all()] == ["created", what, "taken_back"]
    assert [fact.data["what"] for fact in Fact.objects.filter(kind="followed_up").order_by("id")] == [
        what,
        "taken_back",
    ]
    assert not FollowUpChange.objects.unseen_by(alice).exists()  # told of nothing that did not last


def test_only_the_last_step_ones_own_and_a_fresh_one(
    task: Task, alice: User, sue: User, now: datetime
) -> None:
    held = task()
    postpone(held, until=now + timedelta(days=7), reason="ill", by=alice, now=now)
    first = last_step(held)
    with pytest.raises(TooLate):
        take_back(first, by=sue, now=now)
    with pytest.raises(TooLate):
        take_back(first, by=alice, now=now + TAKEN_BACK_WITHIN + timedelta(seconds=1))
    postpone(held, until=now + timedelta(days=9), reason="still ill", by=alice, now=now)
    with pytest.raises(TooLate):
        take_back(first, by=alice, now=now)
    take_back(last_step(held), by=alice, now=now)
    assert step_to_take_back(held, by=alice, now=now) is None
    with pytest.raises(TooLate):
        take_back(last_step(held), by=alice, now=now)


def test_what_the_night_has_asked_for_anew_stays_closed(task: Task, alice: User, now: datetime) -> None:
    held = task(by=None, key="risk:1", kind="risk")
    complete(held, by=alice, now=now)
    done = last_step(held)
    again = ask(
        held.customer, kind="risk", assignee=alice, due_at=now, source="scores.risk", key="risk:1",
        rest_days=0, by=None, now=now,
    )  # fmt: skip
    assert again.pk != held.pk
    with pytest.raises(TooLate):
        take_back(done, by=alice, now=now)
    held.refresh_from_db()
    assert held.state == "done"


def test_it_does_not_go_back_to_somebody_who_has_left(
    task: Task, alice: User, sue: User, now: datetime
) -> None:
    held = task()
    reassign(held, to=sue, by=sue, now=now)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(TooLate):
        take_back(last_step(held), by=sue, now=now)


def test_a_promise_kept_again_after_a_slip_is_told_again(task: Task, alice: User, now: datetime) -> None:
    held = task(kind="promise", title="send it")
    complete(held, by=alice, now=now)
    take_back(last_step(held), by=alice, now=now)
    complete(held, by=alice, now=now)
    assert Fact.objects.filter(kind="promise_kept").count() == 2
