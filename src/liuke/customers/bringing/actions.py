"""How each table of this domain comes along in a merge. The order is that in which they are brought."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from liuke.customers.background.models import Background
from liuke.customers.background.rules import FIELDS as BACKGROUND
from liuke.customers.completeness.models import Card
from liuke.customers.departments.models import Department
from liuke.customers.fields.models import FieldValue
from liuke.customers.followups.models import FollowUp
from liuke.customers.moving.actions import Moving, carry, carry_unless, drop, ids_of, moves
from liuke.customers.occasions.models import ImportantDate
from liuke.customers.records.models import Contact, ContactPoint
from liuke.customers.relations.models import Relation
from liuke.customers.relations.rules import kept
from liuke.customers.spelling.rules import letters
from liuke.customers.standings.models import Standing

JUDGED = ("risk", "rhythm", "gap")  # what Liuke asks once of a customer, whatever the day

moves(
    "customers.Fact.customer",
    "customers.Purchase.customer",
    "customers.StageChange.customer",
    "customers.Holding.customer",
    "customers.Former.customer",
    "customers.Merge.survivor",
    "customers.Reading.customer",
    "customers.ImportKept.customer",
)(carry)


# a successor's list names everybody once; matters of it are each their own
moves("customers.HandoverItem.customer")(carry_unless("handover_id", "followup_id"))


@moves("customers.Department.customer")
def departments(moving: Moving, model: type[models.Model], name: str) -> None:
    """One of the same name is the same, unless it sits elsewhere: then both stay, and the second tells whose it was."""
    mine = {one.name: one for one in Department.objects.filter(customer=moving.survivor)}
    for theirs in Department.objects.filter(customer=moving.gone):
        same = mine.get(theirs.name)
        if same is None:
            moving.carry(model, name, [theirs.pk])
        elif theirs.office in ("", same.office) and theirs.note in ("", same.note):
            persons = ids_of(Contact.objects.filter(department=theirs))
            moving.carry(Contact, "department", persons, start=theirs.pk, to=same.pk)
            moving.put_aside([theirs])
        else:
            moving.alter(theirs, name=_other_name(theirs.name, moving.gone.number, mine))
            moving.carry(model, name, [theirs.pk])


def _other_name(name: str, number: str, taken: Any) -> str:
    for suffix in (f" ({number})", *(f" ({number}, {place})" for place in range(2, 100))):
        if (other := name[: 80 - len(suffix)] + suffix) not in taken:
            return other
    return f"{name[:30]} {number}"


@moves("customers.Contact.customer")
def contacts(moving: Moving, model: type[models.Model], name: str) -> None:
    """Everybody goes along; the same person noted twice becomes one. The survivor's first person stays the first."""
    mine = list(moving.survivor.contacts.all())
    for theirs in moving.gone.contacts.all():
        twin = next((one for one in mine if _same_person(one, theirs)), None)
        if twin is not None:
            _unite(moving, twin, theirs)
            continue
        if theirs.is_primary and any(one.is_primary for one in mine):
            moving.alter(theirs, is_primary=False)
        moving.carry(model, name, [theirs.pk])


def _same_person(one: Contact, other: Contact) -> bool:
    if letters(one.name) != letters(other.name):
        return False
    columns = ("title", "department_id", "influence", "decision_power", "attitude", "note")
    if any(_contrary(getattr(one, column), getattr(other, column)) for column in columns):
        return False
    ways = [set(person.points.values_list("kind", "normal")) for person in (one, other)]
    met = [Background.objects.filter(contact=person).exists() for person in (one, other)]
    return (not ways[0] or not ways[1] or bool(ways[0] & ways[1])) and not all(met)


def _contrary(one: object, other: object) -> bool:
    return one not in (None, "") and other not in (None, "") and one != other


def _unite(moving: Moving, twin: Contact, theirs: Contact) -> None:
    columns = ("title", "department_id", "influence", "decision_power", "attitude", "note")
    filled = {
        column: getattr(theirs, column)
        for column in columns
        if getattr(twin, column) in (None, "") and getattr(theirs, column) not in (None, "")
    }
    moving.alter(twin, **filled, roles=list(dict.fromkeys([*twin.roles, *theirs.roles])))
    for relation in Contact._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            model, name = relation.related_model, relation.field.name  # type: ignore[union-attr]
            rows: Any = model._base_manager.filter(**{name: theirs.pk})  # type: ignore[union-attr]
            moving.carry(model, name, ids_of(rows), start=theirs.pk, to=twin.pk)  # type: ignore[arg-type]
    moving.put_aside([theirs])


@moves("customers.ContactPoint.customer")
def points(moving: Moving, model: type[models.Model], name: str) -> None:
    """The same number is noted once, with the person whose it is; only one stays preferred."""
    mine = {(one.kind, one.normal): one for one in ContactPoint.objects.filter(customer=moving.survivor)}
    has_preferred = any(one.is_preferred for one in mine.values())
    for theirs in ContactPoint.objects.filter(customer=moving.gone):
        if (same := mine.get((theirs.kind, theirs.normal))) is not None:
            if same.contact_id is None and theirs.contact_id is not None:
                moving.alter(same, contact_id=theirs.contact_id)
            moving.put_aside([theirs])
            continue
        if theirs.is_preferred and has_preferred:
            moving.alter(theirs, is_preferred=False)
        moving.carry(model, name, [theirs.pk])


@moves("customers.Background.customer")
def backgrounds(moving: Moving, model: type[models.Model], name: str) -> None:
    """Of a person they go with him; of two customers they are put one under the other."""
    mine = Background.objects.filter(customer=moving.survivor, contact=None).first()
    for theirs in Background.objects.filter(customer=moving.gone):
        if theirs.contact_id is not None or mine is None:
            moving.carry(model, name, [theirs.pk])
            continue
        texts = {part: _under(getattr(mine, part), getattr(theirs, part)) for part in BACKGROUND}
        moving.alter(mine, **texts, consent=_under(mine.consent, theirs.consent, "; ")[:240])
        moving.put_aside([theirs])


