"""Segments: which there are, one of them with who came and went, and the builder that makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.fields.actions import definitions
from liuke.customers.models import Customer
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.jobs.actions import enqueue
from liuke.platform.kit.rules import Chart, Series, day_text
from liuke.platform.kit.views import problem
from liuke.platform.lists.rules import WHERE_LIMIT, Field, Group, Listing, Query, Unfit
from liuke.platform.models import Team, User
from liuke.platform.preferences.actions import get
from liuke.scores.models import ScoreRun, Segment
from liuke.scores.questions.actions import answering, asks_judgement, joined
from liuke.scores.questions.rules import own_filters, themes
from liuke.scores.runs.actions import current_run
from liuke.scores.segments import actions
from liuke.scores.segments.rules import FIELD
from liuke.scores.sentences.rules import Words, sentence
from liuke.workspace.segments import rules
from liuke.workspace.segments.forms import Builder, SegmentForm
from liuke.workspace.shell.views import count_with_rail

JOB = "segments.nightly"
SAMPLE = 5
DAYS_SHOWN = 31
LATER = frozenset(
    {"sort", "columns", "after", "q", "view", "limit"}
)  # of a list's address, what is no filter
UNOFFERED = frozenset({"bought", "imported"})  # an event says it better; an import is only known by its link


def _currency(run: ScoreRun | None) -> str:
    return run.currency if run else str(get("company.currency"))


def _words(tree: Group, user: User, currency: str, names: Mapping[int, str] | None = None) -> Words:
    language, today = get_language() or "zh-hans", timezone.localdate()
    return actions.words_for(tree, user, currency=currency, language=language, today=today, segments=names)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def segments(request: StaffRequest) -> HttpResponse:
    user, currency, known = request.user, _currency(current_run()), actions.catalogue(request.user)
    rows = list(Segment.objects.for_user(user).select_related("owner"))
    trees = [_tree(one, known) for one in rows]
    everything = Group("all", tuple(tree for tree in trees if tree))
    words = _words(everything, user, currency)
    counts = actions.sizes(rows, user)
    told = [
        (one, sentence(tree, words) if tree else "", counts.get(one.pk, 0))
        for one, tree in zip(rows, trees, strict=True)
    ]
    return render(
        request,
        "workspace/segments/segments.html",
        {"rows": told, "ready": rules.READY, "now": timezone.now()},
    )


def _tree(segment: Segment, known: Listing) -> Group | None:
    """What it asks; None where it can't be asked any more, or not by whoever looks."""
    try:
        return known.tree(segment.tree) if segment.kind == "rule" else None
    except Unfit:
        return None


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def segment(request: StaffRequest, pk: int) -> HttpResponse:
    user, now, run = request.user, timezone.now(), current_run()
    currency = _currency(run)
    held = get_object_or_404(Segment.objects.for_user(user).select_related("owner"), pk=pk)
    known = actions.catalogue(user)
    try:
        tree = known.tree(held.tree) if held.kind == "rule" else None
        found = actions.members(held, user, now=now, run=run)
    except Unfit as error:
        return problem(
            request, 409, _("This segment cannot be asked any more"), _(error.message) % error.params
        )
    size = _size(request, found)
    on = _day(request.GET.get("on", ""))
    history = actions.drift(held, user)
    context = {
        "segment": held,
        "sentence": sentence(tree, _words(tree, user, currency)) if tree else "",
        "size": size,
        "sales_minor": _sales(found, run),
        "currency": currency,
        "chart": _chart(history),
        "days": [day for day in reversed(history) if day.entered or day.left][:DAYS_SHOWN],
        "moves": actions.moves(held, user, on=on),
        "on": on,
        "may_change": held.owner_id == user.pk or user.may(Right.SHARE_SEGMENTS),
        "now": now,
    }
    return render(request, "workspace/segments/segment.html", context)


def _sales(rows: QuerySet[Customer], run: ScoreRun | None) -> int | None:
    """Of twelve months; not known before the first night."""
    return joined(rows, run).aggregate(sum=Sum("score_value_12m_minor"))["sum"] or 0 if run else None


