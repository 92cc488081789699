from __future__ import annotations

from django.urls import path

from liuke.workspace.profile import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="profile-password"),
]
