from django.urls import path

from liuke.workspace.merging import views

urlpatterns = [
    path("customers/merge/", views.comparison, name="customers-merge"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<int:pk>/difference/", views.difference, name="duplicate-difference"),
    path("duplicates/<int:pk>/likeness/", views.likeness, name="duplicate-likeness"),
    path("merges/", views.merges, name="merges"),
    path("merges/<int:pk>/", views.merged, name="merge"),
    path("merges/<int:pk>/undoing/", views.undoing, name="merge-undoing"),
]
