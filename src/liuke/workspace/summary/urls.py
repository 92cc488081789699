from django.urls import path

from liuke.workspace.summary import views

urlpatterns = [path("customers/summary/", views.summary, name="customers-summary")]
