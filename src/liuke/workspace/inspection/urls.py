from django.urls import path

from liuke.workspace.inspection import views

urlpatterns = [
    path("customers/<int:pk>/verification/", views.verification, name="customer-verification"),
    path("customers/<int:pk>/return/", views.giving_back, name="customer-return"),
    path("customers/<int:pk>/acceptance/", views.acceptance, name="customer-acceptance"),
]
