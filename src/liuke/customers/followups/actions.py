"""What is to be done for a customer: asked for once per matter, closed once, every step a row.

Two people may press the same button. A step is an UPDATE of an open row, so one of them wins and the other is told who.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction

from liuke.customers.facts.actions import record
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.models import FollowUp, FollowUpChange, kinds
from liuke.customers.followups.rules import (
    ASKED,
    LONGEST_POSTPONEMENT,
    TIMED,
    Closed,
    TooLate,
    is_quiet,
    kept_due_at,
    may_be_taken_back,
    rank,
    told,
)
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right, Scope
from liuke.platform.bulk.actions import insert_rows, update_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.models import User
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.customers.imports.models import ImportBatch


@transaction.atomic
def ask(
    customer: Customer,
    *,
    kind: str,
    assignee: User | None,
    due_at: datetime,
    late_at: datetime | None = None,
    title: str = "",
    reasons: Sequence[Any] = (),
    weight_minor: int = 0,
    source: str,
    key: str | None = None,
    rest_days: int | None = None,
    by: User | None,
    now: datetime,
    batch: ImportBatch | None = None,
) -> FollowUp:
    """Something to do. With a `key` there is one per matter: an open one is brought up to date, and one that somebody
    dismissed within `followups.quiet_days`, or did within `rest_days` (the same unless less), is given back as it is.
    """
    permit(by, Right.WORK_FOLLOWUPS)
    if kind not in dict(kinds()):
        raise Unfit("kind", gettext_noop("“%(value)s” is not among the choices."), value=kind)
    if by:
        customer = Customer.objects.writable_by(by).get(pk=customer.pk)
        _may_be_given(assignee, by)
    new = FollowUp(
        customer=customer,
        assignee=assignee,
        kind=kind,
        title=clean("title", title, limit=200),
        reasons=list(reasons),
        due_at=due_at,
        late_at=late_at,
        weight_minor=weight_minor,
        rank=rank(weight_minor, due_at, kind, now),
        source=source,
        key=key,
        created_by=by,
        created_at=now,
        batch=batch,
    )
    if key and (there := _there(new, now, rest_days)):
        return there
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError:  # asked for in the same instant (PostgreSQL; SQLite has one writer at a time)
        if key and (there := _there(new, now, rest_days)):
            return there
        raise
    tells = told(by.pk if by else None, new.assignee_id) if by else None
    _note(new, "created", by=by, now=now, tells=tells)
    return new


def ask_once(
    customer: Customer,
    *,
    kind: str,
    assignee: User | None,
    due_at: datetime,
    late_at: datetime,
    reasons: Sequence[Any],
    source: str,
    key: str,
    now: datetime,
) -> bool:
    """Liuke asks unless it ever has under this key: a birthday comes once a year, whatever became of the follow-up."""
    if FollowUp.objects.filter(customer=customer, key=key).exists():
        return False
    ask(
        customer,
        kind=kind,
        assignee=assignee,
        due_at=due_at,
        late_at=late_at,
        reasons=reasons,
        source=source,
        key=key,
        by=None,
        now=now,
    )
    return True


def _there(new: FollowUp, now: datetime, rest_days: int | None) -> FollowUp | None:
    """The open one of the same matter, brought up to date; or the one that is to be left alone."""
    matter = FollowUp.objects.filter(key=new.key)
    if was := matter.open().select_for_update().first():
        was.due_at = kept_due_at(was.due_at, new.due_at, postponed=was.postponed_count > 0)
        was.reasons, was.weight_minor, was.title = new.reasons, new.weight_minor, new.title or was.title
        was.rank = rank(was.weight_minor, was.due_at, was.kind, now)
        was.assignee_id = was.assignee_id or new.assignee_id
        was.save(update_fields=["due_at", "reasons", "weight_minor", "title", "rank", "assignee"])
        return was
    last = matter.filter(state__in=("done", "dismissed")).order_by("-closed_at").first()
    if last is None:
        return None
    quiet = get("followups.quiet_days")
    if last.state == "done" and rest_days is not None:
        quiet = min(quiet, rest_days)
    return last if is_quiet(last.closed_at, now, quiet) else None


@transaction.atomic
def complete(followup: FollowUp, *, by: User | None, now: datetime, note: str = "") -> FollowUp:
    if (lacks := BEFORE_DONE.get(followup.source)) and (message := lacks(followup)):
        raise Unfit("note", message)
    return _close(followup, "done", clean("reason", note), by=by, now=now)


# What must be there before a matter of a source is done: told by whoever asks for it, "" when it is.
BEFORE_DONE: Final[dict[str, Callable[[FollowUp], str]]] = {}


def before_done(source: str) -> Callable[[Callable[[FollowUp], str]], Callable[[FollowUp], str]]:
    def mark(lacks: Callable[[FollowUp], str]) -> Callable[[FollowUp], str]:
        BEFORE_DONE[source] = lacks
        return lacks

    return mark


@transaction.atomic
def dismiss(followup: FollowUp, *, reason: str, by: User | None, now: datetime) -> FollowUp:
    """Not worth doing; the reason is kept, and the matter stays quiet for a while. A complaint is the customer's to drop."""
    if followup.kind == "complaint":
        raise Unfit("reason", gettext_noop("A complaint can't be dismissed: please answer it."))
    return _close(followup, "dismissed", clean("reason", reason, required=True), by=by, now=now)


