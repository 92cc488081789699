"""The customer's card: who is this, how are we doing, what next?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Sum
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.background.actions import may_see
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask
from liuke.customers.followups.rules import TIMED, Closed, TooLate
from liuke.customers.masking.rules import GROUPS
from liuke.customers.mentions.actions import out_of_reach
from liuke.customers.models import Customer, Fact, FollowUp, Purchase
from liuke.customers.records.actions import purpose_tip
from liuke.customers.records.rules import Unfit, lacks_decider
from liuke.customers.reveals.actions import veil
from liuke.customers.sources.rules import in_words
from liuke.customers.standings.rules import LEVEL_BY_GRADE, LEVELS
from liuke.customers.timeline.actions import (
    add_note,
    complain,
    log_contact,
    promise,
    promised_key,
    resolve,
)
from liuke.customers.timeline.rules import CHANNELS, FILTERS, entry
from liuke.customers.withdrawing.actions import may_withdraw, withdraw
from liuke.customers.withdrawing.rules import is_a_slip
from liuke.platform.access.rules import Right, Scope
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.rules import minor_digits, money_text
from liuke.platform.kit.views import done, say
from liuke.platform.models import User
from liuke.platform.preferences.actions import get
from liuke.workspace.card import actions, rules
from liuke.workspace.card.forms import ContactForm, FollowUpForm, NoteForm, TextForm
from liuke.workspace.shell.actions import watched
from liuke.workspace.shell.forms import end_of_work

FORM = ["GET", "HEAD", "POST"]
PAGE = 25
PURCHASES_SHOWN = 500


def _readable(request: StaffRequest, pk: int) -> Customer:
    rows = Customer.objects.for_user(request.user).select_related("owner", "team")
    return get_object_or_404(rows, pk=pk)


def _writable(request: StaffRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)


def _money(currency: str) -> Callable[[float], str]:
    language, digits = translation.get_language() or "zh-hans", minor_digits(currency)
    return lambda amount: money_text(round(amount * 10**digits), currency, language)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
@watched("card")
def card(request: StaffRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    held = actions.opened(pk, user)
    if held is None:
        raise Http404
    customer, score, run = held.customer, held.score, held.run
    currency = run.currency if run else get("company.currency")
    points, people = actions.reachable(customer)
    hidden = veil(customer, chain(points, *(theirs for _person, theirs in people)), user, now)
    trading = actions.trading(customer, timezone.localdate(), currency, get("money.rates"))
    facts, complaints = actions.happened(customer, user, **_asked(request), limit=PAGE + 1)
    context = {
        "customer": customer,
        "points": points,
        "hidden": hidden,
        "hidden_kinds": {kind for kind, group in GROUPS.items() if group in hidden},
        "people": people,
        "at_hand": rules.at_hand(points, people),
        "influence": rules.influence_map(person for person, _theirs in people),
        "lacks_decider": customer.scope != "consumer" and lacks_decider(person for person, _theirs in people),
        "standing": actions.standing(customer, translation.get_language() or "", now=now),
        "may_return": held.writable and user.may(Right.SEE_TEAM),
        "blocks": actions.blocks(held, translation.get_language() or "", hidden),
        "tip": purpose_tip(customer.purpose),
        "progress": held.progress,
        "may_see_readers": customer.owner_id == user.pk or user.may(Right.SEE_TEAM),
        "expected": held.expected,
        "source": in_words(customer.source),
        "score": score,
        "run": run,
        "currency": currency,
        "trading": trading,
        "contacted": [(CHANNELS[channel], at) for channel, at in held.contacted],
        "overdue": bool(score and score.band in {"high", "lost"}),
        "ordered_since": rules.ordered_since(score.last_on if score else None, customer.last_purchase_at),
        "buys_less": rules.buys_less(score),
        "history_values": [minor for _end, minor in trading.history],
        "policy": held.policy,
        "suggested_level": LEVELS.get(LEVEL_BY_GRADE.get(score.grade, "")) if score else None,
        "complaints": complaints,
        "followups": actions.open_items(customer, money=_money(currency)),
        "may_edit": held.writable and user.may(Right.EDIT_CUSTOMERS),
        "may_log": held.writable and user.may(Right.LOG_CONTACTS),
        "may_see_background": may_see(customer, user),
        "may_work": user.may(Right.WORK_FOLLOWUPS),
        "may_set_rates": user.may(Right.MANAGE_SETTINGS),
        "now": now,
        **actions.judgement(score, money=_money(currency), complaint_open=bool(complaints)),
        **_timeline(request, facts),
    }
    return render(request, "workspace/card/card.html", context)


SHEET_ENTRIES, SHEET_ITEMS = 8, 6  # as much as one page of A4 takes beside the record


@require_safe
@staff(Right.VIEW_CUSTOMERS)
@watched("card")
def sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """The card on one page of A4, to take along; its code leads back to the card, for whoever may open it."""
    user, now, language = request.user, timezone.now(), translation.get_language() or ""
    held = actions.opened(pk, user)
    if held is None:
        raise Http404
    customer = held.customer
    currency = held.run.currency if held.run else get("company.currency")
    points, people = actions.reachable(customer)
    hidden = veil(customer, chain(points, *(theirs for _person, theirs in people)), user, now)
    # Twice as many: who takes the sheet along is told nothing that was taken back.
    facts, complaints = actions.happened(customer, user, kinds=None, before=None, limit=2 * SHEET_ENTRIES)
    standing = [fact for fact in facts if not fact.withdrawn and fact.kind != FactKind.WITHDRAWN]
    context = {
        "customer": customer,
        "points": points,
        "people": people,
        "blocks": actions.blocks(held, language, hidden),
        "source": in_words(customer.source),
        "score": held.score,
        "currency": currency,
        "trading": actions.trading(customer, timezone.localdate(), currency, get("money.rates")),
        "complaints": complaints[:SHEET_ITEMS],
        "followups": actions.open_items(customer, money=_money(currency))[:SHEET_ITEMS],
        "entries": [(fact, entry(fact)) for fact in standing[:SHEET_ENTRIES]],
        "code": rules.code_of(request.build_absolute_uri(reverse("customer", args=[pk]))),
        "now": now,
    }
    return render(request, "workspace/card/sheet.html", context)


def _asked(request: StaffRequest) -> dict[str, Any]:
    """The timeline's filter and where it goes on."""
    chosen = request.GET.get("show", "")
    kinds = FILTERS[chosen][1] if chosen in FILTERS else None
    return {"kinds": kinds, "before": _place(request.GET.get("before", ""))}


