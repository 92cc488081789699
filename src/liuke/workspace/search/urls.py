from django.urls import path

from liuke.workspace.search import views

urlpatterns = [path("search/", views.search, name="search")]
