"""What changed between two nights: a row and a fact for each change of grade or risk band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.platform.bulk.actions import insert_rows
from liuke.scores.grades.models import GradeChange

if TYPE_CHECKING:
    from liuke.platform.models import User

CHANGE_COLUMNS = ["customer_id", "what", "before", "after", "at", "run_id", "by_id", "reason"]
MEASURES = {"grade": "grade", "band": "risk"}


class Seen(NamedTuple):
    """A customer as one night saw him."""

    grade: str
    band: str
    reasons: list[Any]


def record_changes(
    run_id: int,
    seen: Iterable[tuple[int, Seen]],
    before: Mapping[int, Seen],
    *,
    by: User | None,
    now: datetime,
) -> int:
    """Compares two nights customer by customer, inside the caller's transaction; returns how many changes there were.

    The first judgement of a customer is history, too, but no fact: nothing has changed for him.
    """
    changes, facts = [], []
    for customer_id, (grade, band, reasons) in seen:
        known = customer_id in before
        was = before.get(customer_id, Seen("", "", []))
        for what, was_value, is_value in (("grade", was.grade, grade), ("band", was.band, band)):
            if was_value == is_value:
                continue
            changes.append((customer_id, what, was_value, is_value, now, run_id, by.pk if by else None, ""))
            if known:
                facts.append(
                    NewFact(
                        kind=FactKind.GRADED,
                        customer_id=customer_id,
                        at=now,
                        data={
                            "measure": MEASURES[what],
                            "before": was_value,
                            "after": is_value,
                            "reasons": reasons[:3],
                            "run": run_id,
                        },
                        key=f"scores:{run_id}:{what}:{customer_id}",
                    )
                )
    insert_rows(GradeChange, CHANGE_COLUMNS, changes)
    record_many(facts, now=now)
    return len(changes)
