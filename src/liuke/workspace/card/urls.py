from django.urls import path

from liuke.workspace.card import views

urlpatterns = [
    path("customers/<int:pk>/", views.card, name="customer"),
    path("customers/<int:pk>/sheet/", views.sheet, name="customer-sheet"),
    path("customers/<int:pk>/timeline/", views.timeline, name="customer-timeline"),
    path("customers/<int:pk>/contacts-log/", views.contacts_log, name="customer-contacts-log"),
    path(
        "customers/<int:pk>/timeline/<int:fact>/reversal/",
        views.entry_reversal,
        name="customer-entry-reversal",
    ),
    path("customers/<int:pk>/notes/", views.notes, name="customer-notes"),
    path("customers/<int:pk>/followups/", views.followups, name="customer-followups"),
    path("customers/<int:pk>/complaints/", views.complaints, name="customer-complaints"),
    path(
        "customers/<int:pk>/complaints/<int:fact>/resolution/", views.resolution, name="customer-resolution"
    ),
    path("customers/<int:pk>/purchases/", views.purchases, name="customer-purchases"),
    path("purchases/<int:pk>/", views.purchase, name="purchase"),
]
