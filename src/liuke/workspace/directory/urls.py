from django.urls import path

from liuke.workspace.directory import views

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/assignment/", views.assignment, name="customers-assignment"),
    path("customers/merging/", views.merging, name="customers-merging"),
    path("customers/segment/", views.picking, name="customers-segment"),
    path("customers/export/", views.export, name="customers-export"),
    path("customers/filters/", views.filters, name="customers-filters"),
    path("customers/views/", views.keep_view, name="customers-views"),
    path("customers/views/<int:pk>/removal/", views.remove_view, name="customers-view-removal"),
]
