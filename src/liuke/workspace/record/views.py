"""Adding and changing a customer's record: the fields, the persons, the ways to reach them, the stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.alike.actions import Typed, meet, reached_elsewhere
from liuke.customers.fields.actions import fields_of, save_card, values_of
from liuke.customers.fields.rules import hides, plain
from liuke.customers.masking.rules import hidden_from, is_hidden
from liuke.customers.models import Card, Contact, ContactPoint, Customer
from liuke.customers.records import actions as records
from liuke.customers.records.rules import PROFILE, EditConflict, NewContact, Unfit
from liuke.customers.sources.actions import offered
from liuke.customers.stages.actions import change_stage
from liuke.customers.standings.actions import decide
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done
from liuke.platform.models import User
from liuke.workspace.record.actions import open_card
from liuke.workspace.record.forms import (
    FIELDS,
    CompletionForm,
    ContactForm,
    CustomerForm,
    NewCustomerForm,
    PointForm,
    Refusable,
    StageForm,
)

FORM = ["GET", "HEAD", "POST"]
OFFERED = 8


def _mine(request: StaffRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)


def _card(pk: int) -> str:
    return reverse("customer", args=[pk])


def _form_page(request: StaffRequest, title: str, form: Refusable, back: str, **more: Any) -> HttpResponse:
    context = {"title": title, "form": form, "back": back, **more}
    if "source" in form.fields:
        context["sources"] = offered()
    status = 422 if form.is_bound else 200
    return render(request, "workspace/record/form.html", context, status=status)


def _try(form: Refusable, act: Callable[[], object]) -> bool:
    """Does it, or shows in the form why not."""
    try:
        act()
    except Unfit as error:
        form.refuse(error)
        return False
    return True


# --- adding ---


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def quick_add(request: StaffRequest) -> HttpResponseBase:
    """From anywhere: a customer, a contact note or a follow-up. The latter two first ask for the customer."""
    what = request.GET.get("what", "customer")
    if what == "customer":
        return redirect("customer-new") if not request.htmx else new_customer(request)
    permit(request.user, Right.LOG_CONTACTS if what == "contact" else Right.WORK_FOLLOWUPS)
    text = " ".join(request.GET.get("for", "").replace("\x00", " ").split())[:100]
    route = "customer-contacts-log" if what == "contact" else "customer-followups"
    mine = Customer.objects.writable_by(request.user)
    found = (
        list(mine.search(text, by=request.user)[:OFFERED])
        if text
        else list(mine.order_by("-last_contact_at", "-id")[:OFFERED])
    )
    context = {
        "what": what,
        "text": text,
        "found": [(customer, reverse(route, args=[customer.pk])) for customer in found],
    }
    return render(request, "workspace/record/whom.html", context)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def new_customer(request: StaffRequest) -> HttpResponse:
    """Warns before it saves when the number, address or name is there already; what the user may not see stays unseen."""
    posted = request.POST if request.method == "POST" else None
    asked = posted or request.GET
    kind = "individual" if asked.get("kind") == "individual" else "enterprise"
    scope = asked.get("scope", "")
    if scope not in PROFILE:
        scope = "consumer" if kind == "individual" else "b2b"
    form = NewCustomerForm(posted, by=request.user, kind=kind, scope=scope, own=fields_of(kind, scope))
    duplicates = None
    if form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        if not data["anyway"]:
            typed = Typed(
                name=data["name"],
                kind=data["kind"],
                country=data["country"],
                city=data["city"],
                points=form.points(),
            )
            duplicates = meet(typed, user=request.user)
        if duplicates and duplicates.total:
            form.offer_anyway()
        else:
            made: list[Customer] = []

            def act() -> None:
                fields = {name: value for name, value in form.record().items() if name != "name"}
                customer = open_card(
                    values=form.values,
                    opening=form.opening(),
                    by=request.user,
                    now=now,
                    name=data["name"],
                    number=data["number"] or None,
                    owner=data["owner"],
                    points=form.points(),
                    contact=NewContact(data["contact"]) if data["contact"] else None,
                    **fields,
                )
                made.append(customer)

            if _try(form, act):
                messages.success(request, _("%(name)s is added.") % {"name": made[0]})
                return done(request, to=_card(made[0].pk), changed=("customers",))
    title = _("New customer")
    back, action = reverse("customers"), reverse("customer-new")
    return _form_page(request, title, form, back, duplicates=duplicates, action=action, card_kind=kind)


# --- changing ---


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def edit_customer(request: StaffRequest, pk: int) -> HttpResponse:
    """Shows both values where somebody else has changed the same in between; nothing is overwritten in silence."""
    customer = _mine(request, pk)
    initial = {name: getattr(customer, name) for name in FIELDS}
    initial |= {f"profile_{name}": value for name, value in customer.profile.items()}
    posted = request.POST if request.method == "POST" else None
    hidden = hidden_from(request.user, customer.owner_id, timezone.now())
    own = [one for one in fields_of(customer.kind, customer.scope) if not hides(one, hidden)]
    kept = values_of([pk], among=own).get(pk, {})
    form = CustomerForm(posted, initial=initial, scope=customer.scope, by=request.user, own=own, kept=kept)
    if "address" in hidden:
        del form.fields["address"]  # absent is untouched
    conflict: EditConflict | None = None
    version = posted.get("version", "") if posted else str(customer.version)
    if form.is_valid():
        read_at = int(version) if version.isdigit() and len(version) < 10 else 0
        try:
            if _try(
                form,
                lambda: save_card(
                    customer, form.record(), form.values, version=read_at, by=request.user, now=timezone.now()
                ),
            ):
                messages.success(request, _("Saved."))
                return done(request, to=_card(pk), changed=("customer",))
        except EditConflict as error:
            conflict, version = error, str(error.version)
    differing = []
    if conflict:
        for name, (mine, theirs) in conflict.fields.items():
            label = form.fields[name].label if name in form.fields else name
            known = next((one for one in own if one.name == name), None)
            both = (plain(known, mine), plain(known, theirs)) if known else (mine, theirs)
            differing.append((label, *both))
    return _form_page(
        request,
        _("Edit %(name)s") % {"name": customer},
        form,
        _card(pk),
        version=version,
        differing=differing,
    )


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def completion(request: StaffRequest, pk: int) -> HttpResponse:
    """What the card still lacks, in one small form (DB09)."""
    customer = _mine(request, pk)
    card = Card.objects.filter(customer=customer).first()
    missing = card.missing if card else []
    own = [one for one in fields_of(customer.kind, customer.scope) if one.name in missing]
    posted = request.POST if request.method == "POST" else None
    form = CompletionForm(posted, customer=customer, missing=missing, by=request.user, own=own)

    @transaction.atomic
    def act() -> None:
        now, by = timezone.now(), request.user
        values = {name: value for name, value in form.values.items() if value is not None}
        save_card(customer, form.record(), values, version=customer.version, by=by, now=now)
        for kind, value in form.points():
            records.add_point(customer, kind=kind, value=value, by=by, now=now)
        if name := form.cleaned_data.get("contact"):
            records.add_contact(customer, NewContact(name), by=by, now=now)
        if grade := form.cleaned_data.get("grade"):
            decide(customer, "expected", grade, by=by, now=now)
            records.follow_change([customer.pk])

    if form.is_valid() and _try(form, act):
        messages.success(request, _("Saved."))
        return done(request, to=_card(pk), changed=("customer",))
    return _form_page(request, _("Complete the card"), form, _card(pk), nothing=not missing)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def stage(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = StageForm(request.POST if request.method == "POST" else None, customer=customer)

    def act() -> None:
        data = form.cleaned_data
        change_stage(customer, data["stage"], by=request.user, now=timezone.now(), reason=data["reason"])

    if form.is_valid() and _try(form, act):
        messages.success(request, _("Saved."))
        return done(request, to=_card(pk), changed=("customer", "timeline"))
    return _form_page(request, _("Change the stage"), form, _card(pk))


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def contacts(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = ContactForm(request.POST if request.method == "POST" else None)
    elsewhere = None

    def act() -> None:
        primary = form.cleaned_data["primary"]
        records.add_contact(customer, form.new(), primary=primary, by=request.user, now=timezone.now())

    if form.is_valid() and not form.cleaned_data["anyway"]:
        points = form.new().points
        elsewhere = reached_elsewhere(points, customer, user=request.user)
    if elsewhere and elsewhere.total:
        form.offer_anyway()
    elif form.is_valid() and _try(form, act):
        messages.success(request, _("Saved."))
        return done(request, to=_card(pk), changed=("customer",))
    known = customer.departments.all()
    title = _("New contact person")
    return _form_page(request, title, form, _card(pk), departments=known, duplicates=elsewhere)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def contact(request: StaffRequest, pk: int, contact: int) -> HttpResponse:
    customer = _mine(request, pk)
    person = get_object_or_404(Contact.objects.select_related("department"), pk=contact, customer=customer)
    kept = ("name", "title", "roles", "note", "influence", "decision_power", "attitude")
    initial = {name: getattr(person, name) for name in kept} | {"primary": person.is_primary}
    if person.department:
        initial |= {"department": person.department.name, "office": person.department.office}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=initial, fresh=False)

    def act() -> None:
        now = timezone.now()
        records.edit_contact(person, form.new(), by=request.user, now=now)
        if form.cleaned_data["primary"] and not person.is_primary:
            records.make_primary(person, by=request.user, now=now)

    if form.is_valid() and _try(form, act):
        messages.success(request, _("Saved."))
        return done(request, to=_card(pk), changed=("customer",))
    removal = reverse("customer-contact-removal", args=[pk, contact])
    known = customer.departments.all()
    return _form_page(request, _("Contact person"), form, _card(pk), removal=removal, departments=known)


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def contact_removal(request: StaffRequest, pk: int, contact: int) -> HttpResponse:
    person = get_object_or_404(Contact, pk=contact, customer=_mine(request, pk))
    records.remove_contact(person, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is removed.") % {"name": person})
    return done(request, to=_card(pk), changed=("customer",))


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def points(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = PointForm(request.POST if request.method == "POST" else None, customer=customer)

    def act() -> None:
        records.add_point(customer, **form.cleaned_data, by=request.user, now=timezone.now())

    if form.is_valid() and _try(form, act):
        messages.success(request, _("Saved."))
        return done(request, to=_card(pk), changed=("customer",))
    return _form_page(request, _("New number or address"), form, _card(pk))


def _seen(point: ContactPoint, customer: Customer, user: User) -> ContactPoint:
    """The point itself; one that is hidden from `user` is not there to be changed."""
    if is_hidden(point.kind, hidden_from(user, customer.owner_id, timezone.now())):
        raise Http404
    return point


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def point(request: StaffRequest, pk: int, point: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = _seen(get_object_or_404(ContactPoint, pk=point, customer=customer), customer, request.user)
    initial = {"value": held.value, "preferred": held.is_preferred}
    posted = request.POST if request.method == "POST" else None
    form = PointForm(posted, initial=initial, customer=customer, fresh=False)

    def act() -> None:
        data = form.cleaned_data
        records.edit_point(
            held, value=data["value"], preferred=data["preferred"], by=request.user, now=timezone.now()
        )

    if form.is_valid() and _try(form, act):
        messages.success(request, _("Saved."))
        return done(request, to=_card(pk), changed=("customer",))
    removal = reverse("customer-point-removal", args=[pk, point])
    return _form_page(request, held.get_kind_display(), form, _card(pk), removal=removal)


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def point_removal(request: StaffRequest, pk: int, point: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = _seen(get_object_or_404(ContactPoint, pk=point, customer=customer), customer, request.user)
    records.remove_point(held, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is removed.") % {"name": held.value})
    return done(request, to=_card(pk), changed=("customer",))
