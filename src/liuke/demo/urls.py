from django.urls import path

from liuke.demo import views

urlpatterns = [
    path("demo/", views.door, name="demo"),
    path("demo/shoes/", views.shoes, name="shoes"),
]
