"""A staged customer list into the records, portion by portion. Each portion is the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db.models import F

from liuke.customers.comparing.actions import Booked, Replaced, keeper
from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.fields.actions import write_packed
from liuke.customers.fields.rules import Packed
from liuke.customers.meeting.actions import Met, People
from liuke.customers.meeting.rules import Another, Change, Point, Record, unknown
from liuke.customers.naming.actions import free_numbers
from liuke.customers.records.actions import follow_change
from liuke.customers.records.models import Contact, ContactPoint, Customer
from liuke.customers.sorting.actions import kept
from liuke.customers.stages.actions import Step, move_all
from liuke.customers.stages.rules import Move
from liuke.platform.bulk.actions import insert_rows, reserve_ids
from liuke.platform.models import User

TEXTS: Final = ("source", "country", "province", "city", "address", "note")
CUSTOMER: Final = (
    *("id", "number", "name", "kind", "scope", "purpose", "stage", "profile", "owner_id", "team_id"),
    *(*TEXTS, "batch_id", "version", "created_at"),
)
POINT: Final = ("customer_id", "contact_id", "kind", "value", "normal", "is_preferred", "batch_id")
CONTACT: Final = (
    "id",
    "customer_id",
    "name",
    "title",
    "roles",
    "is_primary",
    "note",
    "decision_power",
    "attitude",
    "batch_id",
    "created_at",
)
PERSONAL: Final = {"mobile", "wechat", "whatsapp"}  # belong to the person named beside them

LINES_A_CUSTOMER: Final = (
    20  # with search line, points and facts one takes as long as this many purchase lines
)


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added to a customer beside the fields of the record."""

    customer_id: int
    points: Sequence[Point]
    contact: tuple[str, str] | None
    more: Sequence[Another]
    is_first: bool  # nobody is named there yet
    known: Mapping[str, int] = field(default_factory=dict)  # persons who are there: name -> id
    # of a customer with a row for each person the points that several have: the others are the first person's own
    shared: frozenset[str] | None = None
    first: str = ""  # whom the row names first, where he is there already

    def is_personal(self, point: Point) -> bool:
        if self.shared is None:
            return point.kind in PERSONAL
        return point.normal not in self.shared


