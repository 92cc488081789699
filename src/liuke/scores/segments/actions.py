"""Keeping segments, asking who is in one, and looking every night who came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from liuke.customers.fields.actions import definitions
from liuke.customers.models import Customer
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import insert_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.kit.rules import Form, day_text, money_text, percent_text
from liuke.platform.lists.rules import Condition, Field, Group, Kind, Listing, Op, Unfit
from liuke.platform.models import Team, User
from liuke.platform.paging.rules import gettext_noop
from liuke.scores.questions.actions import answering
from liuke.scores.questions.rules import events, fields, own_filters
from liuke.scores.runs.actions import current_run
from liuke.scores.runs.models import ScoreRun
from liuke.scores.segments.models import Segment, SegmentMember, SegmentPick
from liuke.scores.segments.rules import (
    FIELD,
    MOST_PICKED,
    MOST_SEGMENTS,
    NAME_LIMIT,
    NOTE_LIMIT,
    Day,
    asked_segments,
    check,
    days,
    replaced,
)
from liuke.scores.sentences.rules import Words

PORTION = 2_000  # members written in one transaction: well under the 200 ms that nobody else may write


def segment_field() -> Field:
    return Field(FIELD, _("Segment"), Kind.PERSON, FIELD)


def catalogue(user: User | None) -> Listing:
    """All that a segment may ask, as far as `user` may ask it; None is the night, which knows everything."""
    own = own_filters(definitions(), get_language() or "", masked=user.role.masked if user else ())
    whole = Listing("segments", (), (*fields(), *own, segment_field()), sort="", events=events())
    return whole.for_rights(lambda right: user.may(Right(right))) if user else whole


# --- who is in it ---


def expanded(tree: Group, user: User | None) -> Group:
    """The tree with its segments replaced by what they ask: always the question, never a list of last night."""
    return opened(tree, user)[0]


def opened(tree: Group, user: User | None) -> tuple[Group, dict[int, str]]:
    """The same, and what the segments are called that it is made of."""
    wanted = asked_segments(tree)
    if not wanted:
        return tree, {}
    reach = Segment.objects.for_user(user) if user else Segment.objects.all()
    known, rows = catalogue(user), list(reach.filter(pk__in=wanted))
    groups = {one.pk: whole(one, known) for one in rows}
    inner = {pk for group in groups.values() for pk in asked_segments(group)}
    if inner:
        deeper = {one.pk: whole(one, known) for one in reach.filter(pk__in=inner)}
        groups = {pk: replaced(group, deeper) for pk, group in groups.items()}
    return replaced(tree, groups), {one.pk: one.name for one in rows}


def whole(segment: Segment, known: Listing) -> Group:
    """What the segment asks, with who is in it by hand and who is out."""
    asked = known.tree(segment.tree) if segment.kind == "rule" else Group("any", ())
    return Group(
        "all",
        (
            Group("any", (asked, _picked(segment.pk, "in"))),
            Group("none", (_picked(segment.pk, "out"),)),
        ),
    )


def _picked(pk: int, how: str) -> Condition:
    rows: Callable[[], QuerySet[SegmentPick]] = partial(SegmentPick.objects.filter, segment=pk, how=how)
    field = Field("picked", "", Kind.NUMBER, "segment", rows=rows, of="customer")
    return Condition(field, Op.FILLED, ())


def members(
    segment: Segment, user: User, *, now: datetime, run: ScoreRun | None = None
) -> QuerySet[Customer]:
    """Whoever is in it now, as far as `user` may read. `run` is the judgement that is read, where one has it at hand."""
    tree = expanded(whole(segment, catalogue(user)), user)
    return answering(Customer.objects.for_user(user), tree, run or current_run(), user=user, now=now)


def sizes(segments: Sequence[Segment], user: User) -> dict[int, int]:
    """How many of those whom `user` may read were in each last night."""
    reach = Customer.objects.reach(user, user.role.read_scope, path="customer__")
    rows = SegmentMember.objects.filter(reach, segment__in=segments, left_on=None).order_by()
    return dict(rows.values_list("segment").annotate(Count("pk")))


def words_for(
    tree: Group,
    user: User,
    *,
    currency: str,
    language: str,
    today: date,
    segments: Mapping[int, str] | None = None,
) -> Words:
    """How a tree is told to `user`: figures in his language, and the names of those whom it asks for. `segments` are
    the names of its segments, where one has them at hand."""
    asked = {one.field.name for one in tree.conditions() if one.field.kind == Kind.PERSON}
    rows: dict[str, QuerySet[Any]] = {
        "owner": User.objects.all(),
        "team": Team.objects.all(),
        FIELD: Segment.objects.for_user(user),
    }
    names = {
        name: dict(some.values_list("pk", "name")) for name, some in rows.items() if name in asked - {FIELD}
    }
    if FIELD in asked:
        names[FIELD] = dict(rows[FIELD].values_list("pk", "name") if segments is None else segments)
    return Words(
        money=lambda minor: money_text(minor, currency, language),
        day=lambda on: day_text(on, language, today=today, form=Form.FULL),
        percent=lambda share: percent_text(share, language),
        names=names,
    )


# --- keeping ---


def keep(
    name: str,
    plain: Any,
    *,
    segment: Segment | None = None,
    kind: str = "rule",
    note: str = "",
    is_target: bool = False,
    shared: bool = False,
    by: User,
    now: datetime,
) -> Segment:
    """A new segment, or `segment` as it shall be from now on."""
    permit(by, Right.VIEW_CUSTOMERS)
    if shared or (segment and segment.owner_id != by.pk):
        permit(by, Right.SHARE_SEGMENTS)
    title, purpose = " ".join(name.split()), " ".join(note.split())
    if not title or len(title) > NAME_LIMIT or len(purpose) > NOTE_LIMIT:
        raise Unfit(gettext_noop("A segment needs a name of at most %(limit)s letters."), limit=NAME_LIMIT)
    with transaction.atomic():
        held = (
            _held(segment, by)
            if segment
            else Segment(owner=by, created_at=now, rule_changed_at=now, kind=kind)
        )
        tree = _checked(plain, held, by) if held.kind == "rule" else {}
        same = Segment.objects.filter(owner=held.owner, name=title).exclude(pk=held.pk)
        if same.exists():
            raise Unfit(gettext_noop("There is a segment “%(name)s” already."), name=title)
        if not held.pk and Segment.objects.filter(owner=by).count() >= MOST_SEGMENTS:
            raise Unfit(
                gettext_noop("There are %(limit)s segments already; remove some."), limit=MOST_SEGMENTS
            )
        before = _told(held) if held.pk else {}
        if held.tree != tree:
            held.tree, held.rule_changed_at = tree, now
        held.name, held.note, held.is_target, held.shared = title, purpose, is_target, shared
        held.save()
        audit.record(
            "segments.save", by=by, now=now, subject=held, changes=audit.changes_between(before, _told(held))
        )
    return held


def _checked(plain: Any, held: Segment, by: User) -> dict[str, Any]:
    """A segment of segments is of such as ask for themselves, and which `by` may see: so none goes in circles."""
    tree = catalogue(by).tree(plain)
    check(tree)
    inner = asked_segments(tree)
    found = {one.pk: one for one in Segment.objects.for_user(by).filter(pk__in=inner)}
    if inner - found.keys():
        raise Unfit(gettext_noop("This segment is gone, or is not yours to see."))
    known = catalogue(None)
    if held.pk in inner or any(
        one.kind == "rule" and asked_segments(known.tree(one.tree)) for one in found.values()
    ):
        raise Unfit(gettext_noop("A segment may be made of segments, but these not of further ones."))
    if inner and held.pk and users_of(held):
        raise Unfit(gettext_noop("Other segments are made of this one; it can't be made of segments itself."))
    return tree.plain()


def users_of(segment: Segment) -> list[Segment]:
    """The segments that are made of this one."""
    known, found = catalogue(None), []
    for one in Segment.objects.filter(kind="rule").exclude(pk=segment.pk):
        try:
            if segment.pk in asked_segments(known.tree(one.tree)):
                found.append(one)
        except Unfit:
            continue  # about a field that is gone: it is made of nothing any more
    return found


def remove(segment: Segment, *, by: User, now: datetime) -> None:
    """With its history."""
    with transaction.atomic():
        held = _held(segment, by)
        if users := users_of(held):
            raise Unfit(gettext_noop("The segment “%(name)s” is made of this one."), name=users[0].name)
        audit.record(
            "segments.remove", by=by, now=now, subject=held, changes=audit.changes_between(_told(held), {})
        )
        held.delete()


def pick(segment: Segment, ids: Iterable[int], how: str, *, by: User, now: datetime) -> int:
    """Takes customers in by hand (`in`), keeps them out (`out`), or leaves them to the rule (`rule`); how many changed."""
    with transaction.atomic():
        held = _held(segment, by)
        wanted = sorted(set(ids))
        reach = Customer.objects.for_user(by)
        seen = [
            pk for some in pieces(wanted) for pk in reach.filter(pk__in=some).values_list("pk", flat=True)
        ]
        others = SegmentPick.objects.filter(segment=held)
        if how != "rule" and others.count() + len(seen) > MOST_PICKED:
            raise Unfit(gettext_noop("At most %(limit)s customers can be picked by hand."), limit=MOST_PICKED)
        changed = 0
        for some in pieces(seen):
            same = set(others.filter(customer__in=some, how=how).values_list("customer_id", flat=True))
            gone, _each = others.filter(customer__in=some).exclude(how=how).delete()
            fresh = [pk for pk in some if pk not in same] if how != "rule" else []
            SegmentPick.objects.bulk_create(
                SegmentPick(segment=held, customer_id=pk, how=how, by=by, at=now) for pk in fresh
            )
            changed += len(fresh) or gone
        if changed:
            audit.record("segments.pick", by=by, now=now, subject=held, changes={how: [None, changed]})
    return changed


def _held(segment: Segment, by: User) -> Segment:
    """One's own; one that is for everybody by whoever makes such."""
    if segment.owner_id != by.pk:
        permit(by, Right.SHARE_SEGMENTS)
    return Segment.objects.for_user(by).select_for_update().get(pk=segment.pk)


