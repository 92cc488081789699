"""Taking an import back, portion by portion. Each step looks for what is left, so a stopped undo simply goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Count, Exists, F, OuterRef, ProtectedError, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from liuke.catalog.models import Product
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.fields.actions import packed_of, write_packed
from liuke.customers.fields.models import CustomField
from liuke.customers.followups.models import FollowUp
from liuke.customers.former.actions import led_by_id
from liuke.customers.former.models import Former
from liuke.customers.moving.actions import restore_aside
from liuke.customers.needs.models import Need
from liuke.customers.purchases.actions import keep_purchase_dates, note_reversals
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.records.actions import follow_change
from liuke.customers.records.models import Contact, ContactPoint, Customer
from liuke.customers.stages import actions as stages
from liuke.customers.stages.models import StageChange
from liuke.customers.undoing.rules import AGAIN
from liuke.platform.audit.models import AuditEntry
from liuke.platform.bulk.actions import insert_rows

FACTS_AT_ONCE: Final = 2_000
ORDERS_AT_ONCE: Final = 400
ROWS_AT_ONCE: Final = 500
REPLACED_AT_ONCE: Final = 200
LINE: Final = ("purchase_id", "product_id", "quantity_milli", "amount_minor", "cost_minor")

# What the rules noted of a customer by themselves: without his purchases it has nothing to say.
DERIVED: Final = (
    FactKind.GRADED,
    FactKind.LAPSED,
    FactKind.STAGE_CHANGED,
    FactKind.REGISTERED,
    FactKind.FOLLOWED_UP,
)

Step: TypeAlias = Callable[[int, datetime], tuple[int, int]]  # rows handled, rows that stay


def restore_purchase(purchase_id: int, before: dict[str, Any], *, batch_id: int) -> None:
    """Puts a replaced order back as it was, unless it is gone or another import has written it since."""
    values = dict(before)
    lines, at, digest = values.pop("lines"), values.pop("at"), values.pop("digest")
    values |= {"at": datetime.fromisoformat(at), "digest": bytes.fromhex(digest) or None}
    purchase = Purchase.objects.filter(pk=purchase_id, batch=batch_id).select_for_update().first()
    if purchase is None:
        return
    if (led := led_by_id(values["customer_id"] or 0)) is not None:
        values["customer_id"] = led  # whose it was has been merged into another since
    touched = {purchase.customer_id, values["customer_id"]} - {None}
    Purchase.objects.filter(pk=purchase_id).update(**values)
    PurchaseLine.objects.filter(purchase=purchase_id).delete()
    insert_rows(PurchaseLine, LINE, [(purchase_id, *line) for line in lines])
    keep_purchase_dates(touched)
    note_reversals({purchase_id, purchase.reverses_id, values["reverses_id"]} - {None})


def restore_customer(customer_id: int, before: dict[str, Any], *, batch_id: int) -> int:
    """Puts changed fields of a record back, except those that somebody has changed since: they are noted. How many."""
    customer = Customer.objects.filter(pk=customer_id).select_for_update().first()
    if customer is None:
        if merged := Former.objects.select_related("merge").filter(old_id=customer_id).first():
            restore_aside(merged.merge, customer_id, before)
        return 0
    own = {name: pair for name, pair in before.items() if OWN.fullmatch(name)}
    back = {
        name: old for name, (old, new) in before.items() if name not in own and getattr(customer, name) == new
    }
    restored = _restore_own(customer_id, own)
    stays = [name for name in before if name not in back and name not in restored]
    _note_kept(batch_id, [(customer_id, name, "edited", None) for name in stays])
    if back or restored:
        Customer.objects.filter(pk=customer_id).update(**back, version=F("version") + 1)
        follow_change([customer_id])
    return len(stays)


OWN: Final = re.compile(r"f[0-9]+")  # a field of the company's own, as an import calls it


def _restore_own(customer_id: int, before: dict[str, Any]) -> set[str]:
    """The company's own fields as they were, but for those that were changed since or erased; which they are."""
    known = [one.definition for one in CustomField.objects.filter(pk__in=[int(name[1:]) for name in before])]
    held = packed_of([customer_id], known).get(customer_id, {})
    same = [one for one in known if held.get(one.name, []) == before[one.name][1]]
    write_packed([(customer_id, one.pk, before[one.name][0]) for one in same], replace=True)
    return {one.name for one in same}


def take_facts(batch_id: int) -> int:
    return _delete(Fact, _ids(Fact.objects.filter(batch=batch_id), FACTS_AT_ONCE))


def take_purchases(batch_id: int) -> int:
    """Newest first, so that what takes an order back goes before the order."""
    rows = Purchase.objects.filter(batch=batch_id).order_by("-id")[:ORDERS_AT_ONCE]
    found = list(rows.values_list("id", "customer_id", "reverses_id"))
    ids = [pk for pk, _, _ in found]
    if ids:
        Purchase.objects.filter(reverses__in=ids).update(reverses=None)
        PurchaseLine.objects.filter(purchase__in=ids).delete()
        _delete(Purchase, ids)
        keep_purchase_dates({customer for _, customer, _ in found if customer is not None})
        note_reversals({order for _, _, order in found if order is not None} - set(ids))
    return len(ids)


