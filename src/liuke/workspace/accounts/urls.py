from django.urls import path

from liuke.workspace.accounts import views

ONE = "customers/<int:pk>/account/"
urlpatterns = [
    path("customers/accounts/", views.accounts, name="accounts"),
    path(ONE, views.account, name="customer-account"),
    path(f"{ONE}review/", views.review, name="customer-account-review"),
    path(f"{ONE}members/", views.members, name="customer-account-members"),
    path(f"{ONE}members/<int:member>/removal/", views.member_removal, name="customer-account-member-removal"),
    path(f"{ONE}ending/", views.ending, name="customer-account-ending"),
]