def _told(segment: Segment) -> dict[str, Any]:
    return {
        "name": segment.name,
        "note": segment.note,
        "query": segment.tree,
        "shared": segment.shared,
        "target": segment.is_target,
    }


# --- every night ---


def refresh_all(*, now: datetime, on: date, guard: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Who came and went since the last night, segment by segment; one that can't be asked any more says why."""
    counts = {"segments": 0, "entered": 0, "left": 0, "failed": 0}
    for segment in Segment.objects.order_by("pk").select_related("owner"):
        try:
            entered, left = refresh(segment, now=now, on=on, guard=guard)
        except Unfit as error:
            Segment.objects.filter(pk=segment.pk).update(problem=str(error)[:200])
            counts["failed"] += 1
            continue
        counts["segments"] += 1
        counts["entered"] += entered
        counts["left"] += left
    return counts


def refresh(
    segment: Segment, *, now: datetime, on: date, guard: Callable[[], None] = lambda: None
) -> tuple[int, int]:
    """In portions, each a transaction: stopped between two it goes on where it was, as only differences are written."""
    tree = expanded(whole(segment, catalogue(None)), None)
    found = answering(Customer.objects.all(), tree, current_run(), user=segment.owner, now=now).order_by()
    there = SegmentMember.objects.filter(segment=segment, left_on=None).order_by()
    gone = list(there.exclude(customer__in=found.values("pk")).values_list("pk", flat=True))
    come = list(found.exclude(pk__in=there.values("customer")).values_list("pk", flat=True))
    for portion in _portions(gone):
        with transaction.atomic():
            for some in pieces(portion):
                SegmentMember.objects.filter(pk__in=some).update(left_on=on)
            guard()
    for portion in _portions(come):
        with transaction.atomic():
            rows = [(segment.pk, pk, on, None) for pk in portion]
            insert_rows(SegmentMember, ("segment_id", "customer_id", "entered_on", "left_on"), rows)
            guard()
    first = segment.first_on or on
    Segment.objects.filter(pk=segment.pk).update(first_on=first, measured_on=on, problem="")
    return len(come), len(gone)


def _portions(ids: Sequence[int]) -> Iterable[list[int]]:
    rest = iter(ids)
    while portion := list(islice(rest, PORTION)):
        yield portion


def drift(segment: Segment, user: User) -> list[Day]:
    """How many were in it each day, how many came and went: of those whom `user` may read today."""
    if segment.first_on is None or segment.measured_on is None:
        return []
    reach = Customer.objects.reach(user, user.role.read_scope, path="customer__")
    rows = SegmentMember.objects.filter(reach, segment=segment).order_by()
    entered: Counter[date] = Counter()
    left: Counter[date] = Counter()
    for came_on, went_on, count in rows.values_list("entered_on", "left_on").annotate(Count("pk")):
        entered[came_on] += count
        if went_on:
            left[went_on] += count
    return list(days(segment.first_on, segment.measured_on, entered, left))


@dataclass(frozen=True)
class Move:
    """That a customer came into a segment or went out of it."""

    on: date
    came: bool
    customer: Customer


def moves(segment: Segment, user: User, *, on: date | None = None, limit: int = 50) -> list[Move]:
    """Who came and who went, the latest first; of one day where it is given."""
    reach = Customer.objects.reach(user, user.role.read_scope, path="customer__")
    rows = SegmentMember.objects.filter(reach, segment=segment)
    came = rows.filter(entered_on=on) if on else rows.filter(entered_on__gt=segment.first_on or date.min)
    went = rows.filter(left_on=on) if on else rows.exclude(left_on=None)
    latest = (came.order_by("-entered_on", "-pk"), went.order_by("-left_on", "-pk"))
    asked = Q()
    for some in latest:
        asked |= Q(pk__in=some.values("pk")[:limit])
    found = []
    for one in SegmentMember.objects.filter(asked).select_related("customer").order_by("-pk"):
        if one.entered_on == on or (not on and segment.first_on and one.entered_on > segment.first_on):
            found.append(Move(one.entered_on, True, one.customer))
        if one.left_on and on in (None, one.left_on):
            found.append(Move(one.left_on, False, one.customer))
    return sorted(found, key=lambda move: move.on, reverse=True)[:limit]
