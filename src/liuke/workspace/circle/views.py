"""What surrounds a customer: departments, relations, days to remember, what he owns; background notes for few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.background.actions import erase_background, may_see, read_background, write_background
from liuke.customers.background.rules import FIELDS
from liuke.customers.departments.actions import add_department, edit_department, remove_department
from liuke.customers.holdings.actions import add_holding, edit_holding, remove_holding
from liuke.customers.holdings.rules import pack_of
from liuke.customers.models import Contact, Customer, Department, Holding, ImportantDate, Relation
from liuke.customers.occasions.actions import add_date, edit_date, remove_date
from liuke.customers.occasions.rules import turns
from liuke.customers.records.rules import Unfit
from liuke.customers.relations.actions import kin_of, relate, unrelate
from liuke.customers.relations.rules import KINDS as RELATIONS
from liuke.customers.vcards.actions import take_in, vcards_of
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done
from liuke.platform.preferences.actions import get
from liuke.workspace.circle.forms import (
    BackgroundForm,
    CircleForm,
    DateForm,
    DepartmentForm,
    HoldingForm,
    RelationForm,
    VCardForm,
)

FORM = ["GET", "HEAD", "POST"]


def _readable(request: StaffRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.for_user(request.user), pk=pk)


def _mine(request: StaffRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)


def _posted(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form(
    request: StaffRequest,
    customer: Customer,
    form: CircleForm,
    act: Callable[[], object],
    title: str,
    removal: str = "",
) -> HttpResponse:
    """Shows the form in the dialog, or does what it asks and shows the circle anew."""
    if form.is_valid():
        try:
            act()
        except Unfit as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return _back(request, customer)
    context = {"customer": customer, "form": form, "title": title, "removal": removal}
    return render(request, "workspace/circle/form.html", context, status=422 if form.is_bound else 200)


def _back(request: StaffRequest, customer: Customer) -> HttpResponse:
    to = reverse("customer-circle", args=[customer.pk])
    return done(request, to=to, changed=("circle", "customer"))


def _removed(
    request: StaffRequest, customer: Customer, act: Callable[[], object], name: object
) -> HttpResponse:
    act()
    messages.success(request, _("%(name)s is removed.") % {"name": name})
    return _back(request, customer)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def circle(request: StaffRequest, pk: int) -> HttpResponse:
    """A page of its own, and a part of the card that comes after the rest."""
    user = request.user
    rows = Customer.objects.for_user(user).filter(pk=pk)
    customer = get_object_or_404(rows.select_related("owner"))
    years = get("holdings.replacement_years")
    dates = [
        (one, turns(one.occasion, one.next_on) if one.next_on else None)
        for one in ImportantDate.objects.filter(customer=customer).select_related("contact")
    ]
    context = {
        "customer": customer,
        "departments": Department.objects.filter(customer=customer),
        "kin": [(one, _(RELATIONS[one.kind])) for one in kin_of(customer, user=user)],
        "dates": dates,
        "holdings": [
            (one, one.expected_replacement_on(years)) for one in Holding.objects.filter(customer=customer)
        ],
        "owned": _(pack_of(get("holdings.pack")).owned),
        "may_see_background": may_see(customer, user),
        "may_export": user.may(Right.EXPORT_CUSTOMERS),
        "may_edit": user.may(Right.EDIT_CUSTOMERS)
        and Customer.objects.writable_by(user).filter(pk=pk).exists(),
        "now": timezone.now(),
    }
    return render(request, "workspace/circle/circle.html", context)


# --- departments ---


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def departments(request: StaffRequest, pk: int) -> HttpResponse:
    customer, form = _mine(request, pk), DepartmentForm(_posted(request))
    return _form(
        request,
        customer,
        form,
        lambda: add_department(customer, **form.cleaned_data, by=request.user, now=timezone.now()),
        _("New department"),
    )


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def department(request: StaffRequest, pk: int, department: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(Department, pk=department, customer=customer)
    form = DepartmentForm(
        _posted(request), initial={"name": held.name, "office": held.office, "note": held.note}
    )
    return _form(
        request,
        customer,
        form,
        lambda: edit_department(held, **form.cleaned_data, by=request.user, now=timezone.now()),
        _("Department"),
        reverse("customer-department-removal", args=[pk, department]),
    )


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def department_removal(request: StaffRequest, pk: int, department: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(Department, pk=department, customer=customer)
    act = lambda: remove_department(held, by=request.user, now=timezone.now())  # noqa: E731 - an act like the others
    return _removed(request, customer, act, held)


# --- relations ---


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def relations(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = RelationForm(_posted(request), customer=customer, by=request.user)

    def act() -> None:
        told = dict(form.cleaned_data)
        relate(customer, to=told.pop("whom"), **told, by=request.user, now=timezone.now())

    return _form(request, customer, form, act, _("New relation"))


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def relation_removal(request: StaffRequest, pk: int, relation: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(Relation.objects.for_user(request.user).of(customer), pk=relation)
    unrelate(held, by=request.user, now=timezone.now())
    messages.success(request, _("The relation is removed."))
    return _back(request, customer)


# --- days to remember ---


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def dates(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = DateForm(_posted(request), customer=customer)
    return _form(
        request,
        customer,
        form,
        lambda: add_date(customer, **form.cleaned_data, by=request.user, now=timezone.now()),
        _("New day to remember"),
    )


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def date(request: StaffRequest, pk: int, date: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(ImportantDate, pk=date, customer=customer)
    names = [name for name in DateForm.base_fields if name != "contact"]
    initial = {name: getattr(held, name) for name in names}
    form = DateForm(_posted(request), initial=initial, customer=customer, fresh=False)
    return _form(
        request,
        customer,
        form,
        lambda: edit_date(held, **form.cleaned_data, by=request.user, now=timezone.now()),
        str(held),
        reverse("customer-date-removal", args=[pk, date]),
    )


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def date_removal(request: StaffRequest, pk: int, date: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(ImportantDate, pk=date, customer=customer)
    return _removed(request, customer, lambda: remove_date(held, by=request.user, now=timezone.now()), held)


# --- what he owns ---


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def holdings(request: StaffRequest, pk: int) -> HttpResponse:
    customer, form = _mine(request, pk), HoldingForm(_posted(request))
    return _form(
        request,
        customer,
        form,
        lambda: add_holding(customer, **form.cleaned_data, by=request.user, now=timezone.now()),
        _("New possession"),
    )


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def holding(request: StaffRequest, pk: int, holding: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(Holding, pk=holding, customer=customer)
    initial = {name: getattr(held, name) for name in HoldingForm.base_fields}
    form = HoldingForm(_posted(request), initial=initial)
    return _form(
        request,
        customer,
        form,
        lambda: edit_holding(held, **form.cleaned_data, by=request.user, now=timezone.now()),
        str(held),
        reverse("customer-holding-removal", args=[pk, holding]),
    )


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def holding_removal(request: StaffRequest, pk: int, holding: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = get_object_or_404(Holding, pk=holding, customer=customer)
    return _removed(
        request, customer, lambda: remove_holding(held, by=request.user, now=timezone.now()), held
    )


# --- persons to a telephone and from one ---


@require_safe
@staff(Right.EXPORT_CUSTOMERS)
def vcard(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _readable(request, pk)
    text = vcards_of(customer, by=request.user, now=timezone.now())
    name = f"{customer.number}.vcf"
    return HttpResponse(
        text,
        content_type="text/vcard; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def vcards(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = VCardForm(_posted(request), request.FILES if request.method == "POST" else None)

    def act() -> None:
        taken = take_in(customer, form.cleaned_data["file"], by=request.user, now=timezone.now())
        if n := len(taken.added):
            messages.info(request, ngettext("%(n)s new person.", "%(n)s new persons.", n) % {"n": n})
        if n := len(taken.extended):
            more = ngettext(
                "%(n)s person with a number or address more.",
                "%(n)s persons with a number or address more.",
                n,
            )
            messages.info(request, more % {"n": n})
        if not (taken.added or taken.extended or taken.left):
            messages.info(request, _("Everything in it was known already."))
        for name, value in taken.left[:5]:
            told_of = {"value": value, "name": name}
            messages.warning(
                request, _("“%(value)s” of %(name)s could not be read and was left out.") % told_of
            )

    return _form(request, customer, form, act, _("Persons from a vCard"))


# --- background notes (CT06) ---


def _person(request: StaffRequest, customer: Customer, contact: int | None) -> Contact | None:
    """Of whom the notes are. Whoever may not see them learns not even whether there are any."""
    if not may_see(customer, request.user):
        raise Http404
    return get_object_or_404(Contact, pk=contact, customer=customer) if contact is not None else None


@require_http_methods(FORM)
@staff(Right.VIEW_CUSTOMERS)
def background(request: StaffRequest, pk: int, contact: int | None = None) -> HttpResponse:
    """Opening them is a reading, and the audit is told. Who may only read is shown them; who may write, a form."""
    customer = _readable(request, pk) if request.method == "GET" else _mine(request, pk)
    person, now = _person(request, customer, contact), timezone.now()
    may_edit = (
        request.user.may(Right.EDIT_CUSTOMERS)
        and Customer.objects.writable_by(request.user).filter(pk=pk).exists()
    )
    held = read_background(customer, person, by=request.user, now=now)
    title = _("Background of %(name)s") % {"name": person or customer}
    if not may_edit:
        notes = [(_(label), getattr(held, name)) for name, label in FIELDS.items()] if held else []
        context = {"customer": customer, "title": title, "notes": notes}
        return render(request, "workspace/circle/background.html", context)
    initial = {name: getattr(held, name) for name in (*FIELDS, "consent")} if held else {}
    form = BackgroundForm(_posted(request), initial=initial)

    def act() -> None:
        write_background(
            customer, person, form.notes(), consent=form.cleaned_data["consent"], by=request.user, now=now
        )

    there = [pk] if contact is None else [pk, contact]
    removal = (
        reverse(f"{'customer' if contact is None else 'contact'}-background-removal", args=there)
        if held
        else ""
    )
    return _form(request, customer, form, act, title, removal)


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def background_removal(request: StaffRequest, pk: int, contact: int | None = None) -> HttpResponse:
    customer = _mine(request, pk)
    person = _person(request, customer, contact)
    if not customer.backgrounds.filter(contact=person).exists():
        raise Http404
    erase_background(customer, person, by=request.user, now=timezone.now())
    messages.success(request, _("The notes are erased."))
    return _back(request, customer)