@transaction.atomic
def postpone(followup: FollowUp, *, until: datetime, reason: str, by: User | None, now: datetime) -> FollowUp:
    held = _held(followup, by)
    reason = clean("reason", reason, required=True)
    if not now < until <= now + LONGEST_POSTPONEMENT:
        raise Unfit("until", gettext_noop("Please choose a day between now and a year ahead."))
    was = {"due_at": held.due_at.isoformat()}
    if held.late_at:
        was["late_at"] = held.late_at.isoformat()
        held.late_at = max(held.late_at, until)
    held.due_at, held.rank = until, rank(held.weight_minor, until, held.kind, now)
    held.postponed_count += 1
    values = {"due_at": until, "late_at": held.late_at, "rank": held.rank}
    _write(held, {**values, "postponed_count": held.postponed_count})
    will = {"due_at": until.isoformat()}
    _note(held, "postponed", by=by, now=now, reason=reason, before=was, after=will)
    _tell(held, "postponed", by=by, now=now, reason=reason, until=until.isoformat())
    return held


@transaction.atomic
def reassign(followup: FollowUp, *, to: User, by: User | None, now: datetime, reason: str = "") -> FollowUp:
    permit(by, Right.ASSIGN_FOLLOWUPS)
    held = _held(followup, by)
    reason = clean("reason", reason)
    if by:
        _may_be_given(to, by)
    if held.assignee_id == to.pk:
        return held
    before = {"assignee_id": held.assignee_id, "assignee": str(held.assignee or "")}
    held.assignee = to
    _write(held, {"assignee": to})
    after = {"assignee_id": to.pk, "assignee": str(to)}
    tells = told(by.pk if by else None, to.pk)
    _note(held, "reassigned", by=by, now=now, reason=reason, before=before, after=after, tells=tells)
    _tell(held, "reassigned", by=by, now=now, reason=reason, to=str(to))
    return held


def step_to_take_back(followup: FollowUp, *, by: User, now: datetime) -> FollowUpChange | None:
    """The last step of a matter, if it is one that `by` may take back."""
    last = followup.changes.order_by("-id").first()
    if last is None:
        return None
    mine = may_be_taken_back(last.what, taken_by=last.by_id, taken_at=last.at, by=by.pk, now=now)
    return last if mine else None


@transaction.atomic
def take_back(step: FollowUpChange, *, by: User, now: datetime) -> FollowUp:
    """As if the step had not been taken, for whoever pressed the wrong button. The books keep both: the step, and that it

    was taken back; who has not read of it yet is not told any more.
    """
    held = _held(step.followup, by)
    last = step_to_take_back(held, by=by, now=now)
    if last is None or last.pk != step.pk:
        raise TooLate
    _restore(held, last, now=now)
    unread = FollowUpChange.objects.filter(pk=last.pk, seen_at=None).update(seen_at=now)
    tells = None if unread else last.tells_id
    _note(held, "taken_back", by=by, now=now, before={"what": last.what}, tells=tells)
    _tell(held, "taken_back", by=by, now=now, reason="")
    return held


@transaction.atomic
def revoke(followup: FollowUp, *, by: User, now: datetime) -> FollowUp:
    """It was asked for by mistake: let go by whoever did, before anybody else has taken a step. Who has not read of it yet

    is not told any more. Raises TooLate.
    """
    held = _held(followup, by)
    if held.changes.exclude(by=by).exists():
        raise TooLate
    try:
        _write(held, {"state": "expired", "closed_at": now})
    except Closed as closed:
        raise TooLate from closed
    read = held.changes.filter(tells=held.assignee_id).exclude(seen_at=None).exists()
    held.changes.filter(seen_at=None).update(seen_at=now)
    tells = held.assignee_id if read else None
    _note(held, "expired", by=by, now=now, reason="withdrawn", tells=tells)
    return held


