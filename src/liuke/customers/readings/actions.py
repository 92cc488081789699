"""Who reads how much. A page costs no statement for it: readings wait in the process and are written together.

What is lost when a process is killed are the last two seconds of its readings; nothing that anybody relies on to act.
Each process knows what all have written since its last writing, and its own since then.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from liuke.customers.readings.models import Reading, ReadingDay
from liuke.customers.readings.rules import AGAIN, PROGRAM, REASON_LASTS, WINDOW, stage
from liuke.customers.records.models import Customer
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.bulk.actions import insert_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get
from liuke.platform.users.models import User as Colleague

if TYPE_CHECKING:
    from liuke.platform.models import User

log = logging.getLogger(__name__)

WRITE_EVERY_SECONDS: Final = 2.0
MOST_WAITING: Final = 10_000  # should the database be away for long, the oldest are let go
Row = tuple[int, str, int | None, datetime]  # user, what, customer, at


@dataclass
class Memory:
    """What this process knows of its readers."""

    waiting: deque[Row] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    written: dict[int, int] = field(
        default_factory=dict
    )  # user -> readings within the window, of all processes
    last: dict[int, datetime] = field(default_factory=dict)
    cards: dict[tuple[int, int], datetime] = field(default_factory=dict)
    alerted: dict[int, datetime] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    in_background: bool = False  # in a web worker; elsewhere somebody calls `write`
    writer: threading.Thread | None = None


_memory = Memory()


def write_in_background() -> None:
    """For the processes that answer requests: what waits is written every two seconds."""
    _memory.in_background = True
    atexit.register(lambda: write(now=timezone.now()))


def forget() -> None:
    """As a process that has just begun: for tests, each of which has readers of its own."""
    with _memory.lock:
        for held in (_memory.waiting, _memory.written, _memory.last, _memory.cards, _memory.alerted):
            held.clear()


SUGGESTIONS: Final = 0  # in the place of a customer's id: what the search box offers while one types


def note(
    user: User, what: str, customers: Iterable[int] = (), *, now: datetime, typing: bool = False
) -> None:
    """Somebody has read: a card each of `customers`, or a page. Written a moment later, together with others'.

    While one is `typing` into the search box, what it offers counts once a minute.
    """
    with _memory.lock:
        if typing:
            before = _memory.cards.get((user.pk, SUGGESTIONS))
            if before is not None and now - before < AGAIN:
                return
            _memory.cards[user.pk, SUGGESTIONS] = now
        else:
            _memory.last[user.pk] = now
        for customer_id in (*customers,) or (None,):
            if customer_id is not None:
                before = _memory.cards.get((user.pk, customer_id))
                if before is not None and now - before < AGAIN:
                    continue
                _memory.cards[user.pk, customer_id] = now
            _memory.waiting.append((user.pk, what, customer_id, now))
        if len(_memory.cards) > MOST_WAITING:
            _memory.cards = {key: at for key, at in _memory.cards.items() if now - at < AGAIN}
    if _memory.in_background and (_memory.writer is None or not _memory.writer.is_alive()):
        _memory.writer = threading.Thread(target=_write_from_time_to_time, daemon=True, name="readings")
        _memory.writer.start()


def _write_from_time_to_time() -> None:
    """As long as there is something to write, and once more: then the next reading starts it again."""
    pause = threading.Event()
    idle = 0
    while idle < 3:
        pause.wait(WRITE_EVERY_SECONDS)
        try:
            idle = 0 if write(now=timezone.now()) else idle + 1
        except Exception:
            log.exception("readings could not be written; they are tried again")
        finally:
            connection.close()


def write(*, now: datetime) -> int:
    """Everything that waits, in one transaction: the readings, the day's counts, and what the brakes know. How many."""
    with _memory.lock:
        rows = list(_memory.waiting)
        _memory.waiting.clear()
    if not rows:
        return 0
    try:
        with transaction.atomic():
            _write_rows(rows)
            recent = Reading.objects.filter(user__in={row[0] for row in rows}, at__gt=now - WINDOW)
            recent = recent.exclude(what=PROGRAM)
            found = dict(recent.order_by().values_list("user").annotate(Count("pk")))
    except BaseException:
        with _memory.lock:
            _memory.waiting.extendleft(reversed(rows))
        raise
    with _memory.lock:
        _memory.written.update(found)
    return len(rows)


