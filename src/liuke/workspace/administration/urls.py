from __future__ import annotations

from django.urls import path

from liuke.workspace.administration import views

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/company/", views.preferences, name="preferences"),
    path("settings/audit/", views.audit, name="audit"),
    path("settings/audit/verification/", views.verification, name="audit-verification"),
]
