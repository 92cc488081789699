"""What the ledger tells beside the purchases makes the risk higher, and is told among the reasons (CH02)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import assign, register
from liuke.customers.timeline.actions import complain, log_contact, promise, resolve
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.scores.judging.actions import score
from liuke.scores.models import Score

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def buyers(owner: User, count: int) -> list[Customer]:
    """Alike in everything that they bought."""
    made = [register(by=None, now=NOW - timedelta(days=400), name=f"c{n}", owner=owner) for n in range(count)]
    for place in range(8):
        at = NOW - timedelta(days=20 + 40 * place)
        record_purchases(
            [NewPurchase(one.pk, f"{one.pk}-{place}", at, "CNY", [NewLine(10_000)]) for one in made],
            by=None,
            now=NOW,
        )
    return made


def codes(customer: Customer) -> list[str]:
    return [reason["code"] for reason in Score.objects.current().get(customer=customer).reasons]


def test_ch02_an_unanswered_complaint_and_a_broken_promise_stand_above_a_quiet_customer(alice: User) -> None:
    quiet, angry, answered, promised = buyers(alice, 4)
    complain(angry, text="Broken", by=alice, now=NOW - timedelta(days=15))
    fact = complain(answered, text="Late", by=alice, now=NOW - timedelta(days=15))
    resolve(fact, text="Sent again", by=alice, now=NOW - timedelta(days=14))
    promise(promised, text="A price", due_at=NOW - timedelta(days=6), by=alice, now=NOW - timedelta(days=10))
    score(by=None, now=NOW)
    risk = {
        one.pk: Score.objects.current().get(customer=one).risk for one in (quiet, angry, answered, promised)
    }
    # The complaint counts for itself, and costs the tie that would have been loyal.
    held = Score.objects.current().get(customer=angry)
    assert {"code": "complaint_late", "days": 15, "points": 10} in held.reasons
    assert risk[angry.pk] == risk[quiet.pk] + sum(reason.get("points", 0) for reason in held.reasons)
    assert risk[promised.pk] == min(100, risk[quiet.pk] + 5)
    assert codes(angry)[0] == "complaint_late"
    assert codes(promised)[0] == "promise_late"
    assert not {"complaint_late", "promise_late"} & {*codes(quiet), *codes(answered)}


def test_ch02_points_are_settings_and_each_signal_is_told_with_its_figures(alice: User, bob: User) -> None:
    quiet, moved, alone = buyers(alice, 3)
    assign([moved.pk], owner=bob, by=None, now=NOW - timedelta(days=5))
    log_contact(alone, channel="phone", outcome="reached", by=alice, now=NOW - timedelta(days=700))
    for name, points in (("owner", 7), ("contact", 4)):
        change(f"risk.{name}_points", points, by=None, now=NOW)
    score(by=None, now=NOW)
    held = {one.pk: Score.objects.current().get(customer=one) for one in (quiet, moved, alone)}
    assert held[moved.pk].risk == held[quiet.pk].risk + 7
    assert held[alone.pk].risk == held[quiet.pk].risk + 4
    assert {"code": "owner_changed", "days": 5, "points": 7} in held[moved.pk].reasons
    (told,) = [reason for reason in held[alone.pk].reasons if reason["code"] == "contact_gap"]
    assert (told["days"], told["points"]) == (700, 4)


def test_a_look_back_knows_only_what_had_happened_then(alice: User) -> None:
    (angry, quiet) = buyers(alice, 2)
    complain(angry, text="Broken", by=alice, now=NOW - timedelta(days=3))
    score(by=None, now=NOW, as_of=date(2026, 2, 20))
    assert "complaint_late" not in codes(angry)
    assert (
        Score.objects.current().get(customer=angry).risk == Score.objects.current().get(customer=quiet).risk
    )
