"""How a routine's times and a run's outcome are told."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from liuke.platform.jobs.rules import REGISTER, ClockTime

TONES = {"waiting": "plain", "running": "info", "done": "ok", "failed": "danger", "cancelled": "plain"}
A_MONDAY = date(2024, 1, 1)


def job_label(name: str) -> str:
    """What people call the job; one of an older release is told by its name."""
    spec = REGISTER.get(name)
    return gettext(spec.label) if spec and spec.label else name


def schedule_text(every: timedelta | ClockTime) -> str:
    if isinstance(every, timedelta):
        return interval_text(every)
    at = f"{every.at:%H:%M}"
    if every.weekday is not None:
        weekday = date_format(A_MONDAY + timedelta(days=every.weekday), "l")
        return gettext("%(weekday)s at %(time)s") % {"weekday": weekday, "time": at}
    if every.day is not None:
        return gettext("day %(day)s of the month at %(time)s") % {"day": every.day, "time": at}
    return gettext("every day at %(time)s") % {"time": at}


def interval_text(every: timedelta) -> str:
    minutes = int(every.total_seconds() // 60)
    if minutes % 60:
        return ngettext("every minute", "every %(n)s minutes", minutes) % {"n": minutes}
    return ngettext("every hour", "every %(n)s hours", minutes // 60) % {"n": minutes // 60}


def duration_text(seconds: float) -> str:
    if seconds < 60:
        return gettext("%(n)s s") % {"n": f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"}
    return gettext("%(minutes)s min %(seconds)s s") % {
        "minutes": int(seconds // 60),
        "seconds": int(seconds % 60),
    }
