from django.urls import path

from liuke.workspace.credit import views

ONE = "customers/<int:pk>/"
urlpatterns = [
    path(f"{ONE}credit/", views.sheet, name="customer-credit"),
    path(f"{ONE}credit/agreement/", views.agreement, name="customer-credit-agreement"),
    path(f"{ONE}uses/", views.uses, name="customer-uses"),
    path(f"{ONE}readers/", views.readers, name="customer-readers"),
]
