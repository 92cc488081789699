from __future__ import annotations

from django.urls import path

from liuke.workspace.reveal import views

urlpatterns = [path("customers/<int:pk>/reveal/", views.reveal, name="customer-reveal")]