def _timeline(request: StaffRequest, facts: list[Fact]) -> dict[str, Any]:
    chosen = request.GET.get("show", "")
    more = facts[PAGE - 1] if len(facts) > PAGE else None
    return {
        "entries": [(fact, entry(fact)) for fact in facts[:PAGE]],
        "slips": {fact.pk for fact in facts[:PAGE] if _may_be_a_slip(fact, request.user)},
        "imports": {fact.batch_id for fact in facts if _opens_import(fact, request.user)},
        "filters": [(name, label) for name, (label, _kinds) in FILTERS.items()],
        "show": chosen if chosen in FILTERS else "",
        "before": f"{more.at.isoformat()}|{more.pk}" if more else "",
    }


def _may_be_a_slip(fact: Fact, user: User) -> bool:
    """Whether an entry offers to be taken back; what stands against it (an answer, a step) is told to whoever presses."""
    fresh = is_a_slip(fact, by=user.pk, now=timezone.now())
    return fresh and not fact.withdrawn and user.may(Right.LOG_CONTACTS)


def _opens_import(fact: Fact, user: User) -> bool:
    """Whether an entry leads to the import that brought the customer: as ImportBatch.for_user, without asking for it."""
    if fact.kind != FactKind.REGISTERED or not fact.batch_id or not user.may(Right.IMPORT):
        return False
    return user.role.write_scope == Scope.ALL or fact.actor_id == user.pk


def _place(text: str) -> tuple[datetime, int] | None:
    """Where the next page begins; None for what nobody of ours wrote: the first page."""
    at_text, _bar, pk = text.partition("|")
    try:
        at = parse_datetime(at_text)
    except ValueError:
        return None
    return (at, int(pk)) if at and at.tzinfo and pk.isascii() and pk.isdigit() and len(pk) < 19 else None


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def timeline(request: StaffRequest, pk: int) -> HttpResponse:
    """The timeline alone: a filter, or further back."""
    customer = _readable(request, pk)
    rows = Fact.objects.timeline(customer, request.user, **_asked(request), limit=PAGE + 1)
    context = {"customer": customer, "now": timezone.now(), **_timeline(request, list(rows.marked()))}
    return render(request, "workspace/card/timeline_page.html", context)


