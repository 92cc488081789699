"""The life of an import: brought, read as the person says, tried out, run, and taken back."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import get_language, gettext

from liuke import tabular
from liuke.customers.booking.actions import Booking
from liuke.customers.booking.rules import Pace
from liuke.customers.comparing.actions import Booked, compare_purchases
from liuke.customers.enrolment.actions import Enrolment
from liuke.customers.fields.actions import imported_fields
from liuke.customers.gathering.actions import sort_customers
from liuke.customers.imports.models import ImportBatch, ImportPart, ImportReplacement
from liuke.customers.imports.rules import (
    NOT_YET,
    SHOWN_PROBLEMS,
    STAGE_SHAPE,
    UNDOABLE,
    WHEN_OVER,
    NotNow,
    as_changes,
    assumed_currency,
    choices_from,
    counts_of,
    gettext_noop,
    remarks_of,
    without_samples,
)
from liuke.customers.matching.actions import look, match
from liuke.customers.meeting.actions import compare_customers
from liuke.customers.reading.actions import Progress, Refused, Sort, as_dict, forget, quiet, stage, summary_of
from liuke.customers.reading.rules import FIELDS, Choices
from liuke.customers.recognising.rules import hidden_in_key
from liuke.customers.remarks.actions import first_problems, incomplete_rows, remarks_kept, write_rejects
from liuke.customers.sorting.actions import sort_purchases
from liuke.customers.undoing.actions import STEPS
from liuke.customers.undoing.rules import AGAIN
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import few_collections, many_commits, nothing_mapped
from liuke.platform.files.actions import path_of, remove, store
from liuke.platform.jobs.actions import enqueue
from liuke.platform.jobs.models import Job
from liuke.platform.preferences.actions import get
from liuke.tabular import Problem

if TYPE_CHECKING:
    from liuke.platform.models import User


class Guard(Protocol):
    """Called last in each transaction; raises when this process may not go on."""

    def __call__(self, done: int | None) -> None: ...


class Carrier(Protocol):
    """A staged file on its way into the database."""

    def __len__(self) -> int: ...
    def portion(self, first: int, lines: int) -> int: ...
    def line_count(self, first: int, last: int) -> int: ...
    def book(self, first: int, last: int) -> Booked: ...


@dataclass(frozen=True)
class Target:
    right: Right  # beside that to import
    sort: Sort
    compare: Callable[[Path, User | None], dict[str, int]]
    carrier: Callable[..., Carrier]


TARGETS: Mapping[str, Target] = {
    "purchases": Target(Right.RECORD_PURCHASES, sort_purchases, compare_purchases, Booking),
    "customers": Target(Right.EDIT_CUSTOMERS, sort_customers, compare_customers, Enrolment),
}


def unguarded(done: int | None) -> None:
    """For whoever runs an import with nobody to ask."""


def targets_for(by: User | None) -> list[str]:
    """What `by` may bring in."""
    return [name for name, target in TARGETS.items() if by is None or by.may(target.right)]


def upload(
    stream: IO[bytes], *, name: str, target: str, by: User | None, now: datetime, **given: Any
) -> ImportBatch:
    """Keeps the file and says what it is and which column goes where; raises Refused when nothing can be made of it.

    Without a target the names of the columns say what is in it.
    """
    permit(by, Right.IMPORT)
    among = targets_for(by)
    if target or not among:
        _permit_target(target or "customers", by)
    stored = store(stream, name=name, purpose="import", by=by, now=now)
    batch = ImportBatch(target=target, file=stored, created_by=by, created_at=now)
    try:
        look(batch, given, among=among)
    except Refused:
        remove(stored)
        raise
    batch.save()
    return batch


def choose(
    batch: ImportBatch,
    *,
    by: User | None,
    now: datetime,
    reading: Mapping[str, Any] | None = None,
    mapping: Mapping[str, str | None] | None = None,
    choices: Mapping[str, Any] | None = None,
    target: str | None = None,
) -> ImportBatch:
    """Corrects what the file holds, how it is read (encoding, delimiter, sheet, header_row) or where its columns go; what
    was tried out before counts no longer.
    """
    held = _held(
        batch, by, NOT_YET, gettext_noop("This import is under way; its columns can't be changed any more.")
    )
    is_other = bool(target) and target != held.target
    if target and is_other:
        _permit_target(target, by)
        if held.cursor:
            raise NotNow(gettext_noop("This import has run; undo it instead."))
        held.target, held.mapping, held.choices = target, {}, {}  # the fields are others
    if choices is not None:
        held.choices = {**held.choices, **choices}
        _permit_key(choices_of(held, now=now).key, by)
    if reading is not None or is_other:
        look(held, {**held.reading["given"], **(reading or {})})
    if mapping is not None:
        match(held, mapping)
    held.state, held.counts, held.problems = "uploaded", {}, []
    held.save()
    shutil.rmtree(stage_folder(held), ignore_errors=True)  # not its parts: a dry run may be at one
    return held


def discard(batch: ImportBatch, *, by: User | None, now: datetime) -> None:
    """Throws away what never ran, with its file."""
    held = _held(batch, by, NOT_YET, gettext_noop("This import has run; undo it instead."))
    if held.cursor:
        raise NotNow(gettext_noop("This import has run; undo it instead."))
    forget_stage(held)
    stored, rejects = held.file, held.rejects
    with transaction.atomic():
        held.delete()
        for file in filter(None, (stored, rejects)):
            remove(file)


def try_out(batch: ImportBatch, *, by: User | None, now: datetime) -> Job:
    """Has the dry run made in the background: it reads the whole file and writes nothing."""
    held = _held(batch, by, NOT_YET, gettext_noop("This import is under way."))
    _whole(held)
    return _enqueue(held, "imports.check", by=by, now=now)


def start(batch: ImportBatch, *, by: User | None, now: datetime) -> Job:
    """Runs the import in the background, or goes on with one that stopped."""
    message = gettext_noop("This import has run already.")
    with transaction.atomic():
        held = _held(batch, by, (*NOT_YET, "running"), message)
        _whole(held)
        held.state = "running"
        held.save(update_fields=["state"])
        return _enqueue(held, "imports.run", by=by, now=now)


def undo(batch: ImportBatch, *, by: User | None, now: datetime) -> ImportBatch:
    """Marks the batch as being taken back; from then on its entries may leave the ledger. `imports.run` does it."""
    with transaction.atomic():
        held = _held(batch, by, (*UNDOABLE, "undone"), gettext_noop("There is nothing to take back."))
        if held.state == "undone" and not held.may_be_undone_again:
            raise NotNow(gettext_noop("There is nothing to take back."))
        later = ImportReplacement.objects.filter(batch__gt=held.pk, before__batch_id=held.pk).exclude(
            batch__state="undone"
        )
        if held.state != "undoing" and (first := later.order_by("-batch").first()):
            message = gettext_noop("Import %(later)s has changed what this one brought; undo that one first.")
            raise NotNow(message, later=first.batch_id)
        if held.state != "undoing":
            held.kept.filter(what="customer", why__in=AGAIN).delete()  # looked at anew
            held.counts = {**held.counts, "kept_customers": held.kept.filter(what="customer").count()}
            held.state, held.undone_by, held.undone_at = "undoing", by, now
            held.save(update_fields=["state", "undone_by", "undone_at", "counts"])
            audit.record("imports.undo", by=by, now=now, subject=held)
    return held


def undo_in_background(batch: ImportBatch, *, by: User | None, now: datetime) -> Job:
    with transaction.atomic():
        return _enqueue(undo(batch, by=by, now=now), "imports.run", by=by, now=now)


def choices_of(batch: ImportBatch, *, now: datetime) -> Choices:
    zone: str = get("company.zone")
    return choices_from(
        batch.choices,
        currency=get("company.currency"),
        zone=zone,
        today=now.astimezone(ZoneInfo(zone)).date(),
        epoch=batch.reading.get("epoch", 1900),
    )


def stage_folder(batch: ImportBatch) -> Path:
    root: Path = settings.HOME / "imports"
    return root / str(batch.pk)


def forget_stage(batch: ImportBatch) -> None:
    if batch.pk:
        forget(stage_folder(batch))


# --- what may be done ----------------------------------------------------------------------------------


def _permit_target(target: str, by: User | None) -> None:
    if target not in FIELDS:
        raise ValueError(f"an import brings customers or purchases, not {target!r}")
    permit(by, TARGETS[target].right)


def _permit_key(key: Sequence[str], by: User | None) -> None:
    """Whoever does not see a field of others' customers learns nothing of its values by an import either."""
    if by and (hidden := hidden_in_key(key, imported_fields(), by.role.masked)):
        raise Refused([Problem("key_hidden", value=hidden.label(get_language() or ""))])


