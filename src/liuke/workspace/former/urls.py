from django.urls import path

from liuke.workspace.former import views

urlpatterns = [path("customers/former/", views.former, name="former")]