def _restore(held: FollowUp, last: FollowUpChange, *, now: datetime) -> None:
    """What the step had changed; `was` in the statement itself decides between two who come at once."""
    was: dict[str, Any] = {"state": held.state, "due_at": held.due_at, "assignee": held.assignee_id}
    if last.what in ("done", "dismissed"):
        held.state, held.closed_at = "open", None
    elif last.what == "postponed":
        held.due_at = datetime.fromisoformat(last.before["due_at"])
        if written := last.before.get("late_at"):
            held.late_at = datetime.fromisoformat(written)
        held.postponed_count -= 1
    else:
        before = last.before["assignee_id"]
        if before is not None and not User.objects.active().filter(pk=before).exists():
            raise TooLate
        held.assignee_id = before
    held.rank = rank(held.weight_minor, held.due_at, held.kind, now)
    names = ("state", "closed_at", "due_at", "late_at", "postponed_count", "assignee_id", "rank")
    values = {name: getattr(held, name) for name in names}
    try:
        with transaction.atomic():
            written = FollowUp.objects.filter(pk=held.pk, **was).update(**values)
    except IntegrityError as error:  # the night has asked for the same matter anew
        raise TooLate from error
    if not written:
        raise TooLate


@transaction.atomic
def expire(
    keys: Iterable[str] | None = None,
    *,
    customers: Iterable[int] | None = None,
    kinds: Iterable[str] | None = None,
    reason: str = "settled",
    now: datetime,
) -> int:
    """Liuke lets go of what has settled itself: open matters with these keys, or of these kinds on these customers."""
    if (keys is None) == (customers is None):
        raise TypeError("expire() wants keys or customers")
    chosen = FollowUp.objects.open()
    if kinds is not None:
        chosen = chosen.filter(kind__in=list(kinds))
    ids: list[int] = []
    if keys is not None:
        for some in pieces(sorted(set(keys))):
            ids += chosen.filter(key__in=some).values_list("pk", flat=True)
    else:
        for few in pieces(sorted(set(customers or ()))):
            ids += chosen.filter(customer__in=few).values_list("pk", flat=True)
    return expire_rows(ids, reason=reason, now=now)


def expire_rows(ids: Sequence[int], *, reason: str, now: datetime) -> int:
    """As `expire`, inside the caller's transaction."""
    count = 0
    for piece in pieces(sorted(ids)):
        held = FollowUp.objects.open().filter(pk__in=piece).order_by("pk").select_for_update()
        rows = list(held.values_list("pk", "created_by"))
        FollowUp.objects.filter(pk__in=[pk for pk, _ in rows]).update(state="expired", closed_at=now)
        insert_rows(
            FollowUpChange,
            ["followup_id", "what", "at", "by_id", "reason", "before", "after", "tells_id"],
            [(pk, "expired", now, None, reason, {}, {}, asked_by) for pk, asked_by in rows],
        )
        count += len(rows)
    return count


@transaction.atomic
def rerank(*, now: datetime) -> int:
    """What is due gets more urgent by standing still: the order of the day is made anew. How many changed place."""
    rows = FollowUp.objects.open().values_list("pk", "rank", "weight_minor", "due_at", "kind")
    moved = []
    for pk, old, weight_minor, due_at, kind in rows.iterator(chunk_size=5000):
        if (new := rank(weight_minor, due_at, kind, now)) != old:
            moved.append((new, pk))
    return update_rows(
        "UPDATE customers_followup SET rank = %s WHERE id = %s AND state = 'open'", sorted(moved)
    )


@transaction.atomic
def weigh(expected_minor: Mapping[int, int], *, now: datetime) -> int:
    """What has an hour is about the money that its customer is expected to bring: `expected_minor` by customer. How many

    weigh something else than before; the order of the day follows.
    """
    rows = FollowUp.objects.open().filter(kind__in=TIMED).values_list("pk", "weight_minor", "customer_id")
    moved = [
        (new, pk)
        for pk, old, customer_id in rows.iterator(chunk_size=5000)
        if (new := expected_minor.get(customer_id, 0)) != old
    ]
    changed = update_rows(
        "UPDATE customers_followup SET weight_minor = %s WHERE id = %s AND state = 'open'", sorted(moved)
    )
    rerank(now=now)
    return changed