def _whole(batch: ImportBatch) -> None:
    """Raises Refused while a column is missing or chosen twice."""
    if wrong := batch.reading["mismatches"]:
        raise Refused(
            [
                Problem(p["code"], row=p["row"], field=p["field"], value=p["value"], params=p["params"])
                for p in wrong
            ]
        )


def _held(batch: ImportBatch, by: User | None, states: tuple[str, ...], otherwise: str) -> ImportBatch:
    permit(by, Right.IMPORT)
    permit(by, TARGETS[batch.target].right)
    reach = ImportBatch.objects.for_user(by) if by else ImportBatch.objects.all()
    held = (
        reach.select_for_update().get(pk=batch.pk)
        if transaction.get_connection().in_atomic_block
        else reach.get(pk=batch.pk)
    )
    if held.state not in states:
        raise NotNow(otherwise)
    return held


def _enqueue(batch: ImportBatch, name: str, *, by: User | None, now: datetime) -> Job:
    if batch.job and batch.job.state in {"waiting", "running"}:
        return batch.job
    with transaction.atomic():
        batch.job = enqueue(name, {"batch": batch.pk}, by=by, now=now)
        batch.save(update_fields=["job"])
    return batch.job


# --- trying out, running, taking back -----------------------------------------------------------------


def check(batch: ImportBatch, *, by: User | None, now: datetime, progress: Progress = quiet) -> ImportBatch:
    """The dry run: reads the whole file, compares it with the database and says what would happen. Writes no customer."""
    held = _held(batch, by, NOT_YET, gettext_noop("This import is under way."))
    _whole(held)
    try:
        with nothing_mapped():
            _prepare(held, by=by, now=now, progress=progress)
    except Refused as refusal:
        held.problems = [as_dict(problem) for problem in refusal.problems]
        held.counts, held.state = {}, "failed"
    else:
        held.state = "checked"
    held.save(update_fields=["counts", "problems", "state", "rejects"])
    return held


