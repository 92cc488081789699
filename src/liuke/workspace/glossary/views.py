"""The glossary: searched, and with a way from each word to where it is at work."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from liuke.platform.access.views import StaffRequest, signed_in
from liuke.workspace.glossary.rules import TERMS, found


@require_safe
@signed_in
def glossary(request: StaffRequest) -> HttpResponse:
    query = request.GET.get("q", "")[:100]
    told = found(query, [(term, gettext(term.meaning)) for term in TERMS])
    rows = [
        (term, meaning, reverse(term.route) + (f"?{term.query}" if term.query else ""))
        for term, meaning in told
    ]
    return render(request, "workspace/glossary/glossary.html", {"rows": rows, "query": query})