def take_followups(batch_id: int) -> int:
    ids = _ids(FollowUp.objects.filter(batch=batch_id), ROWS_AT_ONCE)
    FollowUp.objects.filter(pk__in=ids).delete()
    return len(ids)


def take_points_and_contacts(batch_id: int) -> tuple[int, int]:
    """Ways to reach customers that stay, and persons there. A person whom somebody has changed or added to since stays."""
    of_others = ~Q(customer__batch=batch_id) | Q(
        customer__batch=None
    )  # those who wait for another undo keep theirs
    contacts = Contact.objects.filter(of_others, batch=batch_id).order_by("id")[:ROWS_AT_ONCE]
    points = ContactPoint.objects.filter(of_others, batch=batch_id).order_by("id")[:ROWS_AT_ONCE]
    persons, ways = (
        dict(contacts.values_list("pk", "customer_id")),
        dict(points.values_list("pk", "customer_id")),
    )
    edited = AuditEntry.objects.filter(
        subject_type="customers.customer",
        subject_id=OuterRef("customer"),
        action="contacts.edit",  # of which person it does not say: rather one too many stays
        at__gte=OuterRef("created_at"),
    )
    added = ContactPoint.objects.filter(~Q(batch=batch_id) | Q(batch=None), contact=OuterRef("pk"))
    staying = list(
        Contact.objects.filter(Exists(edited) | Exists(added), pk__in=persons).values_list("pk", flat=True)
    )
    _note_kept(batch_id, [(persons[pk], "contact", "edited", None) for pk in staying])
    ContactPoint.objects.filter(contact__in=staying, batch=batch_id).update(batch=None)
    Contact.objects.filter(pk__in=staying).update(batch=None)
    ContactPoint.objects.filter(pk__in=ways, batch=batch_id).delete()
    Contact.objects.filter(pk__in=persons.keys() - set(staying)).delete()
    follow_change({*persons.values(), *ways.values()})
    return len(persons) + len(ways), len(staying)


def take_customers(batch_id: int) -> tuple[int, int]:
    """Customers that the import brought, and how many of them stay because something else hangs on them.

    Whom only another import holds keeps his batch: once that is undone, this one can be undone again.
    """
    waiting = _kept().filter(batch=batch_id, customer=OuterRef("pk"), what="customer")
    ids = _ids(Customer.objects.filter(~Exists(waiting), batch=batch_id), ROWS_AT_ONCE)
    if not ids:
        return 0, 0
    staying = held_by_others(Customer.objects.filter(pk__in=ids), batch_id)
    going = [pk for pk in ids if pk not in staying]
    staying |= dict.fromkeys(_remove_customers(going), ("held", None))
    _note_kept(batch_id, [(pk, "customer", *why) for pk, why in sorted(staying.items())])
    for_good = [pk for pk, (why, _) in staying.items() if why not in AGAIN]
    for model in (ContactPoint, Contact):
        model.objects.filter(customer__in=for_good, batch=batch_id).update(batch=None)
    Customer.objects.filter(pk__in=for_good).update(batch=None)
    return len(ids), len(staying)


def held_by_others(customers: QuerySet[Customer], batch_id: int) -> dict[int, tuple[str, int | None]]:
    """Those on whom somebody has worked, or another file, since they came: why, and by which import."""
    of = OuterRef("pk")
    mine = Q(batch=None) | Q(batch=batch_id)
    changed = _replacements().filter(subject_type="customers.Customer", subject_id=of)
    later = [
        changed.exclude(batch__state="undone"),
        *(model.objects.filter(customer=of) for model in (Fact, Contact, ContactPoint)),
    ]
    ordered = Purchase.objects.filter(customer=of)
    worked_on = (
        Exists(Fact.objects.filter(customer=of, batch=None).exclude(actor=None, kind__in=DERIVED))
        | Exists(FollowUp.objects.filter(customer=of).exclude(created_by=None))
        | Exists(Contact.objects.filter(customer=of, batch=None))
        | Exists(ContactPoint.objects.filter(customer=of, batch=None))
        | Exists(AuditEntry.objects.filter(subject_type="customers.customer", subject_id=of))
    )
    held = customers.annotate(
        by_hand=Exists(ordered.filter(batch=None)),
        worked_on=worked_on,
        orders_of=_last_batch(ordered.exclude(mine)),
        changed_by=Coalesce(*(_last_batch(rows.exclude(mine)) for rows in later)),
    ).filter(Q(worked_on=True) | Q(by_hand=True) | Q(orders_of__isnull=False) | Q(changed_by__isnull=False))
    found: dict[int, tuple[str, int | None]] = {}
    for pk, by_hand, worked, orders_of, changed_by in held.values_list(
        "pk", "by_hand", "worked_on", "orders_of", "changed_by"
    ):
        if worked or by_hand:
            found[pk] = ("worked_on" if worked else "bought", None)
        else:
            found[pk] = ("orders", orders_of) if orders_of else ("later", changed_by)
    return found


