from __future__ import annotations

from django.urls import path

from liuke.platform.organisation import views

urlpatterns = [path("welcome/", views.welcome, name="welcome")]
