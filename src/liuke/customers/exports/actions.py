"""Large exports: asked for with a reason, allowed by somebody else, kept for the asker and for a time only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Final

from django.db import transaction

from liuke.customers.exports.models import ExportRequest
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Denied, Right
from liuke.platform.audit.actions import record
from liuke.platform.files.actions import remove, store
from liuke.platform.jobs.actions import enqueue
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.platform.models import StoredFile, User

WRITE: Final = "exports.write"  # the job; it lives where the lines are made


def needs_approval(by: User, rows: int) -> bool:
    """From the company's threshold on, unless one approves others' exports oneself."""
    threshold = int(get("exports.approve_from"))
    return bool(threshold) and rows >= threshold and not by.may(Right.APPROVE_EXPORTS)


@transaction.atomic
def ask(ids: Sequence[int], *, reason: str, by: User, now: datetime) -> ExportRequest:
    permit(by, Right.EXPORT_CUSTOMERS)
    why = clean("reason", reason, required=True)
    if len(why) < 4:
        raise Unfit("reason", gettext_noop("Please say in a few words what you need it for."))
    asked = ExportRequest.objects.create(asker=by, asked_at=now, reason=why, ids=list(ids), rows=len(ids))
    record("exports.ask", by=by, now=now, subject=asked, changes={"rows": [None, len(ids)]}, reason=why)
    return asked


@transaction.atomic
def order(ids: Sequence[int], *, reason: str, by: User, now: datetime) -> ExportRequest:
    """As `ask`; what nobody has to approve is written at once."""
    asked = ask(ids, reason=reason, by=by, now=now)
    if not needs_approval(by, asked.rows):
        asked.state, asked.decided_at = "approved", now
        asked.save(update_fields=["state", "decided_at"])
        _write(asked, now)
    return asked


def _write(asked: ExportRequest, now: datetime) -> None:
    enqueue(WRITE, {"request": asked.pk}, by=asked.asker, now=now, key=f"{WRITE}:{asked.pk}")


@transaction.atomic
def approve(asked: ExportRequest, *, by: User, now: datetime) -> ExportRequest:
    """Written in the background with the asker's own rights as they are then."""
    held = _held(asked, by)
    held.state, held.decided_by, held.decided_at = "approved", by, now
    held.save(update_fields=["state", "decided_by", "decided_at"])
    _write(held, now)
    record("exports.approve", by=by, now=now, subject=held, changes={"rows": [None, held.rows]})
    return held


@transaction.atomic
def refuse(asked: ExportRequest, *, note: str, by: User, now: datetime) -> ExportRequest:
    held = _held(asked, by)
    held.state, held.decided_by, held.decided_at = "refused", by, now
    held.note, held.ids = clean("reason", note), []
    held.save(update_fields=["state", "decided_by", "decided_at", "note", "ids"])
    record("exports.refuse", by=by, now=now, subject=held, reason=held.note)
    return held


def _held(asked: ExportRequest, by: User) -> ExportRequest:
    """The request, ours until the commit, still undecided; nobody decides about his own."""
    permit(by, Right.APPROVE_EXPORTS)
    rows = ExportRequest.objects.for_user(by).select_for_update(of=("self",)).select_related("asker")
    held = rows.get(pk=asked.pk)
    if held.asker_id == by.pk:
        raise Denied(Right.APPROVE_EXPORTS)
    if held.state != "asked":
        raise Unfit("", gettext_noop("Somebody has decided about it already."))
    return held


def keep(asked: ExportRequest, stream: IO[bytes], *, name: str, rows: int, now: datetime) -> bool:
    """The file of an approved request, once: a job that runs again finds it there. The time begins now."""
    stored = store(stream, name=name, purpose="export", by=asked.asker, now=now)
    until = now + timedelta(hours=get("exports.hours"))
    with transaction.atomic():
        kept = ExportRequest.objects.filter(pk=asked.pk, state="approved").update(
            state="ready", file=stored, available_until=until, rows=rows, ids=[]
        )
        if kept:
            record("customers.export", by=asked.asker, now=now, subject=asked, changes={"rows": [None, rows]})
    if not kept:
        remove(stored)
    return bool(kept)


@transaction.atomic
def take(asked: ExportRequest, *, by: User, now: datetime) -> StoredFile | None:
    """The file, for the asker alone, as long as he may export and its time is not over; each taking is in the audit."""
    permit(by, Right.EXPORT_CUSTOMERS)
    held = ExportRequest.objects.filter(asker=by).select_related("file").get(pk=asked.pk)
    if not held.is_available(now):
        return None
    record("exports.take", by=by, now=now, subject=held)
    return held.file


def tidy(*, now: datetime) -> int:
    """Takes away files whose time is over; who had what stays."""
    over = ExportRequest.objects.filter(state="ready", available_until__lte=now, file__isnull=False)
    removed = 0
    for held in over.select_related("file"):
        if held.file:
            remove(held.file)
            removed += 1
    return removed
