from __future__ import annotations

from django.urls import path

from liuke.workspace.attachments import views

urlpatterns = [
    path("customers/<int:pk>/attachments/<int:attachment>/", views.attachment, name="customer-attachment"),
    path(
        "customers/<int:pk>/attachments/<int:attachment>/content/",
        views.content,
        name="customer-attachment-content",
    ),
]
