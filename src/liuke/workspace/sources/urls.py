from django.urls import path

from liuke.workspace.sources import views

urlpatterns = [
    path("customers/sources/", views.report, name="customers-by-source"),
    path("settings/sources/", views.sources, name="sources"),
    path("settings/sources/retirement/", views.retirement, name="source-retirement"),
]
