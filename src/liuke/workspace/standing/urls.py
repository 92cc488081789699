from django.urls import path

from liuke.customers.standings.rules import SERIES
from liuke.workspace.standing import views

urlpatterns = [
    path(f"customers/<int:pk>/{what}/", views.standing, {"what": what}, name=f"customer-{what}")
    for what in SERIES
]