# --- what is written on the card ---


def _write(
    request: StaffRequest,
    customer: Customer,
    form: Form,
    act: Callable[[], object],
    *,
    title: str,
    said: str,
    entry_of: Callable[[Any], Fact | None] = lambda written: None,
    **more: Any,
) -> HttpResponse:
    """Shows the form in the dialog, or does what it asks and refreshes what shows it."""
    if form.is_valid():
        try:
            written = act()
        except Unfit as error:
            form.add_error(error.field if error.field in form.fields else None, ValidationError(error.text))
        except Closed:
            form.add_error(None, ValidationError(_("Somebody else has closed this follow-up already.")))
        else:
            say(request, said, undo=_way_back(request, customer, entry_of(written)))
            _say_who_was_not_told(request, customer, form)
            to = reverse("customer", args=[customer.pk])
            return done(request, to=to, changed=("timeline", "followups", "customer"))
    context = {"customer": customer, "form": form, "title": title, **more}
    return render(request, "workspace/card/write.html", context, status=422 if form.is_bound else 200)


def _way_back(request: StaffRequest, customer: Customer, written: Fact | None) -> str:
    """Where what was just written is taken back; one that a device sent a second time may be an old one."""
    if written is None or not may_withdraw(written, by=request.user, now=timezone.now()):
        return ""
    return reverse("customer-entry-reversal", args=[customer.pk, written.pk])


def _itself(written: Fact) -> Fact:
    return written


def _say_who_was_not_told(request: StaffRequest, customer: Customer, form: Form) -> None:
    text = form.cleaned_data.get("note") or form.cleaned_data.get("text") or ""
    if unseen := out_of_reach(text, customer, by=request.user):
        names = ", ".join(user.name for user in unseen)
        messages.warning(
            request, _("Not told, because they do not see this customer: %(names)s") % {"names": names}
        )


