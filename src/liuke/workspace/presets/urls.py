from __future__ import annotations

from django.urls import path

from liuke.workspace.presets import views

urlpatterns = [
    path("imports/presets/", views.presets, name="presets"),
    path("imports/presets/<int:pk>/", views.preset, name="preset"),
    path("imports/presets/<int:pk>/removal/", views.removal, name="preset-removal"),
    path("imports/<int:pk>/preset/", views.use, name="import-preset"),
]