def mark_seen(user: User, *, upto: int | None = None, only: int | None = None, now: datetime) -> int:
    """`user` has read what he is told, up to the step `upto`, or `only` one: a later one stays new."""
    rows = FollowUpChange.objects.filter(tells=user, seen_at=None)
    rows = rows.filter(pk__lte=upto or 0) if only is None else rows.filter(pk=only)
    return rows.update(seen_at=now)


# --- one step ---------------------------------------------------------------------------------------


def _close(followup: FollowUp, state: str, reason: str, *, by: User | None, now: datetime) -> FollowUp:
    held = _held(followup, by)
    held.state, held.closed_at = state, now
    _write(held, {"state": state, "closed_at": now})
    _note(held, state, by=by, now=now, reason=reason, tells=told(by.pk if by else None, held.created_by_id))
    if state == "done" and held.kind == "promise":
        _tell_kept(held, by=by, now=now)
    else:
        _tell(held, state, by=by, now=now, reason=reason)
    return held


def _tell_kept(held: FollowUp, *, by: User | None, now: datetime) -> None:
    """Late is later than first promised: putting it off is our doing, not the customer's."""
    first = held.changes.filter(what="postponed").order_by("id").values_list("before", flat=True).first()
    promised_at = datetime.fromisoformat(first["due_at"]) if first else held.due_at
    data = {"text": held.title, "late": now > promised_at, "followup_id": held.pk}
    again = held.changes.filter(
        what="taken_back"
    ).count()  # kept, taken back, kept: two facts, the later one true
    key = f"kept:{held.pk}:{again}" if again else f"kept:{held.pk}"
    record(
        FactKind.PROMISE_KEPT,
        customer=held.customer,
        at=now,
        by=by,
        now=now,
        subject=held,
        data=data,
        key=key,
    )


def _held(followup: FollowUp, by: User | None) -> FollowUp:
    permit(by, Right.WORK_FOLLOWUPS)
    reach = FollowUp.objects.workable_by(by) if by else FollowUp.objects.all()
    return reach.select_related("customer", "assignee").get(pk=followup.pk)


def _write(held: FollowUp, values: dict[str, Any]) -> None:
    """Only an open one takes a step; `state = 'open'` in the statement itself decides between two who come at once."""
    if not FollowUp.objects.open().filter(pk=held.pk).update(**values):
        raise _closed(held)


def _closed(held: FollowUp) -> Closed:
    last = FollowUpChange.objects.filter(followup=held).select_related("by").order_by("-id").first()
    state = FollowUp.objects.values_list("state", flat=True).get(pk=held.pk)
    return Closed(state, str(last.by) if last and last.by else "", last.at if last else None)


def _note(
    held: FollowUp,
    what: str,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    tells: int | None = None,
) -> None:
    held.changes.create(
        what=what, at=now, by=by, reason=reason, before=before or {}, after=after or {}, tells_id=tells
    )


def _tell(held: FollowUp, what: str, *, by: User | None, now: datetime, reason: str, **more: str) -> None:
    data: dict[str, Any] = {"followup_id": held.pk, "what": what, "kind": held.kind, **more}
    told = [reason for reason in held.reasons if reason.get("code") in ASKED] if not held.title else []
    data |= {
        name: said for name, said in (("title", held.title), ("asked", told), ("reason", reason)) if said
    }
    record(FactKind.FOLLOWED_UP, customer=held.customer, at=now, by=by, now=now, subject=held, data=data)


def _may_be_given(assignee: User | None, by: User) -> None:
    """To oneself always; to others with the right, if they are here, within one's team, and work with customers at all.

    Whoever gets it may see and write the customer as long as it is open (`CustomerQuerySet.for_user`).
    """
    if assignee is None or assignee == by:
        return
    permit(by, Right.ASSIGN_FOLLOWUPS)
    if not assignee.is_active:
        raise Unfit("assignee", gettext_noop("%(name)s works here no longer."), name=assignee)
    if not User.objects.visible_to(by).filter(pk=assignee.pk).exists():
        raise Unfit("assignee", gettext_noop("%(name)s is not in your team."), name=assignee)
    if not assignee.may(Right.WORK_FOLLOWUPS) or assignee.role.write_scope == Scope.NONE:
        raise Unfit("assignee", gettext_noop("%(name)s's role does not work with customers."), name=assignee)
