"""Key accounts: who works on one, and when its plan is looked at again. No database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from liuke.customers.records.rules import gettext_noop

ROLES: Mapping[str, str] = {
    "lead": gettext_noop("account manager"),
    "sales": gettext_noop("sales on the account"),
    "service": gettext_noop("service on the account"),
    "technical": gettext_noop("technical adviser"),
    "finance": gettext_noop("finance on the account"),
    "sponsor": gettext_noop("sponsor in the management"),
}
PLAN_LIMIT = 2000
REVIEW_DAYS = (30, 60, 90, 180, 365)
STANDARD_REVIEW_DAYS = 90
MOST_MEMBERS = 20


def next_review(on: date, review_days: int) -> date:
    """On a working day: nobody reviews a plan on a Sunday."""
    day = on + timedelta(days=review_days)
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= 5 else day
