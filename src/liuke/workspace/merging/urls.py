from django.urls import path

from liuke.workspace.merging import views

urlpatterns = [
    path("customers/merge/", views.comparison, name="customers-merge"),
    path("merges/", views.merges, name="merges"),
    path("merges/<int:pk>/", views.merged, name="merge"),
    path("merges/<int:pk>/undoing/", views.undoing, name="merge-undoing"),
]
