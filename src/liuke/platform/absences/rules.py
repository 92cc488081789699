"""How long somebody may be away, and how an absence stands at a moment. No database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST = timedelta(days=366)


def span(starts_on: date, ends_on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the last of the last, by the company's clock."""
    after = ends_on + timedelta(days=1)
    return datetime.combine(starts_on, time.min, tzinfo=zone), datetime.combine(after, time.min, tzinfo=zone)


def state(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """planned, away, or over: the clock decides, nothing has to be switched."""
    if now >= ends_at or ends_at <= starts_at:  # the latter was called off before it began
        return "over"
    return "away" if starts_at <= now else "planned"
