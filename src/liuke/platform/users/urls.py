from __future__ import annotations

from django.urls import path

from liuke.platform.users import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("password/", views.set_password, name="set-password"),
    path("password/<str:who>/<str:token>/", views.open_link, name="password-link"),
]
