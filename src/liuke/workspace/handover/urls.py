from __future__ import annotations

from django.urls import path

from liuke.workspace.handover import views

urlpatterns = [
    path("settings/handovers/", views.handovers, name="handovers"),
    path("settings/handovers/leave/", views.leave, name="new-leave"),
    path("settings/handovers/leave/<int:pk>/end/", views.leave_end, name="leave-end"),
]
