"""Fields of the company's own: defined by who manages the settings, filled by who edits customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, FilteredRelation, Max, Q, QuerySet

from liuke.customers.fields.models import CustomField, FieldValue
from liuke.customers.fields.rules import (
    BLOCKS,
    HELP_LIMIT,
    IMPORTED,
    LANGUAGES,
    LISTS,
    MOST_FIELDS,
    MOST_OPTIONS,
    NAME_LIMIT,
    PLACES,
    TYPES,
    Definition,
    Packed,
    clean,
    plain,
    rows_of,
    unpacked,
    value_of,
)
from liuke.customers.masking.rules import OF_FIELDS
from liuke.customers.records.actions import edit, tell_changed
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import CHOICES, EditConflict, Unfit, gettext_noop
from liuke.customers.records.rules import clean as clean_text
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import insert_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.models import User
from liuke.platform.preferences.actions import get, stamp

EDITION = "fields.edition"
ERASED_AT_ONCE = 5_000

# The definitions of one edition. A page asks for them without a statement: the edition comes with the preferences.
_kept: tuple[str, tuple[Definition, ...]] = ("", ())


def definitions() -> tuple[Definition, ...]:
    """All that are in use, in their order on the card."""
    global _kept
    edition = get(EDITION)
    if not edition:
        return ()
    if _kept[0] != edition:
        _kept = (edition, tuple(one.definition for one in CustomField.objects.in_use()))
    return _kept[1]


def hideable() -> dict[str, str]:
    """Name, as the audit keeps it, -> type, of all fields ever defined that a role may be kept from seeing."""
    rows = CustomField.objects.filter(type__in=OF_FIELDS)
    return {one.definition.label("zh-hans"): one.type for one in rows}


def imported_fields() -> tuple[Definition, ...]:
    """Those that a column of a file can go into."""
    return tuple(one for one in definitions() if "import" in one.places and one.type in IMPORTED)


def packed_of(ids: Sequence[int], known: Sequence[Definition]) -> dict[int, dict[str, Packed]]:
    """customer -> name -> rows as an import compares them."""
    names = {one.pk: one.name for one in known}
    found: dict[int, dict[str, Packed]] = {}
    if names:
        rows = FieldValue.objects.filter(customer__in=ids, field__in=names).order_by(
            "customer", "field", "place"
        )
        for pk, field, place, text, number, day, long in rows.values_list(
            "customer_id", "field_id", "place", "text", "number", "day", "long"
        ):
            theirs = found.setdefault(pk, {}).setdefault(names[field], [])
            theirs.append([place, text, number, day and day.isoformat(), long])
    return found


def write_packed(values: Sequence[tuple[int, int, Packed]], *, replace: bool) -> None:
    """(customer, field, rows), within the caller's transaction; `replace` takes away what was there."""
    if replace:
        for customer, field, _rows in values:
            FieldValue.objects.filter(customer=customer, field=field).delete()
    columns = ("customer_id", "field_id", "place", "text", "number", "day", "long")
    insert_rows(
        FieldValue,
        columns,
        [
            (customer, field, row.place, row.text, row.number, row.day, row.long)
            for customer, field, rows in values
            for row in unpacked(rows)
        ],
    )


def fields_of(kind: str, scope: str) -> tuple[Definition, ...]:
    return tuple(one for one in definitions() if one.of(kind, scope))


# --- defining ---------------------------------------------------------------------------------------


