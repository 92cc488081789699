from __future__ import annotations

from django.urls import path

from liuke.workspace.programs import views

urlpatterns = [
    path("profile/tokens/", views.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revocation/", views.own_revocation, name="token-own-revocation"),
    path("settings/tokens/", views.all_tokens, name="all-tokens"),
    path("settings/tokens/<int:pk>/revocation/", views.revocation, name="token-revocation"),
    path("settings/webhooks/", views.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", views.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/ping/", views.webhook_ping, name="webhook-ping"),
    path("settings/webhooks/<int:pk>/activity/", views.webhook_activity, name="webhook-activity"),
    path("settings/webhooks/<int:pk>/secret/", views.webhook_secret, name="webhook-secret"),
    path("settings/webhooks/<int:pk>/removal/", views.webhook_removal, name="webhook-removal"),
    path(
        "settings/webhooks/<int:pk>/deliveries/<int:delivery>/attempts/",
        views.webhook_attempt,
        name="webhook-attempt",
    ),
]
