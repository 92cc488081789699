from __future__ import annotations

from django.urls import path

from liuke.workspace.vigil import views

urlpatterns = [
    path("reading/reason/", views.reason, name="reading-reason"),
    path("settings/reading/", views.board, name="reading"),
    path("settings/reading/<int:pk>/", views.person, name="reading-person"),
]
