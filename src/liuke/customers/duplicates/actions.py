"""Pairs of customers who may be one: found over the whole base, proposed, decided about, and never proposed twice."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from liuke.customers.alike.actions import Likeness, base, likenesses
from liuke.customers.alike.rules import digest, point_key, traits
from liuke.customers.duplicates.models import DuplicatePair
from liuke.customers.records.models import ContactPoint, Customer
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import insert_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.models import Job

if TYPE_CHECKING:
    from liuke.platform.models import User

MOST_KEPT: Final = 20_000  # proposals, the likeliest: nobody looks through more
AT_ONCE: Final = 500
COLUMNS: Final = ["first_id", "second_id", "score", "reasons", "digest", "state", "found_at"]
Guard = Callable[[int], None]


def find(
    *, now: datetime, guard: Guard = lambda done: None, progress: Any = lambda done, what: None
) -> dict[str, int]:
    """Looks through everybody and brings the proposals up to date: new ones, such as are no more, and such as somebody
    has decided about and that have changed since."""
    with tempfile.TemporaryDirectory(prefix="liuke-duplicates-") as folder:
        found = list(likenesses(*base(), folder=Path(folder), progress=progress))
    found.sort(key=lambda one: (-one.score, one.first, one.second))
    kept = found[:MOST_KEPT]
    there = {
        (first, second): (pk, state, held)
        for pk, first, second, state, held in DuplicatePair.objects.values_list(
            "pk", "first_id", "second_id", "state", "digest"
        )
    }
    counts = {"found": len(found), "new": 0, "again": 0, "gone": 0}
    for number, piece in enumerate(pieces(kept, AT_ONCE)):
        with transaction.atomic():
            _bring_up_to_date(piece, there, counts, now=now)
            guard(number * AT_ONCE)
    still = {(one.first, one.second) for one in kept}
    gone = [pk for pair, (pk, state, _held) in there.items() if state == "open" and pair not in still]
    for some in pieces(gone, AT_ONCE):
        counts["gone"] += DuplicatePair.objects.open().filter(pk__in=list(some)).delete()[0]
    return counts


def _bring_up_to_date(
    found: Sequence[Likeness],
    there: dict[tuple[int, int], tuple[int, str, str]],
    counts: dict[str, int],
    *,
    now: datetime,
) -> None:
    ids = {pk for one in found for pk in (one.first, one.second)}
    seen = _seen(ids)
    fresh, changed = [], []
    for one in found:
        if one.first not in seen or one.second not in seen:
            continue  # merged or removed since the look
        stamp = digest(seen[one.first], seen[one.second])
        held = there.get((one.first, one.second))
        if held is None:
            fresh.append((one.first, one.second, one.score, one.reasons, stamp, "open", now))
        elif held[2] != stamp:
            counts["again"] += held[1] == "different"
            changed.append((held[0], one, stamp))
    insert_rows(DuplicatePair, COLUMNS, fresh, on_conflict="ON CONFLICT (first_id, second_id) DO NOTHING")
    counts["new"] += len(fresh)
    for pk, one, stamp in changed:
        DuplicatePair.objects.filter(pk=pk).update(
            score=one.score, reasons=one.reasons, digest=stamp, state="open", decided_by=None, decided_at=None
        )


def _seen(ids: Iterable[int]) -> dict[int, str]:
    """Customer -> all of him that is compared, as one text."""
    chosen = sorted(ids)
    held: dict[int, list[str]] = {}
    for some in pieces(chosen, AT_ONCE):
        rows = Customer.objects.filter(pk__in=some).values_list("pk", "name", "kind", "city", "address")
        for pk, name, kind, city, address in rows:
            one = traits(name, kind=kind, city=city, address=address)
            held[pk] = [one.core, one.sound, str(one.is_firm), one.city, one.address, one.figures]
        ways = ContactPoint.objects.filter(customer__in=some).order_by("kind", "normal")
        for pk, kind, normal in ways.values_list("customer_id", "kind", "normal"):
            if pk in held and point_key(kind, normal):
                held[pk].append(normal)
    return {pk: "|".join(parts) for pk, parts in held.items()}


def last_look() -> datetime | None:
    """When the whole base was last looked through."""
    done = Job.objects.filter(name="duplicates.find", state="done").order_by("-finished_at")
    return done.values_list("finished_at", flat=True).first()


@transaction.atomic
def keep_apart(pair: DuplicatePair, *, by: User, now: datetime) -> DuplicatePair:
    """Somebody says that they are not the same; they are not proposed again unless one of them changes."""
    return _decide(pair, "open", "different", by=by, now=now)


@transaction.atomic
def propose_again(pair: DuplicatePair, *, by: User, now: datetime) -> DuplicatePair:
    """Takes `keep_apart` back."""
    return _decide(pair, "different", "open", by=by, now=now)


def _decide(pair: DuplicatePair, before: str, after: str, *, by: User, now: datetime) -> DuplicatePair:
    permit(by, Right.MERGE_CUSTOMERS)
    held = DuplicatePair.objects.writable_by(by).select_for_update(of=("self",)).get(pk=pair.pk)
    if held.state != before:
        return held  # pressed twice
    held.state = after
    held.decided_by, held.decided_at = (by, now) if after == "different" else (None, None)
    held.save(update_fields=["state", "decided_by", "decided_at"])
    numbers = [held.first.number, held.second.number]
    audit.record(
        "customers.keep_apart",
        by=by,
        now=now,
        subject=held.first,
        changes={"different": [numbers, None] if after == "open" else [None, numbers]},
    )
    return held
