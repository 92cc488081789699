from django.urls import path

from liuke.workspace.insight import views

urlpatterns = [
    path("insight/", views.value, name="insight"),
    path("insight/keeping/", views.keeping, name="insight-keeping"),
    path("insight/risk/", views.risk, name="insight-risk"),
    path("insight/classes/", views.classes, name="insight-classes"),
    path("insight/classes/levels/", views.accept_levels, name="insight-levels"),
    path("insight/declines/", views.declines, name="insight-declines"),
    path("insight/retention/", views.retention, name="insight-retention"),
    path("insight/concentration/", views.concentration, name="insight-concentration"),
    path("insight/track-record/", views.track_record, name="insight-track-record"),
    path("insight/runs/", views.runs, name="insight-runs"),
    path("insight/runs/<int:pk>/", views.night, name="insight-night"),
]
