"""Every door of the product, in one table. tests/doors checks that each is classed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from liuke.platform.access.views import public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Public: tells that the process lives, and nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


handler400 = "liuke.platform.api.views.bad_request"
handler403 = "liuke.platform.kit.views.forbidden"
handler404 = "liuke.platform.api.views.not_found"
handler500 = "liuke.platform.api.views.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("liuke.config.api")),
    path("", include("liuke.platform.kit.urls")),
    path("", include("liuke.platform.showcase.urls")),
    path("", include("liuke.platform.users.urls")),
    path("", include("liuke.platform.organisation.urls")),
    path("", include("liuke.workspace.administration.urls")),
    path("", include("liuke.workspace.entitlements.urls")),
    path("", include("liuke.workspace.fields.urls")),
    path("", include("liuke.workspace.colleagues.urls")),
    path("", include("liuke.workspace.handover.urls")),
    path("", include("liuke.workspace.vigil.urls")),
    path("", include("liuke.workspace.routines.urls")),
    path("", include("liuke.workspace.profile.urls")),
    path("", include("liuke.workspace.programs.urls")),
    path("", include("liuke.workspace.shell.urls")),
    path("", include("liuke.workspace.news.urls")),
    path("", include("liuke.workspace.today.urls")),
    path("", include("liuke.workspace.directory.urls")),
    path("", include("liuke.workspace.merging.urls")),
    path("", include("liuke.workspace.orders.urls")),
    path("", include("liuke.workspace.segments.urls")),
    path("", include("liuke.workspace.accounts.urls")),
    path("", include("liuke.workspace.former.urls")),
    path("", include("liuke.workspace.keeping.urls")),
    path("", include("liuke.workspace.summary.urls")),
    path("", include("liuke.workspace.glossary.urls")),
    path("", include("liuke.workspace.credit.urls")),
    path("", include("liuke.workspace.visits.urls")),
    path("", include("liuke.workspace.sources.urls")),
    path("", include("liuke.workspace.trade.urls")),
    path("", include("liuke.workspace.record.urls")),
    path("", include("liuke.workspace.standing.urls")),
    path("", include("liuke.workspace.reveal.urls")),
    path("", include("liuke.workspace.card.urls")),
    path("", include("liuke.workspace.attachments.urls")),
    path("", include("liuke.workspace.circle.urls")),
    path("", include("liuke.workspace.inspection.urls")),
    path("", include("liuke.workspace.search.urls")),
    path("", include("liuke.workspace.exports.urls")),
    path("", include("liuke.workspace.insight.urls")),
    path("", include("liuke.workspace.intake.urls")),
    path("", include("liuke.workspace.presets.urls")),
    path("", include("liuke.demo.urls")),
]
