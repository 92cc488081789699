from __future__ import annotations

from django.urls import path

from liuke.workspace.entitlements import views

urlpatterns = [path("settings/grades/", views.entitlements, name="entitlements")]
