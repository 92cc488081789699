from django.urls import path

from liuke.workspace.segments import views

urlpatterns = [
    path("customers/segments/", views.segments, name="segments"),
    path("customers/segments/new/", views.new_segment, name="new-segment"),
    path("customers/segments/<int:pk>/", views.segment, name="segment"),
    path("customers/segments/<int:pk>/rule/", views.edit_segment, name="segment-rule"),
    path("customers/segments/<int:pk>/removal/", views.remove_segment, name="segment-removal"),
    path("customers/segments/<int:pk>/picks/", views.pick, name="segment-picks"),
]