class Enrolment:
    """A staged customer list on its way into the database."""

    def __init__(self, folder: Path, *, batch_id: int, by: User | None, now: datetime) -> None:
        self.people = People(folder, by)
        self.batch_id, self.by, self.now = batch_id, by, now
        self._places = kept(folder / "plan.arrow")["place"].to_numpy()

    def __len__(self) -> int:
        return len(self._places)

    def portion(self, first: int, lines: int) -> int:
        return min(len(self), first + max(1, lines // LINES_A_CUSTOMER))

    def line_count(self, first: int, last: int) -> int:
        return (last - first) * LINES_A_CUSTOMER

    def book(self, first: int, last: int) -> Booked:
        met = self.people.meet(self.people.persons(self._places[first:last].tolist()))
        new = [one for one in met if one.record is None and not one.faults]
        changed = [(one.record, one.change) for one in met if one.record and one.change]
        ids = self._insert(new)
        additions = [
            *(
                Addition(
                    pk,
                    one.person.points,
                    one.person.contact,
                    one.person.more,
                    True,
                    shared=one.person.shared_points,
                )
                for pk, one in zip(ids, new, strict=True)
            ),
            *(
                Addition(
                    record.pk,
                    change.points,
                    change.contact,
                    change.more,
                    not record.contacts,
                    record.contacts,
                    change.shared,
                    change.first,
                )
                for record, change in changed
            ),
        ]
        replaced = [self._change(record, change) for record, change in changed]
        firsts = {one.customer_id: one for one in reversed(additions)}
        self._add(list(reversed(firsts.values())))
        for one in additions:  # rare: the number of a customer and that of one merged into him in one file
            if one is not firsts[one.customer_id]:
                self._add([self._beyond(one)])
        follow_change([addition.customer_id for addition in additions])
        self._tell(new, ids, changed)
        return Booked([row for row in replaced if row])

    def _insert(self, new: Sequence[Met]) -> list[int]:
        if not new:
            return []
        ids = reserve_ids(Customer, len(new))
        owner_id, team_id = keeper(self.by)
        numbers = free_numbers(ids, given=[one.person.number for one in new])
        rows: list[tuple[Any, ...]] = []
        own: list[tuple[int, int, Packed]] = []
        for pk, number, one in zip(ids, numbers, new, strict=True):
            text = [one.person.values.get(name) or "" for name in TEXTS]
            kind = one.person.values.get("kind") or "enterprise"
            scope = one.person.values.get("scope") or ("consumer" if kind == "individual" else "b2b")
            theirs = self.people.own_of(one.person, kind, scope)
            own += [(pk, self.people.own[name].pk, packed) for name, packed in theirs.items() if packed]
            owner = one.given.get("owner_id", owner_id)
            team = one.given.get("team_id", team_id)
            rows.append(
                (
                    pk,
                    number,
                    one.person.name,
                    kind,
                    scope,
                    "",
                    "lead",
                    {},
                    owner,
                    team,
                    *text,
                    self.batch_id,
                    1,
                    self.now,
                )
            )
        insert_rows(Customer, CUSTOMER, rows)
        write_packed(own, replace=False)
        return ids

    def _change(self, record: Record, change: Change) -> Replaced | None:
        fields = {name: pair for name, pair in change.fields.items() if name != "stage"}
        if not fields and not change.own:
            return None
        after = {name: new for name, (_, new) in fields.items()}
        Customer.objects.filter(pk=record.pk).update(**after, version=F("version") + 1)
        own = [(record.pk, self.people.own[name].pk, new) for name, (_, new) in change.own.items()]
        write_packed(own, replace=True)
        both = {**fields, **change.own}
        return Replaced("customers.Customer", record.pk, {name: list(pair) for name, pair in both.items()})

    def _beyond(self, one: Addition) -> Addition:
        """What a further row about the same customer adds to what the first one has brought."""
        held = ContactPoint.objects.filter(customer=one.customer_id)
        points = set(held.values_list("kind", "normal"))
        people = dict(Contact.objects.filter(customer=one.customer_id).values_list("name", "pk"))
        fresh = [point for point in one.points if (point.kind, point.normal) not in points]
        contact = None if one.contact is None or one.contact[0] in people else one.contact
        return Addition(one.customer_id, fresh, contact, unknown(one.more, points, people), False, people)

    def _add(self, additions: Sequence[Addition]) -> None:
        ids = self._add_contacts(additions)
        points: list[tuple[Any, ...]] = []
        for a in additions:
            first = ids.get((a.customer_id, a.contact[0])) if a.contact else a.known.get(a.first)
            whose = [(p, first if a.is_personal(p) else None) for p in a.points]
            for person in a.more:
                theirs = ids.get((a.customer_id, person.name)) or a.known.get(person.name)
                whose += [(p, theirs) for p in person.points]
            once = {(p.kind, p.normal): (p, contact) for p, contact in reversed(whose)}  # the first has it
            points += [
                (a.customer_id, contact, p.kind, p.value, p.normal, False, self.batch_id)
                for p, contact in reversed(once.values())
            ]
        insert_rows(ContactPoint, POINT, points)

    def _add_contacts(self, additions: Sequence[Addition]) -> dict[tuple[int, str], int]:
        """The new persons' ids by customer and name."""
        new: dict[tuple[int, str], tuple[str, bool]] = {}
        for a in additions:
            named = [
                *([a.contact] if a.contact else []),
                *((one.name, one.title) for one in a.more if one.name),
            ]
            fresh = [(name, title) for name, title in named if name not in a.known]
            for place, (name, title) in enumerate(fresh):
                new.setdefault((a.customer_id, name), (title, a.is_first and place == 0))
        ids = reserve_ids(Contact, len(new)) if new else []
        rows: list[tuple[Any, ...]] = [
            (pk, customer, name, title, [], primary, "", "", "", self.batch_id, self.now)
            for pk, ((customer, name), (title, primary)) in zip(ids, new.items(), strict=True)
        ]
        insert_rows(Contact, CONTACT, rows)
        return dict(zip(new, ids, strict=True))

    def _tell(self, new: Sequence[Met], ids: Sequence[int], changed: Sequence[tuple[Record, Change]]) -> None:
        actor_id = self.by.pk if self.by else None
        facts, steps = [], []
        for pk, one in zip(ids, new, strict=True):
            data = {"source": source} if (source := one.person.values.get("source")) else {}
            facts.append(
                NewFact(
                    FactKind.REGISTERED, pk, self.now, actor_id=actor_id, data=data, batch_id=self.batch_id
                )
            )
            if one.given.get("stage", "lead") != "lead":
                steps.append(self._step(pk, "lead", one.given["stage"]))
        for record, change in changed:
            if "stage" in change.fields:
                steps.append(self._step(record.pk, *change.fields["stage"]))
            if "owner_id" in change.fields:
                facts.append(self._assigned(record.pk, *change.fields["owner_id"], actor_id))
        record_many(facts, now=self.now)
        move_all(steps, by=self.by, now=self.now)

    def _step(self, customer_id: int, before: str, after: str) -> Step:
        return Step(customer_id, before, Move(after, "import"), self.now, {}, self.batch_id)

    def _assigned(
        self, customer_id: int, before: int | None, after: int | None, actor_id: int | None
    ) -> NewFact:
        ids = [pk for pk in (before, after) if pk]
        names: dict[int | None, str] = {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}
        data = {
            "before_id": before,
            "after_id": after,
            "before": names.get(before, ""),
            "after": names.get(after, ""),
        }
        return NewFact(
            FactKind.ASSIGNED, customer_id, self.now, actor_id=actor_id, data=data, batch_id=self.batch_id
        )
