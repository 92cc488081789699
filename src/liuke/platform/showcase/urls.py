from __future__ import annotations

from django.urls import path

from liuke.platform.showcase import views

urlpatterns = [
    path("kit/", views.showcase, name="kit"),
    path("kit/dialog/", views.in_dialog, name="kit-dialog"),
]