def _size(request: StaffRequest, rows: Any) -> int:
    (size,) = count_with_rail(request, rows)
    return size


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _chart(history: Sequence[Any]) -> Chart | None:
    if len(history) < 2:
        return None
    language, today = get_language() or "zh-hans", timezone.localdate()
    labels = [day_text(day.on, language, today=today) for day in history]
    counts = Series(_("Customers in the segment"), [day.members for day in history], tone="jade")
    return Chart(_("How the segment has changed"), labels, [counts], form="area", label_title=_("Day"))


# --- the builder ---


def _themes(known: Listing) -> list[tuple[Any, tuple[Field, ...]]]:
    offered = {one.name for one in known.fields}
    asked = [one for one in definitions() if one.type != "customer" and one.name in offered]
    own = own_filters(asked, get_language() or "")
    found = [(theme, tuple(one for one in some if one.name not in UNOFFERED)) for theme, some in themes()]
    return [*found, (_("Fields of your own"), own), (_("Segments"), (known.field(FIELD),))]


class People:
    """The people, teams and segments to choose from: each asked for once, and only where a line asks for it."""

    def __init__(self, user: User, without: int | None) -> None:
        self.user, self.without = user, without
        self.found: dict[str, Sequence[tuple[str, str]]] = {}

    def __call__(self, name: str) -> Sequence[tuple[str, str]]:
        if name not in self.found:
            self.found[name] = [(str(pk), told) for pk, told in self._rows(name)]
        return self.found[name]

    def _rows(self, name: str) -> Sequence[tuple[int, str]]:
        match name:
            case "team":
                return list(Team.objects.reached_by(self.user).order_by("path").values_list("pk", "name"))
            case "segment":
                rows = Segment.objects.for_user(self.user).exclude(pk=self.without or 0)
                return list(rows.values_list("pk", "name"))
            case _:
                people = User.objects.visible_to(self.user).active().order_by("name")
                return list(people.values_list("pk", "name"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_CUSTOMERS)
def new_segment(request: StaffRequest) -> HttpResponse:
    """From nothing, or from the filters of a list that the address carries."""
    if request.method == "POST":
        return _build(request, None)
    given = {name: request.GET.getlist(name) for name in request.GET if name not in LATER}
    try:
        tree = actions.catalogue(request.user).from_address(given).filter
    except Unfit as error:
        return problem(request, 400, _("This list cannot be asked that"), _(error.message) % error.params)
    run = current_run()
    box = rules.draft(tree, _currency(run), request.user.pk)
    return _page(request, None, box if box.parts else rules.Box("all", (rules.Line(),)), SegmentForm(), run)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_CUSTOMERS)
