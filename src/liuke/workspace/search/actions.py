"""Answers to what is asked in the search box, within the asker's own rows. Read only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from liuke.catalog.models import Product
from liuke.customers.facts.rules import CONTACTS, FactKind
from liuke.customers.models import Contact, ContactPoint, Customer, Department, Fact, FollowUp, PurchaseLine
from liuke.customers.records.models import point_kinds
from liuke.customers.records.rules import CONTACT_ROLES
from liuke.customers.reveals.actions import veil
from liuke.customers.timeline.rules import CHANNELS
from liuke.workspace.search.rules import Ask, Question, questions

if TYPE_CHECKING:
    from liuke.platform.models import User

FEW, SIMILAR = 3, 5  # with fewer hits than that, names with one slip in them are offered as well, so many
MEANT = 3  # customers who may be meant by one name
BEARERS = 50  # of it, that are looked at for who is meant
PRODUCTS = 20
RECENT_DAYS = 365  # what "recently bought" reaches back to
ICONS = {"email": "email", "wechat": "message", "address": "company", "mobile": "mobile", "phone": "phone"}
# How departments are called that do the work of a role, where nobody of that role is noted.
DEPARTMENTS: Mapping[str, Sequence[str]] = {
    "payment": ("应付", "應付", "财务", "財務", "会计", "會計", "payable", "finance", "account"),
    "purchasing": ("采购", "採購", "purchas", "procure", "buying"),
    "technical": ("技术", "技術", "technic", "engineer"),
}


@dataclass(frozen=True)
class Answer:
    """One line: who or what in bold, the value that is copied, and what it is of whom. Without a value it says so."""

    icon: str
    title: str
    value: str
    label: str
    href: str
    customer: str = ""
    link: str = ""  # tel: or mailto: of the value
    at: datetime | None = None  # instead of a value: when


def also_similar(text: str, *, user: User, found: Sequence[Customer]) -> list[Customer]:
    """Whose name differs by one slip from what was typed, within the asker's own rows; where few are found."""
    if not text or len(found) >= FEW:
        return []
    known = {one.pk for one in found}
    rows = Customer.objects.for_user(user).similar(text, by=user, limit=SIMILAR + len(known))
    return [one for one in rows if one.pk not in known][:SIMILAR]


def answers(text: str, *, user: User, now: datetime, limit: int) -> tuple[list[Answer], list[Customer]]:
    """The answer, and who may be meant; nothing where nothing is asked, or of nobody whom `user` may read."""
    for question in questions(text):
        named = question.subject and question.ask is not Ask.BUYERS
        bearers = _bearers(question.subject, user) if named else []
        several = bearers if question.ask is Ask.LAST and len(bearers) > 1 else []
        if talks := _last_of_each(several, question.channel)[: limit - 1]:
            lines = [line for _one, line in talks]
            return [*lines, *_others(bearers, len(lines), question.subject)], [one for one, _line in talks]
        meant = bearers[:MEANT]
        if found := _answered(question, meant, user, now, limit):
            others = _others(bearers, len(meant), question.subject)
            return [*found[: limit - len(others)], *others], meant
    return [], []


def _bearers(name: str, user: User) -> list[Customer]:
    """Who may be meant: who is called just that; else all who are called so, whom we had to do with last before others."""
    rows = Customer.objects.for_user(user).search(name, by=user).select_related("owner")
    found: list[Any] = list(rows[: BEARERS + 1])

    def dealt_with(one: Customer) -> float:
        return max((at.timestamp() for at in (one.last_contact_at, one.last_purchase_at) if at), default=0.0)

    just = [one for one in found if getattr(one, "rank", None) == 0]
    return just or sorted(found, key=lambda one: (-dealt_with(one), one.pk))


def _others(bearers: Sequence[Customer], told: int, name: str) -> list[Answer]:
    """That more are called so than are told of: nobody takes one of ten for the one he meant."""
    if (left := len(bearers) - told) <= 0:
        return []
    n = f"{BEARERS - told}+" if len(bearers) > BEARERS else str(left)
    said = ngettext("%(n)s more customer of that name", "%(n)s more customers of that name", left) % {"n": n}
    return [
        Answer(
            "customers",
            said,
            "",
            "",
            f"{reverse('customers')}?{urlencode({'q': name})}",
            _("Show all that match"),
        )
    ]


