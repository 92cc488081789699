from __future__ import annotations

from django.urls import path

from liuke.workspace.shell import views

urlpatterns = [
    path("counts/today/", views.count_today, name="count-today"),
    path("counts/news/", views.count_news, name="count-news"),
]