def run(
    batch: ImportBatch,
    *,
    by: User | None,
    now: datetime,
    progress: Progress = quiet,
    guard: Guard = unguarded,
    pause_seconds: float = 0,
) -> ImportBatch:
    """Brings the file in, portion by portion, from where an earlier run stopped. Each portion is one transaction.

    `pause_seconds` between portions lets whoever works at a screen have the write lock in between.
    """
    held = _held(batch, by, (*NOT_YET, "running"), gettext_noop("This import has run already."))
    _whole(held)
    with few_collections(), many_commits(), nothing_mapped():
        if held.cursor == 0 or not (stage_folder(held) / "plan.arrow").exists():
            _begin(held, by=by, now=now, progress=progress)
        _carry(held, by=by, now=now, progress=progress, guard=guard, pause_seconds=pause_seconds)
    with transaction.atomic():
        done = {"state": "done", "finished_at": now, "reading": without_samples(held.reading)}
        ImportBatch.objects.filter(pk=held.pk, state="running").update(**done)
        audit.record("imports.run", by=by, now=now, subject=held, changes=as_changes(held.counts))
        _tell_it_is_over(held, now)
        guard(None)
    forget_stage(held)
    return held


def take_back(
    batch: ImportBatch,
    *,
    now: datetime,
    progress: Progress = quiet,
    guard: Guard = unguarded,
    pause_seconds: float = 0,
) -> ImportBatch:
    """Goes on with an undo until nothing of the batch is left, or only what others have built upon."""
    held = ImportBatch.objects.get(pk=batch.pk)
    if held.state != "undoing":
        raise NotNow(gettext_noop("There is nothing to take back."))
    done = 0
    with many_commits(), nothing_mapped():
        for name, step in STEPS.items():
            while True:
                with transaction.atomic():
                    if (
                        not ImportBatch.objects.filter(pk=held.pk, state="undoing")
                        .select_for_update()
                        .exists()
                    ):
                        raise NotNow(gettext_noop("There is nothing to take back."))
                    count, kept = step(held.pk, now)
                    if kept:
                        _note_kept(held.pk, name, kept)
                    guard(None)
                if not count:
                    break
                done += count
                progress(done, None, "undoing")
                time.sleep(pause_seconds)
    with transaction.atomic():
        ImportBatch.objects.filter(pk=held.pk, state="undoing").update(state="undone")
        _tell_it_is_over(held, now)
    forget_stage(held)
    return held


def _tell_it_is_over(batch: ImportBatch, now: datetime) -> None:
    batch.refresh_from_db()
    for react in WHEN_OVER:
        react(batch, now)


def _begin(batch: ImportBatch, *, by: User | None, now: datetime, progress: Progress) -> None:
    """Stages and compares the file. When an earlier run has brought part of it in, the rest counts as it did then."""
    begun = bool(batch.cursor)
    counts = batch.counts
    try:
        _prepare(batch, by=by, now=now, progress=progress)
    except Refused as refusal:
        problems = [as_dict(problem) for problem in refusal.problems]
        ImportBatch.objects.filter(pk=batch.pk).update(state="failed", problems=problems, finished_at=now)
        raise
    batch.counts = counts if begun else batch.counts
    batch.state, batch.cursor = "running", 0
    batch.save(update_fields=["state", "cursor", "counts", "problems", "rejects"])


