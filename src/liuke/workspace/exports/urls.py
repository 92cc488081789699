from __future__ import annotations

from django.urls import path

from liuke.workspace.exports import views

urlpatterns = [
    path("exports/", views.exports, name="exports"),
    path("exports/<int:pk>/approval/", views.approval, name="export-approval"),
    path("exports/<int:pk>/refusal/", views.refusal, name="export-refusal"),
    path("exports/<int:pk>/file/", views.file, name="export-file"),
]
