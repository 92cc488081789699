from __future__ import annotations

from django.urls import path

from liuke.workspace.handover import views

urlpatterns = [
    path("settings/handovers/", views.handovers, name="handovers"),
    path("settings/handovers/leave/", views.leave, name="new-leave"),
    path("settings/handovers/leave/<int:pk>/end/", views.leave_end, name="leave-end"),
    path("settings/handovers/departure/", views.departure, name="new-departure"),
    path("settings/handovers/<int:pk>/", views.handover, name="handover"),
    path("settings/handovers/<int:pk>/reversal/", views.reversal, name="handover-reversal"),
    path("settings/handovers/<int:pk>/continuation/", views.continuation, name="handover-continuation"),
    path("handovers/<int:pk>/", views.briefing, name="briefing"),
]
