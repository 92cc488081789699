"""How the invented people work on their lists: what was agreed is done on its day, of what Liuke proposes a part."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np

from liuke.customers.followups.actions import dismiss, postpone
from liuke.customers.models import Customer, FollowUp
from liuke.customers.timeline.actions import log_contact
from liuke.demo import words
from liuke.demo.events import EVENING, ZONE, in_days
from liuke.platform.models import User

WORKED_DAYS = 95  # before the end: as far back as the pages count what was done in time
FIRST_CALL = time(8, 30)  # what Liuke asked for in the night is not done in it
ON_ITS_DAY, LATELY = 0.88, 0.6  # of what is agreed for a day; the last days leave something for Today
BY_NO_CALL = ("accounts.plan", "accounts.review", "standings.decline", "customers.card", "keeping.review")


def say(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(0, len(options)))].format(n=int(rng.integers(2, 30)))


def channel_to(customer: Customer, rng: np.random.Generator) -> str:
    """Abroad one writes; at home one calls."""
    if customer.country != "CN":
        return str(rng.choice(["email", "phone", "meeting"], p=[0.78, 0.16, 0.06]))
    return str(rng.choice(["phone", "wechat", "visit"], p=[0.57, 0.34, 0.09]))


class Lists:
    def __init__(self, *, until: datetime, rng: np.random.Generator) -> None:
        self.until, self.rng = until, rng

    def keep_agreed(self, on: date) -> None:
        """What is due on that day, or was before, is done: most in time; who does not answer is called again tomorrow."""
        end = self.until.astimezone(ZONE).date()
        if not end - timedelta(days=WORKED_DAYS) <= on < end:
            return
        opening, evening = (datetime.combine(on, at, tzinfo=ZONE) for at in (FIRST_CALL, EVENING))
        rows = FollowUp.objects.open().filter(kind="task", due_at__lte=evening, assignee__is_active=True)
        rows = rows.filter(assignee__role__code__in=("salesperson", "service")).exclude(source__in=BY_NO_CALL)
        share = LATELY if on >= end - timedelta(days=2) else ON_ITS_DAY
        for todo in rows.select_related("customer", "assignee__role").order_by("due_at", "pk"):
            if self.rng.random() < share:
                before = timedelta(minutes=int(self.rng.integers(5, 120)))
                is_today = todo.due_at.astimezone(ZONE).date() == on
                at = max((todo.due_at if is_today else evening) - before, opening)
                self._talk(todo, max(at, todo.created_at), ("reached", "reached", "will_order", "no_answer"))

    def work(self, staff: list[User], at: datetime, *, everything: bool = False) -> None:
        """Some rows are done, a few put off or dismissed, the rest waits."""
        sellers = [user for user in staff if user.is_active and user.role.code == "salesperson"]
        for user in sellers:
            rows = FollowUp.objects.open().filter(assignee=user, due_at__lte=at, created_at__lte=at)
            rows = rows.exclude(kind="complaint")  # the service desk answers these
            some = list(rows.select_related("customer", "assignee").order_by("-rank", "id"))
            for todo in some[: 10 if everything else 2]:
                todo.refresh_from_db(fields=["state"])
                if todo.state != "open" or todo.source in BY_NO_CALL:
                    continue  # settled with the one before: a talk about a promise closes the contact gap as well
                later = timedelta(minutes=int(self.rng.integers(0, 240)) if everything else 0)
                self._work_on(todo, user, min(at + later, self.until))

    def _work_on(self, todo: FollowUp, user: User, now: datetime) -> None:
        luck = self.rng.random()
        if luck < 0.72:
            self._talk(todo, now, ("reached", "reached", "will_order"))
        elif luck < 0.88:
            later = in_days(now, int(self.rng.integers(2, 9)))
            postpone(todo, until=later, reason="没联系上", by=user, now=now)
        else:
            dismiss(todo, reason="季节性客户，正常", by=user, now=now)

    def _talk(self, todo: FollowUp, now: datetime, outcomes: tuple[str, ...]) -> None:
        outcome, channel = (
            outcomes[int(self.rng.integers(len(outcomes)))],
            channel_to(todo.customer, self.rng),
        )
        log_contact(
            todo.customer,
            channel=channel,
            outcome=outcome,
            note=say(self.rng, words.notes(outcome, channel)),
            followup=todo,
            by=todo.assignee,
            now=now,
        )