def _answered(
    question: Question, meant: Sequence[Customer], user: User, now: datetime, limit: int
) -> list[Answer]:
    if question.ask is Ask.BUYERS:
        return (
            _buyers(question.subject, user, now, limit)
            if question.subject
            else _latest("purchase", user, limit)
        )
    if question.ask is Ask.LAST and not question.subject:
        return _latest("contact", user, limit)
    if question.ask is Ask.NEXT and not question.subject:
        none = Answer("info", _("No next contact is planned"), "", "", reverse("today"), _("Today"))
        return _next(FollowUp.objects.assigned_to(user, now), now) or [none]
    if not meant:
        return []
    match question.ask:
        case Ask.NEXT:
            # Of a customer within reach: his open matters are as open to the reader as his card.
            return _next(FollowUp.objects.filter(customer__in=meant), now) or [
                _missing(meant[0], _("No next contact is planned"))
            ]
        case Ask.LAST:
            return _last(meant, question.channel)
        case Ask.OFFICE:
            return _offices(meant, question.role)
        case Ask.PERSON:
            return _persons(meant, question, user, now)
        case _:
            return _points(meant, question.points, user, now)


def _card(customer: Customer) -> str:
    return reverse("customer", args=[customer.pk])


def _missing(customer: Customer, said: str) -> Answer:
    return Answer("info", said, "", "", _card(customer), customer.name)


# --- how to reach them (CQ01 to CQ03) ---


def _points(meant: Sequence[Customer], kinds: tuple[str, ...], user: User, now: datetime) -> list[Answer]:
    by_customer = _grouped(
        ContactPoint.objects.filter(customer__in=meant, kind__in=kinds).select_related("contact")
    )
    found = []
    for customer in meant:
        veil(customer, by_customer.get(customer.pk, ()), user, now)
        if "address" in kinds and (customer.address or customer.city):
            found.append(_address(customer))
        found += [_point(customer, point) for point in by_customer.get(customer.pk, ())]
    return found or [_missing(meant[0], _("Nothing of the kind is noted"))]


def _address(customer: Customer) -> Answer:
    place = customer.province + (customer.city if customer.city != customer.province else "")
    whole = f"{place} {customer.address}".strip()
    return Answer("company", "", whole, _("Address"), _card(customer), customer.name)


def _point(customer: Customer, point: ContactPoint) -> Answer:
    who = point.contact.name if point.contact else ""
    kind = str(dict(point_kinds())[point.kind])
    return Answer(
        ICONS.get(point.kind, "phone"), who, point.value, kind, _card(customer), customer.name, point.link
    )


def _grouped(points: Iterable[ContactPoint]) -> dict[int, list[ContactPoint]]:
    """By customer, the preferred one first, and the customer's own before his people's."""
    found: dict[int, list[ContactPoint]] = {}
    for point in sorted(points, key=lambda one: (not one.is_preferred, one.contact_id is not None, one.pk)):
        found.setdefault(point.customer_id, []).append(point)
    return found


def _persons(meant: Sequence[Customer], question: Question, user: User, now: datetime) -> list[Answer]:
    people = list(Contact.objects.filter(customer__in=meant).select_related("department"))
    wanted = [one for one in people if not question.role or question.role in one.roles]
    points = _grouped(ContactPoint.objects.filter(customer__in=meant, kind__in=question.points))
    names = {customer.pk: customer for customer in meant}
    for customer in meant:
        veil(customer, points.get(customer.pk, ()), user, now)
    found = []
    for person in sorted(
        wanted, key=lambda one: (list(names).index(one.customer_id), not one.is_primary, one.pk)
    ):
        customer = names[person.customer_id]
        theirs = points.get(customer.pk, [])
        own = [point for point in theirs if point.contact_id == person.pk]
        # The only one who is noted is reached by the customer's own number.
        shared = [point for point in theirs if point.contact_id is None]
        point = next(iter([*own, *shared]), None)
        label = " · ".join(part for part in (person.title, *person.role_names) if part)
        value, link = (point.value, point.link) if point else ("", "")
        found.append(Answer("person", person.name, value, label, _card(customer), customer.name, link))
    return found or [_missing(meant[0], _role_unknown(question.role))]


def _role_unknown(role: str) -> str:
    if role:
        return _("Nobody is noted with the role “%(role)s”") % {"role": _(CONTACT_ROLES[role])}
    return _("No contact person is noted")


# --- where they sit (CQ04) ---


def _offices(meant: Sequence[Customer], role: str) -> list[Answer]:
    """The departments of whoever has the role; else those that are named after its work."""
    names = {customer.pk: customer for customer in meant}
    people = Contact.objects.filter(customer__in=meant, department__isnull=False).select_related("department")
    sit: dict[int, Any] = {
        one.department_id: one.department for one in people if role in one.roles and one.department_id
    }
    if not sit:
        called = Q(pk__in=[])
        for word in DEPARTMENTS.get(role, ()):
            called |= Q(name__icontains=word)
        sit = {one.pk: one for one in Department.objects.filter(called, customer__in=meant)}
    found = [
        Answer(
            "company",
            one.name,
            one.office,
            _(CONTACT_ROLES[role]),
            _card(names[one.customer_id]),
            names[one.customer_id].name,
        )
        for one in sit.values()
    ]
    return found or [_missing(meant[0], _("No office is noted for it"))]


