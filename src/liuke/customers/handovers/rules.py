"""Who gets which customer when somebody hands over, and when the first calls are due. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


RULES: Mapping[str, str] = {
    "turn": gettext_noop("in turn, alike in number and value"),
    "area": gettext_noop("by area"),
    "grade": gettext_noop("by value grade"),
    "team": gettext_noop("by team"),
}
MOST_SUCCESSORS = 20


@dataclass(frozen=True)
class Held:
    """A customer that is to be handed over; `keys` tell his group under each rule that has groups."""

    customer_id: int
    weight_minor: int  # value times risk: what is lost if nobody cares for him
    value_minor: int
    keys: Mapping[str, str]


def by_weight(rows: Iterable[Held]) -> list[Held]:
    """What is worth most and most at risk first; of the same weight the more valuable, then the older one."""
    return sorted(rows, key=lambda row: (-row.weight_minor, -row.value_minor, row.customer_id))


def groups(rows: Iterable[Held], rule: str) -> dict[str, list[Held]]:
    """The customers of each group, the heaviest group first."""
    found: dict[str, list[Held]] = {}
    for row in by_weight(rows):
        found.setdefault(row.keys.get(rule, ""), []).append(row)
    heavy = sorted(
        found, key=lambda key: (-sum(row.weight_minor for row in found[key]), -len(found[key]), key)
    )
    return {key: found[key] for key in heavy}


def deal(rows: Iterable[Held], successors: Sequence[int]) -> dict[int, int]:
    """In rounds: everybody gets one, and who has the least so far gets the heaviest of the round. So no two differ by

    more than one in number, and by little in weight.
    """
    if not successors:
        return {}
    ordered, given = by_weight(rows), {}
    weights = dict.fromkeys(successors, 0)
    for start in range(0, len(ordered), len(successors)):
        turn = sorted(successors, key=lambda who: (weights[who], successors.index(who)))
        for row, who in zip(ordered[start : start + len(successors)], turn, strict=False):
            given[row.customer_id] = who
            weights[who] += row.weight_minor
    return given


def proposal(rows: Iterable[Held], rule: str, successors: Sequence[int]) -> dict[str, int]:
    """A successor for each group: whole groups, the heaviest first, to whoever has the fewest customers so far."""
    counts = dict.fromkeys(successors, 0)
    given = {}
    for key, held in groups(rows, rule).items():
        if not successors:
            break
        who = min(successors, key=lambda one: (counts[one], successors.index(one)))
        given[key] = who
        counts[who] += len(held)
    return given


def divide(
    rows: Sequence[Held],
    rule: str,
    successors: Sequence[int],
    *,
    of_groups: Mapping[str, int] | None = None,
    by_hand: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """customer -> successor: by the rule, else by what was chosen for his group, else by hand; the last word wins."""
    hand = {pk: who for pk, who in (by_hand or {}).items() if who in successors}
    if rule == "turn":
        given = deal([row for row in rows if row.customer_id not in hand], successors)
    else:
        chosen = proposal(rows, rule, successors) | {
            key: who for key, who in (of_groups or {}).items() if who in successors
        }
        given = {row.customer_id: chosen[row.keys.get(rule, "")] for row in rows if chosen}
    known = {row.customer_id for row in rows}
    return given | {pk: who for pk, who in hand.items() if pk in known}


def call_day(place: int, *, first: date, a_day: int) -> date:
    """The working day of the call to the customer at `place` (from 0) of a successor's list."""
    day = first
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    for _step in range(place // a_day):
        day += timedelta(days=1)
        while day.isoweekday() > 5:
            day += timedelta(days=1)
    return day