def _prepare(batch: ImportBatch, *, by: User | None, now: datetime, progress: Progress) -> None:
    """Leaves the stage and its plan on the disk, counts, first problems and the rejects file in the batch."""
    folder, choices = stage_folder(batch), choices_of(batch, now=now)
    _permit_key(choices.key, by)
    if choices.currency not in tabular.DECIMALS:
        raise Refused([Problem("currency_unknown", value=choices.currency)])
    options = tabular.ReadOptions.from_dict(batch.reading["options"])
    signature = {
        "options": batch.reading["options"],
        "mapping": batch.mapping,
        "choices": choices.to_dict(),
        "shape": STAGE_SHAPE,
    }
    staged = summary_of(folder)
    if staged is None or staged["signature"] != json.loads(json.dumps(signature)):
        staged = stage(
            path_of(batch.file), target=batch.target, options=options, columns=batch.mapping, choices=choices, folder=folder,
            sort=TARGETS[batch.target].sort, signature=signature, progress=progress, expected=batch.reading["rows"],
        )  # fmt: skip
    progress(staged["rows"], staged["rows"], "comparing")
    compared = TARGETS[batch.target].compare(folder, by)
    batch.counts = counts_of(staged, compared, incomplete_rows(folder))
    told = {**staged["told"], **remarks_kept(folder)}
    remarks = remarks_of({**staged, "told": told})
    assumed = assumed_currency(batch, choices.currency, get("company.currency"))
    batch.problems = [
        *batch.reading["remarks"],
        *assumed,
        *remarks,
        *first_problems(folder, SHOWN_PROBLEMS),
    ]
    _keep_rejects(batch, folder, by=by, now=now)


def _carry(
    batch: ImportBatch,
    *,
    by: User | None,
    now: datetime,
    progress: Progress,
    guard: Guard,
    pause_seconds: float,
) -> None:
    load = TARGETS[batch.target].carrier(stage_folder(batch), batch_id=batch.pk, by=by, now=now)
    pace, cursor, tries = Pace(), batch.cursor, 0
    while cursor < len(load):
        last = load.portion(cursor, pace.lines)
        began = time.monotonic()
        try:
            with transaction.atomic():
                _carry_portion(batch, load, cursor, last)
                guard(None)
        except IntegrityError:
            # Somebody at a screen made the same customer, product or order in between (PostgreSQL): look again.
            tries += 1
            if tries > 3:
                raise
            load = TARGETS[batch.target].carrier(stage_folder(batch), batch_id=batch.pk, by=by, now=now)
            continue
        pace.took(load.line_count(cursor, last), time.monotonic() - began)
        cursor, tries = last, 0
        progress(cursor, len(load), "writing")
        time.sleep(pause_seconds)


def _carry_portion(batch: ImportBatch, load: Carrier, first: int, last: int) -> None:
    """One portion and the cursor's move together: what is committed is never done twice, by whomever."""
    moved = ImportBatch.objects.filter(pk=batch.pk, state="running", cursor=first).update(cursor=last)
    if not moved:
        raise NotNow(gettext_noop("Another process goes on with this import."))
    booked = load.book(first, last)
    ImportReplacement.objects.bulk_create(
        ImportReplacement(batch=batch, subject_type=r.subject_type, subject_id=r.subject_id, before=r.before)
        for r in booked.replaced
    )
    ImportPart.objects.bulk_create(
        ImportPart(batch=batch, number=number, digest=digest) for number, digest in booked.parts
    )


def _note_kept(batch_id: int, what: str, kept: int) -> None:
    held = ImportBatch.objects.get(pk=batch_id)
    name = f"kept_{what}"
    held.counts[name] = held.counts.get(name, 0) + kept
    held.save(update_fields=["counts"])


def _keep_rejects(batch: ImportBatch, folder: Path, *, by: User | None, now: datetime) -> None:
    before, batch.rejects = batch.rejects, None
    target = folder / "rejects.csv"
    if write_rejects(folder, target):
        name = gettext("%(name)s, rows to correct.csv") % {"name": Path(batch.file.name).stem}
        with target.open("rb") as stream:
            batch.rejects = store(stream, name=name, purpose="import-rejects", by=by, now=now)
    ImportBatch.objects.filter(pk=batch.pk).update(rejects=batch.rejects)
    if before:
        remove(before)