def imports_that_hold(batch_id: int, *, most: int = 1_000) -> dict[int, int]:
    """Before an undo: the imports that brought orders for this one's customers, and for how many of them, so far as the
    first `most` show. These would stay: their orders go first.
    """
    foreign = ~(Q(batch=None) | Q(batch=batch_id))
    orders = Purchase.objects.filter(foreign, customer=OuterRef("pk"))
    held = list(
        Customer.objects.filter(Exists(orders), batch=batch_id)
        .order_by("pk")
        .values_list("pk", flat=True)[:most]
    )
    found = Purchase.objects.filter(foreign, customer__in=held).values("batch").order_by("batch")
    return dict(found.annotate(customers=Count("customer", distinct=True)).values_list("batch", "customers"))


def _last_batch(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by("-batch").values("batch")[:1])


def _remove_customers(ids: Sequence[int]) -> set[int]:
    """Deletes them with all that was judged of them; gives those whom a domain above does not let go."""
    try:
        with transaction.atomic():
            Fact.objects.filter(customer__in=ids).delete()
            Customer.objects.filter(pk__in=ids).delete()
    except ProtectedError:
        if len(ids) == 1:
            return set(ids)
        return {kept for pk in ids for kept in _remove_customers([pk])}
    return set()


def take_products(batch_id: int) -> tuple[int, int]:
    """Products that the import brought, and how many of them stay because other purchases or needs name them."""
    ids = _ids(Product.objects.filter(batch=batch_id), ROWS_AT_ONCE)
    named = Exists(PurchaseLine.objects.filter(product=OuterRef("pk"))) | Exists(
        Need.objects.filter(product=OuterRef("pk"))
    )
    used = set(Product.objects.filter(named, pk__in=ids).values_list("pk", flat=True))
    _delete(Product, [pk for pk in ids if pk not in used])
    Product.objects.filter(pk__in=used).update(batch=None)
    return len(ids), len(used)


def _replacements() -> QuerySet[Any]:
    return _rows("ImportReplacement")


def _kept() -> QuerySet[Any]:
    return _rows("ImportKept")


def _rows(name: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("customers", name).objects.all()  # by name: imports lie above
    return rows


def _note_kept(batch_id: int, kept: Sequence[tuple[int, str, str, int | None]]) -> None:
    """Customer, what of him, why, and the import that holds it."""
    model = _kept().model
    model.objects.bulk_create(
        model(batch_id=batch_id, customer_id=customer, what=what, why=why, other_id=other)
        for customer, what, why, other in kept
    )


def _ids(rows: QuerySet[Any], limit: int) -> list[int]:
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def _delete(model: type[models.Model], ids: Sequence[int]) -> int:
    """Rows that nothing refers to any more, in one statement and without loading them."""
    if ids:
        places = ", ".join(["%s"] * len(ids))
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id IN ({places})", list(ids))  # noqa: S608 - the model's own table
    return len(ids)


# --- all steps, in order ------------------------------------------------------------------------------


def _restore(batch_id: int, now: datetime) -> tuple[int, int]:
    """Rows that the import changed, as they were; the last change first."""
    found = list(_replacements().filter(batch=batch_id).order_by("-id")[:REPLACED_AT_ONCE])
    stay = 0
    for replaced in found:
        if replaced.subject_type == "customers.Purchase":
            restore_purchase(replaced.subject_id, replaced.before, batch_id=batch_id)
        else:
            stay += restore_customer(replaced.subject_id, replaced.before, batch_id=batch_id)
    _replacements().filter(pk__in=[replaced.pk for replaced in found]).delete()
    return len(found), stay


def _forget_parts(batch_id: int, now: datetime) -> tuple[int, int]:
    parts = apps.get_model("customers", "ImportPart").objects.filter(batch=batch_id)
    return int(parts.filter(pk__in=_ids(parts, ROWS_AT_ONCE)).delete()[0]), 0


def _take_stages(batch_id: int, now: datetime) -> tuple[int, int]:
    moved = StageChange.objects.filter(batch=batch_id).order_by("customer_id")
    ids = sorted(set(moved.values_list("customer_id", flat=True)[:ROWS_AT_ONCE]))
    stages.take_back(batch_id, now=now, among=ids)
    return len(ids), 0


def _plainly(take: Callable[[int], int]) -> Step:
    return lambda batch_id, now: (take(batch_id), 0)


# Each is done until it finds nothing more: by name, as the counts of the batch say what stayed.
STEPS: Final[Mapping[str, Step]] = {
    "rows": _restore,
    "parts": _forget_parts,
    "facts": _plainly(take_facts),
    "purchases": _plainly(take_purchases),
    "followups": _plainly(take_followups),
    "customers": lambda batch_id, now: take_customers(batch_id),
    "points": lambda batch_id, now: take_points_and_contacts(batch_id),
    "stages": _take_stages,
    "products": lambda batch_id, now: take_products(batch_id),
}
