from __future__ import annotations

from django.urls import path

from liuke.workspace.colleagues import views

urlpatterns = [
    path("settings/colleagues/", views.colleagues, name="colleagues"),
    path("settings/colleagues/new/", views.new_colleague, name="new-colleague"),
    path("settings/colleagues/<int:pk>/", views.colleague, name="colleague"),
    path("settings/colleagues/<int:pk>/deactivation/", views.deactivation, name="colleague-deactivation"),
    path("settings/colleagues/<int:pk>/reactivation/", views.reactivation, name="colleague-reactivation"),
    path(
        "settings/colleagues/<int:pk>/password-reset/", views.password_reset, name="colleague-password-reset"
    ),
    path("settings/colleagues/<int:pk>/invitation/", views.invitation, name="colleague-invitation"),
    path("settings/teams/", views.teams, name="teams"),
    path("settings/teams/new/", views.new_team, name="new-team"),
    path("settings/teams/<int:pk>/", views.team, name="team"),
    path("settings/teams/<int:pk>/removal/", views.team_removal, name="team-removal"),
    path("settings/roles/", views.roles, name="roles"),
    path("settings/roles/new/", views.new_role, name="new-role"),
    path("settings/roles/<int:pk>/", views.role, name="role"),
    path("settings/roles/<int:pk>/removal/", views.role_removal, name="role-removal"),
]
