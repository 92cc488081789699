from django.urls import path

from liuke.workspace.record import views

urlpatterns = [
    path("new/", views.quick_add, name="quick-add"),
    path("customers/new/", views.new_customer, name="customer-new"),
    path("customers/<int:pk>/edit/", views.edit_customer, name="customer-edit"),
    path("customers/<int:pk>/completion/", views.completion, name="customer-completion"),
    path("customers/<int:pk>/stage/", views.stage, name="customer-stage"),
    path("customers/<int:pk>/contacts/", views.contacts, name="customer-contacts"),
    path("customers/<int:pk>/contacts/<int:contact>/", views.contact, name="customer-contact"),
    path(
        "customers/<int:pk>/contacts/<int:contact>/removal/",
        views.contact_removal,
        name="customer-contact-removal",
    ),
    path("customers/<int:pk>/points/", views.points, name="customer-points"),
    path("customers/<int:pk>/points/<int:point>/", views.point, name="customer-point"),
    path(
        "customers/<int:pk>/points/<int:point>/removal/", views.point_removal, name="customer-point-removal"
    ),
]
