"""What a role does not see, shown once for a reason (security: masking)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from liuke.customers.masking.rules import hidden_from
from liuke.customers.models import Customer
from liuke.customers.records.models import point_kinds
from liuke.customers.records.rules import Unfit
from liuke.customers.reveals.actions import Revealed, TooMany
from liuke.customers.reveals.actions import reveal as show
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.workspace.reveal.forms import WHY, RevealForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_CUSTOMERS)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks for the reason; what is shown stands in this one answer, in no address and no page that is kept."""
    customer = get_object_or_404(Customer.objects.for_user(request.user), pk=pk)
    form = RevealForm(request.POST if request.method == "POST" else None)
    found: list[Revealed] | None = None
    if not hidden_from(request.user, customer.owner_id, timezone.now()):
        found = []  # one's own, or a role that sees it all: there is nothing to ask a reason for
    elif form.is_valid():
        try:
            found = show(customer, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error("reason", ValidationError(error.text))
        except TooMany:
            told = _("That was a lot for one day. Ask whoever leads your team; the attempt is noted.")
            form.add_error(None, ValidationError(told))
    kinds = dict(point_kinds()) | {"identity": _("identity number")}
    context = {
        "customer": customer,
        "form": form,
        "why": WHY,
        "found": None if found is None else [(one, kinds[one.kind]) for one in found],
    }
    wrong = form.is_bound and found is None
    return render(request, "workspace/reveal/reveal.html", context, status=422 if wrong else 200)
