from __future__ import annotations

from django.urls import path

from liuke.workspace.news import views

urlpatterns = [
    path("news/", views.news, name="news"),
    path("news/read/", views.read, name="news-read"),
    path("news/mentions/<int:pk>/", views.mention, name="news-mention"),
    path("news/steps/<int:pk>/", views.step, name="news-step"),
    path("customers/<int:pk>/mentionable/", views.mentionable, name="customer-mentionable"),
]