def _write_rows(rows: list[Row]) -> None:
    zone = ZoneInfo(get("company.zone"))
    there = set(Colleague.objects.filter(pk__in={row[0] for row in rows}).values_list("pk", flat=True))
    known = [row for row in rows if row[0] in there]
    # a card may be gone by now, merged or undone: that it was read stays
    cards = {pk for _user, _what, pk, _at in known if pk is not None}
    held = {pk for some in pieces(sorted(cards)) for pk in _there(some)}
    Reading.objects.bulk_create(
        [
            Reading(user_id=user, what=what, customer_id=pk if pk in held else None, at=at)
            for user, what, pk, at in known
        ]
    )
    days = Counter((user, timezone.localdate(at, zone), what) for user, what, _pk, at in known)
    insert_rows(
        ReadingDay,
        ["user_id", "on", "what", "count"],
        [(user, on, what, n) for (user, on, what), n in sorted(days.items())],
        on_conflict=(
            'ON CONFLICT (user_id, "on", what) DO UPDATE SET count = customers_readingday.count + excluded.count'
        ),
    )


def _there(ids: Sequence[int]) -> Iterable[int]:
    return Customer.objects.filter(pk__in=ids).values_list("pk", flat=True)


def last_opened(user: User, customer_id: int, *, since: datetime) -> datetime | None:
    """When `user` last opened this card, no longer ago than `since`; also what waits here to be written."""
    with _memory.lock:
        waiting = [
            at for who, what, pk, at in _memory.waiting if (who, what, pk) == (user.pk, "card", customer_id)
        ]
    if waiting and max(waiting) >= since:
        return max(waiting)
    rows = Reading.objects.filter(user=user, what="card", customer=customer_id, at__gte=since)
    return rows.order_by("-at").values_list("at", flat=True).first()


# --- the brakes -------------------------------------------------------------------------------------


def lately(user: User, *, now: datetime) -> int:
    """How much `user` has read within the window, as far as this process knows; his programs have limits of their own."""
    with _memory.lock:
        mine = sum(
            1
            for who, what, _pk, at in _memory.waiting
            if who == user.pk and what != PROGRAM and now - at < WINDOW
        )
        last = _memory.last.get(user.pk)
        if last is None or now - last > WINDOW:
            _memory.written.pop(user.pk, None)
        return _memory.written.get(user.pk, 0) + mine


def brake(user: User, *, reason_until: datetime | None, now: datetime) -> str:
    """Nothing lets the next page pass, "wait" or "ask" hold it; whoever leads the reader is told when a reason is asked for."""
    with _memory.lock:
        last = _memory.last.get(user.pk)
    found = stage(
        lately(user, now=now),
        slow_at=get("reading.slow_at"),
        ask_at=get("reading.ask_at"),
        since_last=now - last if last else None,
        has_reason=reason_until is not None and now < reason_until,
    )
    if found == "ask":
        alert(user, now=now)
    return found


def alert(user: User, *, now: datetime) -> bool:
    """Told once an hour to everybody who arranges departures and sees `user`: on their Today until they have looked."""
    before = _memory.alerted.get(user.pk)
    if before is not None and now - before < REASON_LASTS:
        return False
    _memory.alerted[user.pk] = now
    with transaction.atomic():
        told = {"who": user.pk, "name": str(user), "at": now.isoformat(), "count": lately(user, now=now)}
        leaders = Colleague.objects.active().select_related("role", "team").exclude(pk=user.pk).order_by("pk")
        for leader in leaders.select_for_update(of=("self",)):
            if (
                leader.may(Right.HAND_OVER)
                and Colleague.objects.visible_to(leader).filter(pk=user.pk).exists()
            ):
                others = [one for one in leader.alerts if one["who"] != user.pk]
                Colleague.objects.filter(pk=leader.pk).update(alerts=[*others, told][-20:])
        record("reading.asked", by=user, now=now, changes={"pages": [None, told["count"]]})
    return True


def give_reason(user: User, reason: str, *, now: datetime) -> datetime:
    """Why so much is read stays in the audit; until when no reason is asked for again."""
    record("reading.reason", by=user, now=now, reason=" ".join(reason.split())[:200])
    return now + REASON_LASTS


def looked_at(user: User) -> None:
    """The alerts of `user` are read."""
    if user.alerts:
        Colleague.objects.filter(pk=user.pk).update(alerts=[])


# --- kept so long -----------------------------------------------------------------------------------

AT_ONCE: Final = 2_000


def tidy(*, now: datetime) -> int:
    """Takes away single readings that are older than the company keeps them; their counts stay for two years."""
    old = Reading.objects.filter(at__lt=now - timedelta(days=get("reading.keep_days")))
    removed = 0
    while ids := list(old.order_by("at").values_list("pk", flat=True)[:AT_ONCE]):
        removed += Reading.objects.filter(pk__in=ids).delete()[0]
    ReadingDay.objects.filter(on__lt=timezone.localdate(now) - timedelta(days=730)).delete()
    return removed