@transaction.atomic
def add_field(
    *, type: str, names: Mapping[str, str], by: User | None, now: datetime, **more: Any
) -> CustomField:
    """A field for the cards of a kind or scope. What it counts in (`decimals`, `currency`) is chosen once."""
    permit(by, Right.MANAGE_SETTINGS)
    if type not in TYPES:
        raise Unfit("type", gettext_noop("“%(value)s” is not among the choices."), value=type)
    if CustomField.objects.in_use().count() >= MOST_FIELDS:
        raise Unfit(
            "type", gettext_noop("There are %(limit)s fields already; archive some first."), limit=MOST_FIELDS
        )
    last = CustomField.objects.aggregate(last=Max("position"))["last"] or 0
    new = CustomField(type=type, created_at=now, position=last + 1, places=list(PLACES))
    decimals = more.pop("decimals", 2)
    new.decimals = decimals if type in {"decimal", "money"} else 0
    if type == "money":
        new.currency = more.pop("currency", "") or get("company.currency")
    _write(new, names=names, **more)
    _unlike_others(new)
    new.save()
    audit.record("fields.add", by=by, now=now, subject=new, changes=audit.changes_between({}, _told(new)))
    stamp(EDITION, now=now)
    return new


@transaction.atomic
def edit_field(held_field: CustomField, *, by: User | None, now: datetime, **changes: Any) -> CustomField:
    """All but the type and what it counts in: values are kept in them."""
    permit(by, Right.MANAGE_SETTINGS)
    held_field = CustomField.objects.select_for_update().get(pk=held_field.pk)
    before = _told(held_field)
    _write(held_field, **changes)
    _unlike_others(held_field)
    if differing := audit.changes_between(before, _told(held_field)):
        held_field.save()
        audit.record("fields.edit", by=by, now=now, subject=held_field, changes=differing)
        stamp(EDITION, now=now)
    return held_field


CHOSEN: Mapping[str, Iterable[str]] = {
    "kind": ("", *CHOICES["kind"]),
    "scope": ("", *CHOICES["scope"]),
    "block": tuple(BLOCKS),
}


def _write(one: CustomField, **given: Any) -> None:
    """Sets what is given, each checked; a type that is no list has no options."""
    for name, limit in (("names", NAME_LIMIT), ("helps", HELP_LIMIT)):
        if name in given:
            words = {code: clean_text(name, given[name].get(code, ""), limit=limit) for code in LANGUAGES}
            setattr(one, name, {code: word for code, word in words.items() if word})
    if not one.names:
        raise Unfit("names", gettext_noop("Please give the field a name."))
    for name in CHOSEN.keys() & given.keys():
        if given[name] not in CHOSEN[name]:
            raise Unfit(name, gettext_noop("“%(value)s” is not among the choices."), value=given[name])
        setattr(one, name, given[name])
    one.required = bool(given.get("required", one.required))
    if "places" in given:
        one.places = [place for place in PLACES if place in set(given["places"])]
    if one.type in LISTS:
        if "options" in given:
            one.options = [list(option) for option in _options(given["options"])]
        if not any(offered for _code, _name, offered in one.options):
            raise Unfit("options", gettext_noop("A list needs at least one choice."))


