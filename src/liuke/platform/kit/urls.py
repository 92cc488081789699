from __future__ import annotations

from django.urls import path

from liuke.platform.kit import views

urlpatterns = [
    path("language/", views.language, name="language"),
    path("appearance/", views.theme, name="theme"),
]
