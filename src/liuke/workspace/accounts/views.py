"""Key accounts: all of them with their next review, and one with its plan, its people and its target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.accounts import actions
from liuke.customers.models import AccountMember, Customer, KeyAccount
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.scores.models import Score
from liuke.workspace.accounts.forms import AccountForm, MemberForm, PlanForm, ReasonForm, ReviewForm

SHOWN = 200


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def accounts(request: StaffRequest) -> HttpResponse:
    """By their next review; what they bring against what was aimed at."""
    rows = KeyAccount.objects.for_user(request.user).open().select_related("customer__owner")
    people = Count("members", filter=Q(members__ended_at=None))
    found = list(rows.annotate(people=people).order_by("next_review_on", "pk")[: SHOWN + 1])
    scores = Score.objects.current().filter(customer__in=[one.customer_id for one in found])
    sales = dict(scores.values_list("customer", "value_12m_minor"))
    context = {
        "rows": [(one, sales.get(one.customer_id)) for one in found[:SHOWN]],
        "more": len(found) > SHOWN,
        "today": timezone.localdate(),
        "now": timezone.now(),
    }
    return render(request, "workspace/accounts/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_CUSTOMERS)
def account(request: StaffRequest, pk: int) -> HttpResponse:
    """The plan of one; a POST keeps it, or makes the customer a key account."""
    if request.method == "POST":
        request.user.require(Right.EDIT_CUSTOMERS)
        customer = get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    else:
        customer = _read(request, pk)
    held = KeyAccount.objects.open().filter(customer=customer).first()
    if request.method == "GET":
        return _page(request, customer, held)
    now = timezone.now()
    if held is None:
        actions.begin(customer, reason=request.POST.get("reason", "")[:200], by=request.user, now=now)
        messages.success(request, _("From now on this is a key account."))
        return redirect("customer-account", customer.pk)
    form, account = PlanForm(request.POST, account=held), held
    return _kept(
        request,
        customer,
        held,
        form,
        lambda: actions.plan(
            account, form.given(), version=form.cleaned_data["version"], by=request.user, now=now
        ),
        "plan",
    )


def _read(request: StaffRequest, pk: int) -> Customer:
    """With whether the reader may write him too, as `writable`."""
    writes = Customer.objects.writable_by(request.user).filter(pk=OuterRef("pk"))
    return get_object_or_404(Customer.objects.for_user(request.user).annotate(writable=Exists(writes)), pk=pk)


def _kept(
    request: StaffRequest,
    customer: Customer,
    held: KeyAccount,
    form: AccountForm,
    act: Callable[[], object],
    name: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            act()
        except Unfit as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("customer-account", customer.pk)
    return _page(request, customer, held, **{name: form})


def _page(
    request: StaffRequest, customer: Customer, held: KeyAccount | None, **forms: AccountForm
) -> HttpResponse:
    user = request.user
    writable = getattr(customer, "writable", True)  # whoever sent a form was looked up among the writable
    score = Score.objects.current().filter(customer=customer).first()
    members = held.members.filter(ended_at=None).select_related("user") if held else []
    may_edit = writable and user.may(Right.EDIT_CUSTOMERS)
    context: dict[str, Any] = {
        "customer": customer,
        "account": held,
        "score": score,
        "currency": held.currency if held else "",
        "members": members,
        "may_edit": may_edit,
        "may_assign": may_edit and user.may(Right.ASSIGN_CUSTOMERS),
        "reached": _share(score, held),
        "today": timezone.localdate(),
        "now": timezone.now(),
        "reason": ReasonForm(),
    }
    if held and may_edit:
        context |= {"plan": PlanForm(account=held), "review": ReviewForm(auto_id="review_%s")}
        if context["may_assign"]:
            context["member"] = MemberForm(by=user, auto_id="member_%s")
    status = 422 if any(form.is_bound and form.errors for form in forms.values()) else 200
    return render(request, "workspace/accounts/account.html", context | forms, status=status)


def _share(score: Score | None, held: KeyAccount | None) -> float | None:
    """How much of the target the last twelve months brought."""
    if score is None or held is None or not held.target_minor:
        return None
    return score.value_12m_minor / held.target_minor


def _open(request: StaffRequest, pk: int) -> KeyAccount:
    customer = get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    return get_object_or_404(KeyAccount.objects.open().select_related("customer"), customer=customer)


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def review(request: StaffRequest, pk: int) -> HttpResponse:
    held = _open(request, pk)
    form = ReviewForm(request.POST, auto_id="review_%s")
    return _kept(
        request,
        held.customer,
        held,
        form,
        lambda: actions.review(held, note=form.cleaned_data["note"], by=request.user, now=timezone.now()),
        "review",
    )


@require_POST
@staff(Right.ASSIGN_CUSTOMERS)
def members(request: StaffRequest, pk: int) -> HttpResponse:
    request.user.require(Right.EDIT_CUSTOMERS)
    held = _open(request, pk)
    form = MemberForm(request.POST, by=request.user, auto_id="member_%s")
    return _kept(
        request,
        held.customer,
        held,
        form,
        lambda: actions.add_member(
            held, form.cleaned_data["user"], form.cleaned_data["role"], by=request.user, now=timezone.now()
        ),
        "member",
    )


@require_POST
@staff(Right.ASSIGN_CUSTOMERS)
def member_removal(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    request.user.require(Right.EDIT_CUSTOMERS)
    held = _open(request, pk)
    one = get_object_or_404(AccountMember, pk=member, account=held, ended_at=None)
    actions.remove_member(one, by=request.user, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("customer-account", pk)


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def ending(request: StaffRequest, pk: int) -> HttpResponse:
    held = _open(request, pk)
    actions.end(held, reason=request.POST.get("reason", "")[:200], by=request.user, now=timezone.now())
    messages.success(request, _("This is no key account any more."))
    reachable = Customer.objects.for_user(request.user).filter(pk=pk).exists()
    return redirect("customer-account", pk) if reachable else redirect("customers")