def _options(given: Sequence[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    """(code, name, offered), a blank code for a new one."""
    if len(given) > MOST_OPTIONS:
        raise Unfit("options", gettext_noop("Please keep to %(limit)s choices."), limit=MOST_OPTIONS)
    numbers = [int(code[1:]) for code, _name, _offered in given if code]
    following = max(numbers, default=0) + 1
    found: list[tuple[str, str, bool]] = []
    for code, name, offered in given:
        told = clean_text("options", name, limit=NAME_LIMIT, required=True)
        if told.casefold() in {other.casefold() for _code, other, _offered in found}:
            raise Unfit("options", gettext_noop("“%(name)s” is there twice."), name=told)
        found.append((code or f"o{following:03d}", told, offered))
        following += not code
    return found


def _unlike_others(one: CustomField) -> None:
    """Two fields of the same name on one card would be told apart by nobody, least of all by an import."""
    mine = {name.casefold() for name in one.names.values()}
    for other in CustomField.objects.in_use().exclude(pk=one.pk):
        if one.kind and other.kind and one.kind != other.kind:
            continue
        if one.scope and other.scope and one.scope != other.scope:
            continue
        if same := mine & {name.casefold() for name in other.names.values()}:
            raise Unfit("names", gettext_noop("There is a field “%(name)s” already."), name=sorted(same)[0])


def _told(one: CustomField) -> dict[str, Any]:
    return {
        "names": dict(one.names),
        "helps": dict(one.helps),
        "type": one.type,
        "kind": one.kind,
        "scope": one.scope,
        "block": one.block,
        "options": [name for _code, name, offered in one.options if offered],
        "required": one.required,
        "places": list(one.places),
    }


@transaction.atomic
def move_field(held_field: CustomField, *, up: bool, by: User | None, now: datetime) -> None:
    """One place up or down among those of its block."""
    permit(by, Right.MANAGE_SETTINGS)
    rows = list(CustomField.objects.in_use().select_for_update().filter(block=held_field.block))
    place = next((n for n, one in enumerate(rows) if one.pk == held_field.pk), None)
    if place is None or not 0 <= (other := place - 1 if up else place + 1) < len(rows):
        return
    rows[place].position, rows[other].position = rows[other].position, rows[place].position
    if rows[place].position == rows[other].position:
        rows[place].position = max(0, rows[other].position + (-1 if up else 1))
    for row in (rows[place], rows[other]):
        row.save(update_fields=["position"])
    audit.record("fields.move", by=by, now=now, subject=held_field)
    stamp(EDITION, now=now)


@transaction.atomic
def archive_field(held_field: CustomField, *, by: User | None, now: datetime) -> None:
    """Asked and shown no more; its values stay until they are erased, and come back with it."""
    permit(by, Right.MANAGE_SETTINGS)
    if CustomField.objects.in_use().filter(pk=held_field.pk).update(archived_at=now):
        audit.record("fields.archive", by=by, now=now, subject=held_field)
        stamp(EDITION, now=now)


@transaction.atomic
def restore_field(held_field: CustomField, *, by: User | None, now: datetime) -> None:
    permit(by, Right.MANAGE_SETTINGS)
    held_field = CustomField.objects.select_for_update().get(pk=held_field.pk)
    if held_field.archived_at is not None:
        _unlike_others(held_field)
        CustomField.objects.filter(pk=held_field.pk).update(archived_at=None)
        audit.record("fields.restore", by=by, now=now, subject=held_field)
        stamp(EDITION, now=now)


def erase_field(held_field: CustomField, *, by: User | None, now: datetime) -> int:
    """An archived field with all its values, for good; how many there were.

    In portions, as nobody else writes while one of SQLite's is open. Stopped half-way it is still archived, and goes on.
    """
    permit(by, Right.MANAGE_SETTINGS)
    if not CustomField.objects.exclude(archived_at=None).filter(pk=held_field.pk).exists():
        raise Unfit("field", gettext_noop("Archive the field first; then it can be erased."))
    erased = 0
    while ids := list(held_field.values.order_by().values_list("pk", flat=True)[:ERASED_AT_ONCE]):
        with transaction.atomic():
            erased += FieldValue.objects.filter(pk__in=ids).delete()[0]
    with transaction.atomic():
        audit.record("fields.erase", by=by, now=now, subject=held_field, changes={"values": [erased, 0]})
        held_field.delete()
        stamp(EDITION, now=now)
    return erased


# --- filling ----------------------------------------------------------------------------------------


def values_of(ids: Iterable[int], *, among: Iterable[Definition] | None = None) -> dict[int, dict[str, Any]]:
    """customer -> name of a field -> its clean value; those without one are not there."""
    known = {one.pk: one for one in (definitions() if among is None else among)}
    kept: dict[int, list[Mapping[str, Any]]] = {}
    if known:
        for piece in pieces(sorted(set(ids))):
            for row in FieldValue.objects.filter(customer__in=piece, field__in=known).order_by().values():
                kept.setdefault(row["customer_id"], []).append(row)
    return {customer: values_from(rows, among=known.values()) for customer, rows in kept.items()}


def values_from(rows: Iterable[Mapping[str, Any]], *, among: Iterable[Definition]) -> dict[str, Any]:
    """name of a field -> its clean value, of one customer's rows."""
    kept: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        kept.setdefault(row["field_id"], []).append(row)
    return {one.name: value_of(one, kept[one.pk]) for one in among if one.pk in kept}


def rows_kept(known: Definition) -> QuerySet[FieldValue]:
    """All values of a field; said so that its index serves."""
    return FieldValue.objects.filter(**{"field": known.pk, f"{known.column}__isnull": False})


def in_order(rows: QuerySet[Customer], known: Definition) -> QuerySet[Customer]:
    """Each row with its value as a column called by the field's name, to be ordered by; the field has one at most."""
    alias = f"{known.name}_row"
    joined = rows.annotate(
        **{alias: FilteredRelation("field_values", condition=Q(field_values__field=known.pk))}
    )
    return joined.annotate(**{known.name: F(f"{alias}__{known.column}")})


@transaction.atomic
def save_card(
    customer: Customer,
    changes: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    version: int,
    by: User | None,
    now: datetime,
) -> Customer:
    """Fields of the record and of the company's own, read together at `version`: all of them, or a conflict and none."""
    permit(by, Right.EDIT_CUSTOMERS)
    before = _held(customer.pk, by)
    differing = _differing(before, values, changes)
    if differing and before.version != version:
        mine = {name: (new, old) for name, (old, new) in differing.items()}
        try:
            edit(customer, changes, version=version, by=by, now=now)
        except EditConflict as conflict:
            mine |= conflict.fields
        raise EditConflict(mine, before.version)
    edited = edit(customer, changes, version=version, by=by, now=now)
    if differing:
        fill(edited, {name: new for name, (_old, new) in differing.items()}, by=by, now=now)
        edited.refresh_from_db(fields=["version"])
    return edited


def _differing(
    customer: Customer, values: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """name -> (what is kept, what is wanted), of the fields that the customer has once `changes` are made."""
    known = fields_of(changes.get("kind", customer.kind), changes.get("scope", customer.scope))
    named = {one.name: one for one in known}
    wanted = {name: clean(named[name], value) for name, value in values.items() if name in named}
    old = values_of([customer.pk], among=known).get(customer.pk, {}) if wanted else {}
    return {name: (old.get(name), new) for name, new in wanted.items() if old.get(name) != new}


@transaction.atomic
def fill(customer: Customer, values: Mapping[str, Any], *, by: User | None, now: datetime) -> bool:
    """Writes `values` (name of a field -> value, None to empty it), leaves the rest; whether anything was changed."""
    permit(by, Right.EDIT_CUSTOMERS)
    customer = _held(customer.pk, by)
    named = {one.name: one for one in fields_of(customer.kind, customer.scope)}
    if unknown := values.keys() - named.keys():
        raise Unfit(sorted(unknown)[0], gettext_noop("Customers of this kind have no such field."))
    differing = _differing(customer, values, {})
    if not differing:
        return False
    for name, (_old, new) in differing.items():
        _refers_to_somebody(named[name], new, customer, by)
        FieldValue.objects.filter(customer=customer, field=named[name].pk).delete()
        FieldValue.objects.bulk_create(
            FieldValue(customer=customer, field_id=named[name].pk, **row._asdict())
            for row in rows_of(named[name], new)
        )
    Customer.objects.filter(pk=customer.pk).update(version=customer.version + 1)
    tell_changed([customer.pk])
    told = {
        named[name].label("zh-hans"): [plain(named[name], old), plain(named[name], new)]
        for name, (old, new) in differing.items()
    }
    audit.record("customers.edit", by=by, now=now, subject=customer, changes=told)
    return True


def _refers_to_somebody(known: Definition, value: Any, customer: Customer, by: User | None) -> None:
    if known.type == "customer" and value is not None:
        reach = Customer.objects.for_user(by) if by else Customer.objects.all()
        if value == customer.pk or not reach.filter(pk=value).exists():
            raise Unfit(known.name, gettext_noop("There is no such customer."))


def _held(pk: int, by: User | None) -> Customer:
    """The row as it is now, ours until the commit."""
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return reach.select_for_update().get(pk=pk)
