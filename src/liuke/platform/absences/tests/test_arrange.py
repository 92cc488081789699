"""Who may be away, and who may stand in for him (DB14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from liuke.platform.absences.actions import arrange, end, end_all
from liuke.platform.absences.rules import span
from liuke.platform.access.rules import Denied
from liuke.platform.models import Absence, AuditEntry, User
from liuke.platform.users.actions import deactivate


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


FIRST, LAST = date(2026, 3, 10), date(2026, 3, 12)


def test_days_begin_and_end_by_the_companys_clock() -> None:
    starts_at, ends_at = span(FIRST, LAST, ZoneInfo("Asia/Shanghai"))
    assert starts_at == datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert ends_at == datetime(2026, 3, 12, 16, tzinfo=UTC)


def test_db14_a_stand_in_acts_from_the_first_moment_to_the_last(
    alice: User, bob: User, sue: User, now: datetime
) -> None:
    absence = arrange(alice, delegate=bob, starts_on=FIRST, ends_on=LAST, by=sue, now=now)
    bob.refresh_from_db()
    moment = timedelta(microseconds=1)
    assert bob.acts_for(absence.starts_at - moment) == [bob.pk]
    assert bob.acts_for(absence.starts_at) == [bob.pk, alice.pk]
    assert bob.acts_for(absence.ends_at - moment) == [bob.pk, alice.pk]
    assert bob.acts_for(absence.ends_at) == [bob.pk]
    assert AuditEntry.objects.get(action="absences.arrange").changes["delegate"] == [None, "Bob"]


def test_db14_back_early_it_is_over_at_once(alice: User, bob: User, sue: User, now: datetime) -> None:
    absence = arrange(alice, delegate=bob, starts_on=now.date(), ends_on=LAST, by=sue, now=now)
    for _twice in range(2):
        end(absence, by=sue, now=now)
    bob.refresh_from_db()
    assert bob.standing_in == []
    assert AuditEntry.objects.filter(action="absences.end").count() == 1


def test_a_stand_in_is_not_away_himself(alice: User, bob: User, sue: User, now: datetime) -> None:
    arrange(alice, delegate=bob, starts_on=FIRST, ends_on=LAST, by=sue, now=now)
    with pytest.raises(ValidationError, match="away then too"):
        arrange(sue, delegate=alice, starts_on=LAST, ends_on=LAST, by=sue, now=now)
    with pytest.raises(ValidationError, match="stands in for Alice"):
        arrange(bob, delegate=sue, starts_on=LAST, ends_on=LAST, by=sue, now=now)
    with pytest.raises(ValidationError, match="away until"):
        arrange(alice, delegate=sue, starts_on=LAST, ends_on=LAST, by=sue, now=now)
    day_after = LAST + timedelta(days=1)
    arrange(bob, delegate=alice, starts_on=day_after, ends_on=day_after, by=sue, now=now)
    assert Absence.objects.count() == 2


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "said"),
    [
        (LAST, FIRST, "before the first"),
        (date(2026, 2, 1), date(2026, 2, 3), "over"),
        (FIRST, date(2027, 6, 1), "for good"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    alice: User, bob: User, sue: User, now: datetime, starts_on: date, ends_on: date, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        arrange(alice, delegate=bob, starts_on=starts_on, ends_on=ends_on, by=sue, now=now)
    assert not Absence.objects.exists()


def test_only_within_ones_own_team_and_with_the_right(
    alice: User, bob: User, charlie: User, sue: User, anna: User, olga: User, now: datetime
) -> None:
    days = {"starts_on": FIRST, "ends_on": LAST, "now": now}
    with pytest.raises(Denied):
        arrange(bob, delegate=alice, by=alice, **days)
    with pytest.raises(ValidationError, match="not in your team"):
        arrange(charlie, delegate=alice, by=sue, **days)
    with pytest.raises(ValidationError, match="does not work with customers"):
        arrange(alice, delegate=anna, by=olga, **days)
    with pytest.raises(ValidationError, match="for themselves"):
        arrange(alice, delegate=alice, by=olga, **days)
    absence = arrange(charlie, delegate=alice, by=olga, **days)
    with pytest.raises(Absence.DoesNotExist):
        end(absence, by=sue, now=now)


def test_whoever_leaves_stands_in_for_nobody(
    alice: User, bob: User, sue: User, olga: User, now: datetime
) -> None:
    arrange(alice, delegate=bob, starts_on=FIRST, ends_on=LAST, by=sue, now=now)
    assert end_all(bob, by=olga, now=now) == 1
    bob.refresh_from_db()
    assert bob.standing_in == []
    deactivate(bob, by=olga, now=now)
    with pytest.raises(ValidationError, match="no longer"):
        arrange(alice, delegate=bob, starts_on=FIRST, ends_on=LAST, by=sue, now=now)
