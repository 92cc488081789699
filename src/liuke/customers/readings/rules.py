"""When reading is too much: the brakes of the moment, and what is unusual for a person or a team. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


# What is counted, in the order of the board. Views are noted here, the rest is the audit's.
KINDS: Mapping[str, str] = {
    "card": gettext_noop("cards opened"),
    "list": gettext_noop("list pages"),
    "search": gettext_noop("searches"),
    "program": gettext_noop("read by a program"),
    "reveal": gettext_noop("hidden numbers shown"),
    "export": gettext_noop("exports and vCards"),
}
PROGRAM = "program"
NOTED = ("card", "list", "search", PROGRAM)
AUDITED: Mapping[str, str] = {
    "customers.reveal": "reveal",
    "customers.reveal_refused": "reveal",
    "customers.export": "export",
    "customers.vcard": "export",
}

WINDOW = timedelta(minutes=10)  # what the brakes look back on
AGAIN = timedelta(seconds=60)  # the same card within a minute is one reading: a page that refreshes itself
APART = timedelta(seconds=3)  # between two pages of whoever is slowed
REASON_LASTS = timedelta(hours=1)


def stage(count: int, *, slow_at: int, ask_at: int, since_last: timedelta | None, has_reason: bool) -> str:
    """Nothing lets it pass, "wait" for a few seconds, "ask" for a reason. A threshold of 0 is none."""
    if ask_at and count >= ask_at and not has_reason:
        return "ask"
    if slow_at and count >= slow_at and since_last is not None and since_last < APART:
        return "wait"
    return ""


# --- against one's own usual and the team's (the board) ---------------------------------------------------------

WEEKS = 12  # that the usual is made of
LEAST_WEEKS = 3  # fewer make no usual
FLOORS: Mapping[str, int] = {"card": 40, "list": 40, "search": 40, "program": 200, "reveal": 5, "export": 2}
FAR = 3.5  # spreads from the usual; by the median, so that one wild week does not make the next one normal
SPREAD = 1.4826  # makes a median deviation comparable to a standard deviation
TIMES_THE_TEAM = 3


@dataclass(frozen=True)
class Judged:
    """This week of one kind: the figure, one's own usual, the colleagues' median, and whether it stands out."""

    count: int
    usual: float | None
    spread: float | None
    team: float | None
    far: bool  # from one's own usual
    above_team: bool

    @property
    def flagged(self) -> bool:
        return self.far or self.above_team


def judge(kind: str, count: int, before: Sequence[int], colleagues: Sequence[int]) -> Judged:
    """`before` are one's own weeks, `colleagues` the others' same week.

    Far is more than FAR spreads above one's median, where a spread is at least a quarter of it, and never below the
    kind's floor: three exports after none stand out, three more cards than usual do not. Without a usual the team is it.
    """
    enough = len(before) >= LEAST_WEEKS
    usual = median(before) if enough else None
    spread = SPREAD * median(abs(one - usual) for one in before) if usual is not None else None
    team = median(colleagues) if len(colleagues) >= LEAST_WEEKS - 1 else None
    least = FLOORS[kind]
    far = (
        usual is not None
        and spread is not None
        and count >= least
        and count > usual + FAR * max(spread, usual / 4, 1)
    )
    above_team = team is not None and count >= least and count > TIMES_THE_TEAM * max(team, 1)
    if usual is not None and count <= usual + max(spread or 0, usual / 4):
        above_team = False  # whoever always reads so much has the work that asks for it
    return Judged(count, usual, spread, team, far, above_team)