# --- when (CQ06, CQ07) ---


def _next(rows: Any, now: datetime) -> list[Answer]:
    todo = rows.coming(now).select_related("customer", "assignee").first()
    if todo is None:
        return []
    # Where nothing is planned, it is whom one should have called longest.
    late = _("Overdue") if todo.is_overdue(now) else ""
    parts = (late, todo.matter or str(todo.get_kind_display()), str(todo.assignee or ""))
    label = " · ".join(part for part in parts if part)
    return [Answer("clock", todo.customer.name, "", label, _card(todo.customer), at=todo.due_at)]


def _talks(meant: Sequence[Customer], channel: str) -> dict[int, list[tuple[datetime, str]]]:
    """The last contact of each kind, newest first, by customer."""
    kinds = [FactKind.VISITED] if channel == "visit" else CONTACTS
    rows = Fact.objects.standing().filter(customer__in=meant, kind__in=kinds)
    if channel and channel != "visit":
        rows = rows.filter(data__channel=channel)
    told = rows.order_by().values_list("customer_id", "data__channel").annotate(last=Max("at"))
    found: dict[int, list[tuple[datetime, str]]] = {}
    for pk, kind, at in told:
        found.setdefault(pk, []).append((at, kind))
    return {pk: sorted(talks, reverse=True) for pk, talks in found.items()}


def _last_of_each(bearers: Sequence[Customer], channel: str) -> list[tuple[Customer, Answer]]:
    """One line for each of several of one name, whom we spoke to last before the others."""
    names = {one.pk: one for one in bearers}
    last = sorted(((talks[0], pk) for pk, talks in _talks(bearers, channel).items()), reverse=True)

    def line(one: Customer, kind: str, at: datetime) -> Answer:
        icon = "phone" if kind == "phone" else "history"
        return Answer(icon, one.name, "", str(CHANNELS.get(kind, kind)), _card(one), at=at)

    return [(names[pk], line(names[pk], kind, at)) for (at, kind), pk in last]


def _last(meant: Sequence[Customer], channel: str) -> list[Answer]:
    """The last contact of each kind, newest first, of the first customer who has one."""
    by_customer = _talks(meant, channel)
    for customer in meant:
        if talks := by_customer.get(customer.pk):
            return [
                Answer(
                    "phone" if kind == "phone" else "history",
                    str(CHANNELS.get(kind, kind)),
                    "",
                    _("last contact"),
                    _card(customer),
                    customer.name,
                    at=at,
                )
                for at, kind in talks
            ]
    return [_missing(meant[0], _("There was no such contact yet"))]


def _latest(what: str, user: User, limit: int) -> list[Answer]:
    """Whom one spoke to last, or who bought last, where nobody and no product is named."""
    column = f"last_{what}_at"
    rows = (
        Customer.objects.for_user(user).filter(**{f"{column}__isnull": False}).order_by(f"-{column}", "-id")
    )
    icon, label = ("order", _("last order")) if what == "purchase" else ("history", _("last contact"))
    return [Answer(icon, one.name, "", label, _card(one), at=getattr(one, column)) for one in rows[:limit]]


# --- who bought (CQ05, as far as purchases tell) ---


def bought(words: str, *, user: User, now: datetime) -> Any:
    """The customers within reach who bought such a product in the last year, and the products; None where there is none."""
    named = Product.objects.filter(Q(name__icontains=words) | Q(code__iexact=words)).exclude(kind="charge")
    products = list(named.order_by("code")[:PRODUCTS])
    if not products:
        return None
    since = now - timedelta(days=RECENT_DAYS)
    lines = PurchaseLine.objects.filter(
        product__in=products, purchase__at__gte=since, purchase__kind="order", purchase__taken_back_at=None
    )
    return products, Customer.objects.for_user(user).filter(pk__in=lines.values("purchase__customer"))


def _buyers(words: str, user: User, now: datetime, limit: int) -> list[Answer]:
    if (held := bought(words, user=user, now=now)) is None:
        return []
    products, customers = held
    what = products[0].name or products[0].code
    if len(products) > 1:
        what = ngettext(
            "%(n)d product like “%(words)s”", "%(n)d products like “%(words)s”", len(products)
        ) % {
            "n": len(products),
            "words": words,
        }
    label = _("bought within a year: %(what)s") % {"what": what}
    rows = list(customers.order_by("-last_purchase_at", "id")[:limit])
    return [Answer("order", customer.name, "", label, _card(customer)) for customer in rows]
