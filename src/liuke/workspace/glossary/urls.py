from django.urls import path

from liuke.workspace.glossary import views

urlpatterns = [path("glossary/", views.glossary, name="glossary")]
