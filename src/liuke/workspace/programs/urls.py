from __future__ import annotations

from django.urls import path

from liuke.workspace.programs import views

urlpatterns = [
    path("profile/tokens/", views.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revocation/", views.own_revocation, name="token-own-revocation"),
    path("settings/tokens/", views.all_tokens, name="all-tokens"),
    path("settings/tokens/<int:pk>/revocation/", views.revocation, name="token-revocation"),
]