def edit_segment(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(Segment.objects.for_user(request.user), pk=pk)
    if held.owner_id != request.user.pk:
        request.user.require(Right.SHARE_SEGMENTS)
    if request.method == "POST":
        return _build(request, held)
    try:
        tree = actions.catalogue(request.user).tree(held.tree or {"all": []})
    except Unfit:
        tree = Group("all", ())
        messages.warning(request, _("The rule asks for something that is gone. Say it anew."))
    run = current_run()
    box = rules.draft(tree, _currency(run), request.user.pk)
    named = {"name": held.name, "note": held.note, "is_target": held.is_target, "shared": held.shared}
    return _page(request, held, box, SegmentForm(initial=named), run)


def _build(request: StaffRequest, held: Segment | None) -> HttpResponse:
    sent = {name: request.POST.getlist(name) for name in request.POST}
    do = request.POST.get("do", "")
    box, run = rules.changed(rules.read(sent), do), current_run()
    if do == "list":
        return _in_the_list(request, held, box, run)
    if do not in {"save", "hand"}:
        return _page(request, held, box, SegmentForm(initial=_named(request)), run)
    form = SegmentForm(request.POST)
    by_hand = do == "hand" or (held is not None and held.kind == "list")
    built = rules.built(box, actions.catalogue(request.user), _currency(run))
    if form.is_valid() and (by_hand or not built.open):
        try:
            made = actions.keep(
                plain=built.plain,
                segment=held,
                kind="list" if by_hand else "rule",
                by=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Unfit as error:
            form.add_error(None, ValidationError(_(error.message) % error.params))
        else:
            enqueue(JOB, by=request.user, now=timezone.now())
            messages.success(request, _("The segment is saved."))
            return redirect("segment", made.pk)
    elif not by_hand and built.open:
        form.add_error(None, ValidationError(_("Some lines are not finished; they say what is missing.")))
    return _page(request, held, box, form, run, complain=True)


def _named(request: StaffRequest) -> dict[str, Any]:
    boxes = {name: name in request.POST for name in ("is_target", "shared")}
    return {"name": request.POST.get("name", ""), "note": request.POST.get("note", "")} | boxes


def _in_the_list(
    request: StaffRequest, held: Segment | None, box: rules.Box, run: ScoreRun | None
) -> HttpResponse:
    """The customer list with what has been built as its filter."""
    built = rules.built(box, actions.catalogue(request.user), _currency(run))
    if built.open:
        return _page(request, held, box, SegmentForm(initial=_named(request)), run, complain=True)
    form = SegmentForm(initial=_named(request))
    try:
        tree = actions.catalogue(request.user).tree(built.plain)
    except Unfit:
        return _page(request, held, box, form, run)  # beside the lines it says what is too much
    query = Query(filter=tree if tree.how == "all" else Group("all", (tree,)))
    if any(len(value) > WHERE_LIMIT for _name, value in query.parameters()):
        messages.warning(request, _("This is too much for an address. Save it as a segment, and open that."))
        return _page(request, held, box, form, run)
    return redirect(f"{reverse('customers')}?{urlencode(query.parameters())}")


def _page(
    request: StaffRequest,
    held: Segment | None,
    box: rules.Box,
    form: SegmentForm,
    run: ScoreRun | None,
    *,
    complain: bool = False,
) -> HttpResponse:
    user, currency, known = request.user, _currency(run), actions.catalogue(request.user)
    built = rules.built(box, known, currency)
    people = People(user, held.pk if held else None)
    builder = Builder(known, _themes(known), currency, people, built.open, complain)
    context: dict[str, Any] = {
        "segment": held,
        "form": form,
        "box": builder.shown(box),
        "may_share": user.may(Right.SHARE_SEGMENTS),
        "currency": currency,
        **_looked_at(request, known, built.plain, run, currency),
    }
    return render(
        request, "workspace/segments/builder.html", context, status=422 if form.errors or complain else 200
    )


def _looked_at(
    request: StaffRequest, known: Listing, plain: dict[str, Any], run: ScoreRun | None, currency: str
) -> dict[str, Any]:
    """How many there are as it stands, the first of them, and the whole in a sentence."""
    user = request.user
    try:
        tree = known.tree(plain)
        whole, names = actions.opened(tree, user)
    except Unfit as error:
        return {"refused": _(error.message) % error.params}
    rows = answering(Customer.objects.for_user(user), whole, run, user=user, now=timezone.now())
    return {
        "size": _size(request, rows),
        "sample": rows.order_by("pk")[:SAMPLE],
        "sentence": sentence(tree, _words(tree, user, currency, names)),
        "unjudged": run is None and asks_judgement(whole),
    }


# --- what becomes of it ---


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def remove_segment(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(Segment.objects.for_user(request.user), pk=pk)
    try:
        actions.remove(held, by=request.user, now=timezone.now())
    except Unfit as error:
        messages.error(request, _(error.message) % error.params)
        return redirect("segment", held.pk)
    messages.success(request, _("The segment is removed."))
    return redirect("segments")


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def pick(request: StaffRequest, pk: int) -> HttpResponse:
    """Takes one customer in by hand, keeps him out, or leaves him to the rule again."""
    held = get_object_or_404(Segment.objects.for_user(request.user), pk=pk)
    customer = get_object_or_404(
        Customer.objects.for_user(request.user), pk=_pk(request.POST.get("customer", ""))
    )
    how = request.POST.get("how", "")
    if how not in {"in", "out", "rule"}:
        raise Http404
    actions.pick(held, [customer.pk], how, by=request.user, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("segment", held.pk)


def _pk(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
