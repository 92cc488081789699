from django.urls import path

from liuke.workspace.fields import views

urlpatterns = [
    path("settings/fields/", views.fields, name="fields"),
    path("settings/fields/new/", views.new_field, name="new-field"),
    path("settings/fields/<int:pk>/", views.field, name="field"),
    path("settings/fields/<int:pk>/position/", views.position, name="field-position"),
    path("settings/fields/<int:pk>/archive/", views.archive, name="field-archive"),
    path("settings/fields/<int:pk>/restoration/", views.restoration, name="field-restoration"),
    path("settings/fields/<int:pk>/erasure/", views.erasure, name="field-erasure"),
]
