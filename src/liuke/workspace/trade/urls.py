from django.urls import path

from liuke.workspace.trade import views

urlpatterns = [path("settings/trade/", views.trade, name="trade")]
