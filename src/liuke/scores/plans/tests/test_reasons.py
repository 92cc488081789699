from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liuke.customers.followups.actions import complete
from liuke.customers.models import FollowUp
from liuke.customers.records.rules import Unfit
from liuke.customers.standings.actions import decide
from liuke.platform.models import User
from liuke.scores.models import Score
from liuke.scores.overview.actions import declines
from liuke.scores.plans.actions import QUIET_DAYS, ask_for_reasons

from .test_plans import judged

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def fallen(by: User, name: str, before: str = "gold") -> Score:
    made = judged(by, name, "iron", value=1000)
    Score.objects.filter(customer=made).update(grade_before=before, moved="fell")
    return Score.objects.get(customer=made)


def test_cl16_whoever_has_fallen_is_asked_about_and_the_reason_is_needed(alice: User) -> None:
    score = fallen(alice, "Fallen")
    fallen(alice, "Never was valuable", before="iron")
    judged(alice, "Steady", "gold")
    assert ask_for_reasons(now=NOW) == 1
    matter = FollowUp.objects.open().get()
    assert (matter.customer, matter.assignee) == (score.customer, alice)
    with pytest.raises(Unfit, match="why this customer buys less"):
        complete(matter, by=alice, now=NOW)
    assert FollowUp.objects.open().exists()
    decide(score.customer, "decline", "price", by=alice, now=NOW + DAY)
    assert not FollowUp.objects.open().exists()  # saying it settles it
    assert ask_for_reasons(now=NOW + 2 * DAY) == 0
    assert ask_for_reasons(now=NOW + (QUIET_DAYS + 2) * DAY) == 1  # fallen again, or still


def test_cl16_an_old_reason_does_not_do_for_a_new_fall(alice: User) -> None:
    score = fallen(alice, "Fallen")
    decide(score.customer, "decline", "price", by=alice, now=NOW - 200 * DAY)
    ask_for_reasons(now=NOW)
    with pytest.raises(Unfit):
        complete(FollowUp.objects.open().get(), by=alice, now=NOW)
    decide(score.customer, "decline", "price", by=alice, now=NOW)  # it is still the same
    assert not FollowUp.objects.open().exists()


def test_cl16_something_else_takes_words(alice: User) -> None:
    score = fallen(alice, "Fallen")
    with pytest.raises(Unfit):
        decide(score.customer, "decline", "other", by=alice, now=NOW)
    decide(score.customer, "decline", "other", reason="they bake themselves now", by=alice, now=NOW)


def test_cl16_the_report_has_the_most_frequent_first_and_sums_to_all(
    alice: User, charlie: User, olga: User
) -> None:
    for name, why in (("a", "price"), ("b", "price"), ("c", "service"), ("d", "price"), ("e", "closing")):
        decide(fallen(alice, name).customer, "decline", why, by=alice, now=NOW)
    decide(fallen(charlie, "f").customer, "decline", "service", by=charlie, now=NOW)
    told = [(one.reason, one.customers, one.sales_minor, round(one.share, 2)) for one in declines(olga)]
    assert told == [("price", 3, 3000, 0.5), ("service", 2, 2000, 0.83), ("closing", 1, 1000, 1.0)]
    assert [(one.reason, one.customers) for one in declines(charlie)] == [("service", 1)]