def _sent(request: StaffRequest) -> tuple[Any, Any]:
    """What a form was sent, with its files; nothing when it is only asked for."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


@require_http_methods(FORM)
@staff(Right.LOG_CONTACTS)
def contacts_log(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _writable(request, pk)
    asked = request.GET.get("followup", "")
    open_ones = FollowUp.objects.open().filter(customer=customer)
    followup = open_ones.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    # What a device had kept while it was offline is sent back to be looked at again.
    kept = {"note": request.GET.get("note", "")[:2000]}
    form = ContactForm(*_sent(request), customer=customer, about=followup, initial=kept)

    def act() -> Fact:
        data = form.cleaned_data
        next_on, key, settles = (
            data.pop("next_on"),
            data.pop("key"),
            data.pop("settles", followup is None or followup.kind not in TIMED),
        )
        return log_contact(
            customer,
            **data,
            next_at=end_of_work(next_on) if next_on else None,
            followup=followup,
            settles=settles,
            key=f"{request.user.pk}:{key}" if key else None,
            by=request.user,
            now=timezone.now(),
        )

    said = _("Noted. It is on the timeline.")
    about: dict[str, Any] = {"title": _("Log a contact"), "followup": followup, "queue": True}
    return _write(request, customer, form, act, said=said, entry_of=_itself, **about)


@require_POST
@staff(Right.LOG_CONTACTS)
def entry_reversal(request: StaffRequest, pk: int, fact: int) -> HttpResponse:
    customer = _writable(request, pk)
    slip = get_object_or_404(customer.facts, pk=fact)
    try:
        withdraw(slip, by=request.user, now=timezone.now())
    except TooLate:
        messages.warning(request, _("That can't be taken back any more."))
    else:
        messages.success(request, _("Taken back. The timeline keeps both."))
    to = reverse("customer", args=[customer.pk])
    return done(request, to=to, changed=("timeline", "followups", "customer"))


@require_http_methods(FORM)
@staff(Right.LOG_CONTACTS)
def notes(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _writable(request, pk)
    form = NoteForm(*_sent(request))
    return _write(
        request,
        customer,
        form,
        lambda: add_note(customer, **form.cleaned_data, by=request.user, now=timezone.now()),
        title=_("Note"),
        said=_("Noted. It is on the timeline."),
        entry_of=_itself,
    )


@require_http_methods(FORM)
@staff(Right.WORK_FOLLOWUPS)
def followups(request: StaffRequest, pk: int) -> HttpResponse:
    """Something to do, or a promise to the customer."""
    customer = _writable(request, pk)
    initial = {"kind": "promise"} if request.GET.get("kind") == "promise" else None
    if request.GET.get("what") == "winback":
        initial = {"title": _("Win back: find out why they stopped, and make an offer")}
    form = FollowUpForm(request.POST if request.method == "POST" else None, by=request.user, initial=initial)

    def act() -> FollowUp:
        data, by, now = form.cleaned_data, request.user, timezone.now()
        due_at, who, title = end_of_work(data["due_on"]), data["assignee"], data["title"]
        if data["kind"] == "promise":
            return promise(customer, text=title, due_at=due_at, assignee=who, by=by, now=now)
        more: dict[str, Any] = {"title": title, "source": "person", "by": by, "now": now}
        return ask(customer, kind="task", assignee=who, due_at=due_at, **more)

    def entry_of(made: FollowUp) -> Fact | None:
        return Fact.objects.filter(key=promised_key(made.pk)).first()

    title = _("New promise") if initial and "kind" in initial else _("New follow-up")
    said = _("It shows up on its day.")
    return _write(request, customer, form, act, title=title, said=said, entry_of=entry_of)


@require_http_methods(FORM)
@staff(Right.LOG_CONTACTS)
def complaints(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _writable(request, pk)
    form = TextForm(*_sent(request))
    return _write(
        request,
        customer,
        form,
        lambda: complain(customer, **form.cleaned_data, by=request.user, now=timezone.now()),
        title=_("Complaint"),
        said=_("Noted. It stays open until it is answered."),
        entry_of=_itself,
    )


@require_http_methods(FORM)
@staff(Right.LOG_CONTACTS)
def resolution(request: StaffRequest, pk: int, fact: int) -> HttpResponse:
    customer = _writable(request, pk)
    complaint = get_object_or_404(Fact, pk=fact, customer=customer, kind="complained")
    form = TextForm(*_sent(request))
    form.fields["text"].label = _("How it was answered")
    return _write(
        request,
        customer,
        form,
        lambda: resolve(complaint, **form.cleaned_data, by=request.user, now=timezone.now()),
        title=_("Answer the complaint"),
        said=_("Answered."),
        about=complaint.data["text"],
    )


# --- purchases ---


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def purchases(request: StaffRequest, pk: int) -> HttpResponse:
    found = Customer.objects.for_user(request.user).annotate(writable=_writes(request, "pk"))
    held: Any = get_object_or_404(found, pk=pk)
    customer: Customer = held
    rows = Purchase.objects.filter(customer=customer)
    each = rows.order_by("currency").values("currency").annotate(n=Count("pk"), minor=Sum("amount_minor"))
    sums = list(each)
    currency = get("company.currency")
    trading = actions.trading(customer, timezone.localdate(), currency, get("money.rates"))
    goods, let_off = actions.products(customer, currency)
    context = {
        "customer": customer,
        "purchases": list(rows.select_related("reverses").order_by("-at", "-id")[:PURCHASES_SHOWN]),
        "sums": sums,
        "whole": sum(one["n"] for one in sums),
        "trading": trading,
        "habits": trading.habits,
        "goods": goods,
        "let_off": let_off,
        "currency": currency,
        "may_record": held.writable and request.user.may(Right.RECORD_PURCHASES),
        "now": timezone.now(),
    }
    return render(request, "workspace/card/purchases.html", context)


def _writes(request: StaffRequest, customer: str) -> Exists:
    """Whether the reader may write the customer that stands at `customer` of a row."""
    return Exists(Customer.objects.writable_by(request.user).filter(pk=OuterRef(customer)))


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def purchase(request: StaffRequest, pk: int) -> HttpResponse:
    rows = Purchase.objects.for_user(request.user).annotate(writable=_writes(request, "customer"))
    rows = rows.select_related("customer", "reverses")
    bought: Any = get_object_or_404(rows.prefetch_related("lines__product", "reversals"), pk=pk)
    pieces = sum(
        line.quantity for line in bought.lines.all() if line.product and line.product.kind == "goods"
    )
    may_give_back = bought.kind == "order" and bought.writable and request.user.may(Right.RECORD_PURCHASES)
    context = {
        "purchase": bought,
        "pieces": pieces,
        "may_give_back": may_give_back,
        "now": timezone.now(),
    }
    return render(request, "workspace/card/purchase.html", context)
