"""The figures of the board: what everybody read this week and in the weeks before, in two statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone

from liuke.customers.models import Reading, ReadingDay
from liuke.customers.readings.rules import AUDITED, KINDS, WEEKS, Judged, judge
from liuke.platform.models import AuditEntry
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from liuke.platform.models import User

REPORT = timedelta(days=90)
WEEK = 7


@dataclass(frozen=True)
class Line:
    person: User
    kinds: Mapping[str, Judged]

    @property
    def flags(self) -> int:
        return sum(one.flagged for one in self.kinds.values())


def lines(people: list[User], *, now: datetime) -> list[Line]:
    """The last seven days of each against the twelve weeks before; who stands out most comes first."""
    counts = _weeks([one.pk for one in people], now=now)
    first = _first_weeks(people, now=now)
    found = []
    for person in people:
        kinds = {}
        for kind in KINDS:
            before = [counts[person.pk, week, kind] for week in range(1, min(WEEKS, first[person.pk]) + 1)]
            others = [counts[one.pk, 0, kind] for one in people if one.pk != person.pk and one.is_active]
            kinds[kind] = judge(kind, counts[person.pk, 0, kind], before, others)
        found.append(Line(person, kinds))
    return sorted(found, key=lambda line: (-line.flags, -line.kinds["card"].count, line.person.name))


def _first_weeks(people: list[User], *, now: datetime) -> dict[int, int]:
    """How many whole weeks somebody has been here: those before he came are no usual."""
    return {one.pk: max(0, (now - one.created_at).days // WEEK - 1) for one in people}


def _weeks(ids: list[int], *, now: datetime) -> Counter[tuple[int, int, str]]:
    """(person, weeks ago, kind) -> how many; the last seven days are week 0."""
    zone = ZoneInfo(get("company.zone"))
    today = timezone.localdate(now, zone)
    since = today - timedelta(days=WEEK * (WEEKS + 1) - 1)
    found: Counter[tuple[int, int, str]] = Counter()
    days = ReadingDay.objects.filter(user__in=ids, on__gte=since, on__lte=today)
    for user, on, what, n in days.values_list("user_id", "on", "what", "count"):
        found[user, (today - on).days // WEEK, what] += n
    start = datetime.combine(since, time.min, tzinfo=zone)
    audited = AuditEntry.objects.filter(
        action__in=AUDITED, at__gte=start, at__lte=now, actor__in=ids
    ).order_by()
    for user, action, at in audited.values_list("actor_id", "action", "at"):
        found[user, (today - timezone.localdate(at, zone)).days // WEEK, AUDITED[action]] += 1
    return found


def by_day(person: User, *, now: datetime) -> list[tuple[date, dict[str, int]]]:
    """The last ninety days, newest first: how much of what on each day on which there was any."""
    zone = ZoneInfo(get("company.zone"))
    days: dict[date, dict[str, int]] = defaultdict(dict)
    rows = ReadingDay.objects.filter(user=person, on__gt=timezone.localdate(now - REPORT, zone))
    for on, what, n in rows.values_list("on", "what", "count"):
        days[on][what] = n
    for action, at in audited(person, now=now).values_list("action", "at"):
        kind, on = AUDITED[action], timezone.localdate(at, zone)
        days[on][kind] = days[on].get(kind, 0) + 1
    return sorted(days.items(), reverse=True)


def audited(person: User, *, now: datetime) -> QuerySet[AuditEntry]:
    """His exports, vCards and reveals of the last ninety days."""
    return AuditEntry.objects.filter(actor=person, action__in=AUDITED, at__gt=now - REPORT).order_by("-id")


def opened(person: User, *, by: User, now: datetime) -> QuerySet[Reading]:
    """The cards that he opened in the last ninety days, newest first, as far as `by` sees his colleagues' doings."""
    rows = Reading.objects.for_user(by).filter(user=person, at__gt=now - REPORT, customer__isnull=False)
    return rows.select_related("customer").order_by("-at", "-id")
