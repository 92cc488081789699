"""The company's trade: what it calls its customers' possessions, and when it asks about them (SC10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from liuke.customers.holdings.actions import switch_pack
from liuke.customers.holdings.rules import PACKS
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.preferences.actions import get
from liuke.workspace.trade.forms import TradeForm


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.MANAGE_SETTINGS)
def trade(request: StaffRequest) -> HttpResponse:
    current = get("holdings.pack")
    form = TradeForm(request.POST if request.method == "POST" else None, initial={"pack": current})
    if form.is_valid():
        switch_pack(form.cleaned_data["pack"], by=request.user, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("trade")
    packs = [(code == current, _(one.name), _(one.owned), one) for code, one in PACKS.items()]
    context = {
        "form": form,
        "packs": packs,
        "years": get("holdings.replacement_years"),
        "days": get("holdings.notice_days"),
    }
    return render(request, "workspace/trade/trade.html", context, status=422 if form.is_bound else 200)
