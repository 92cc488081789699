from django.urls import path

from liuke.workspace.visits import views

ONE = "customers/<int:pk>/visit/"
urlpatterns = [
    path("customers/visits/", views.report, name="visits"),
    path(ONE, views.visit, name="customer-visit"),
    path(f"{ONE}end/", views.end, name="customer-visit-end"),
    path(f"{ONE}reversal/", views.reversal, name="customer-visit-reversal"),
    path(f"{ONE}closure/", views.closure, name="customer-visit-closure"),
]