def _under(one: str, other: str, between: str = "\n") -> str:
    return between.join(dict.fromkeys(text for text in (one, other) if text))


@moves("customers.ImportantDate.customer")
def dates(moving: Moving, model: type[models.Model], name: str) -> None:
    """A day that both have is remembered once."""
    same = ("contact_id", "kind", "name", "month", "day", "year", "is_lunar", "is_leap_month", "is_yearly")
    mine = set(ImportantDate.objects.filter(customer=moving.survivor).values_list(*same))
    for theirs in ImportantDate.objects.filter(customer=moving.gone):
        if tuple(getattr(theirs, column) for column in same) in mine:
            moving.put_aside([theirs])
        else:
            moving.carry(model, name, [theirs.pk])


@moves("customers.Relation.whose", "customers.Relation.who")
def relations(moving: Moving, model: type[models.Model], name: str) -> None:
    """Both ends. Nobody is related to himself, and of two that say the same one is enough."""
    for row in Relation.objects.filter(Q(whose=moving.gone) | Q(who=moving.gone)):
        ends = {moving.gone.pk: moving.survivor.pk}
        whose, who = (ends.get(pk, pk) for pk in (row.whose_id, row.who_id))
        persons = {whose: row.whose_contact_id, who: row.who_contact_id}
        first, second, kind = kept(whose, who, row.kind)
        if whose == who or Relation.objects.filter(whose=first, who=second, kind=kind).exists():
            moving.put_aside([row])
            continue
        moving.alter(
            row,
            whose_id=first,
            who_id=second,
            whose_contact_id=persons[first],
            who_contact_id=persons[second],
        )


@moves("customers.FieldValue.customer")
def own_fields(moving: Moving, model: type[models.Model], name: str) -> None:
    """The values of one of them for each field: the chosen one's, else the survivor's, else whoever has some."""
    mine: dict[int, list[FieldValue]] = {}
    for value in FieldValue.objects.filter(customer=moving.survivor):
        mine.setdefault(value.field_id, []).append(value)
    for field in set(FieldValue.objects.filter(customer=moving.gone).values_list("field_id", flat=True)):
        theirs = FieldValue.objects.filter(customer=moving.gone, field=field)
        chosen = moving.choices.get(f"f{field}", moving.survivor.pk)
        if field in mine and chosen != moving.gone.pk:
            moving.put_aside(theirs)
            continue
        moving.put_aside(mine.get(field, []))
        moving.carry(model, name, ids_of(theirs))


@moves("customers.FieldValue.refers")
def referring(moving: Moving, model: type[models.Model], name: str) -> None:
    """Who referred to him refers to the survivor, but for the survivor himself."""
    rows = FieldValue.objects.filter(refers=moving.gone)
    moving.put_aside(rows.filter(customer=moving.survivor))
    moving.carry(model, name, ids_of(rows))


@moves("customers.Standing.customer")
def standings(moving: Moving, model: type[models.Model], name: str) -> None:
    """The history goes along whole; what holds now is the chosen one's, else the survivor's where he has one."""
    now = {one.what: one for one in Standing.objects.filter(customer=moving.survivor, ended_at=None)}
    for theirs in Standing.objects.filter(customer=moving.gone, ended_at=None):
        same = now.get(theirs.what)
        if same is not None:
            ending = same if moving.choices.get(theirs.what) == moving.gone.pk else theirs
            moving.alter(ending, ended_at=moving.now)
    carry(moving, model, name)


@moves("customers.FollowUp.customer")
def followups(moving: Moving, model: type[models.Model], name: str) -> None:
    """What is to be done goes along; what Liuke asks of both is asked once."""
    mine = FollowUp.objects.open().filter(customer=moving.survivor, created_by=None)
    asked = set(mine.filter(kind__in=JUDGED).values_list("kind", flat=True))
    for theirs in FollowUp.objects.open().filter(customer=moving.gone, created_by=None, kind__in=asked):
        moving.alter(theirs, state="expired", closed_at=moving.now)
    taken = set(FollowUp.objects.open().exclude(key=None).values_list("key", flat=True))
    old, new = f":{moving.gone.pk}", f":{moving.survivor.pk}"
    for theirs in FollowUp.objects.filter(customer=moving.gone, key__endswith=old):
        key = theirs.key.removesuffix(old) + new if theirs.key else None
        if theirs.source != "person" and _of_customer(key) and (theirs.state != "open" or key not in taken):
            moving.alter(theirs, key=key)
    carry(moving, model, name)


def _of_customer(key: str | None) -> bool:
    """A key such as risk:42, which ends with the customer: those of complaints and holdings end with other ids."""
    return bool(key) and key.partition(":")[0] in (*JUDGED, "attitude", "card", "handover")  # type: ignore[union-attr]


@moves("customers.Card.customer")
def cards(moving: Moving, model: type[models.Model], name: str) -> None:
    """How complete it is is worked out anew; what a supervisor wants of it he still wants."""
    theirs = Card.objects.filter(customer=moving.gone).first()
    mine = Card.objects.filter(customer=moving.survivor).first()
    if theirs is None:
        return
    if mine is not None and theirs.returned_at is not None and mine.returned_at is None:
        moving.alter(
            mine,
            returned_at=theirs.returned_at,
            returned_by_id=theirs.returned_by_id,
            return_note=theirs.return_note,
        )
    moving.put_aside([theirs])


moves("customers.CustomerSearch.customer")(drop)
