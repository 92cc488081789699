from django.urls import path

from liuke.workspace.orders import views

urlpatterns = [
    path("customers/<int:pk>/purchases/new/", views.new_order, name="order-new"),
    path("purchases/<int:pk>/return/", views.give_back, name="purchase-return"),
]
