from __future__ import annotations

from django.urls import path

from liuke.workspace.routines import views

urlpatterns = [
    path("settings/jobs/", views.jobs, name="jobs"),
    path("settings/jobs/runs/", views.runs, name="job-runs"),
    path("settings/jobs/<int:pk>/cancellation/", views.cancellation, name="job-cancellation"),
    path("settings/jobs/<int:pk>/attempts/", views.attempts, name="job-attempts"),
]
