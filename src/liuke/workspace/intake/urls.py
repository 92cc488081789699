from __future__ import annotations

from django.urls import path

from liuke.workspace.intake import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.new_import, name="new-import"),
    path("imports/samples/<str:target>/", views.sample, name="import-sample"),
    path("imports/<int:pk>/", views.batch, name="import"),
    path("imports/<int:pk>/columns/", views.columns, name="import-columns"),
    path("imports/<int:pk>/reading/", views.reading, name="import-reading"),
    path("imports/<int:pk>/run/", views.run, name="import-run"),
    path("imports/<int:pk>/reversal/", views.reversal, name="import-reversal"),
    path("imports/<int:pk>/kept/", views.kept, name="import-kept"),
    path("imports/<int:pk>/removal/", views.removal, name="import-removal"),
    path("imports/<int:pk>/rejects/", views.rejects, name="import-rejects"),
]
