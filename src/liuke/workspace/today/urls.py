from django.urls import path

from liuke.workspace.today import views

urlpatterns = [
    path("", views.today, name="today"),
    path("followups/<int:pk>/completion/", views.completion, name="followup-completion"),
    path("followups/<int:pk>/postponement/", views.postponement, name="followup-postponement"),
    path("followups/<int:pk>/assignment/", views.assignment, name="followup-assignment"),
    path("followups/<int:pk>/dismissal/", views.dismissal, name="followup-dismissal"),
    path("followups/<int:pk>/steps/<int:step>/reversal/", views.reversal, name="followup-reversal"),
]
