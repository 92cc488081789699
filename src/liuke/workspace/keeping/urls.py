from django.urls import path

from liuke.workspace.keeping import views

ONE = "customers/<int:pk>/"
NEED = f"{ONE}needs/<int:need>/"
urlpatterns = [
    path("customers/needs/", views.levels, name="needs"),
    path(f"{ONE}steps/", views.steps, name="customer-steps"),
    path(f"{ONE}needs/", views.needs, name="customer-needs"),
    path(NEED, views.need, name="customer-need"),
    path(f"{NEED}promotion/", views.promotion, name="customer-need-promotion"),
    path(f"{NEED}ending/", views.ending, name="customer-need-ending"),
    path(f"{ONE}plan/", views.plan, name="customer-plan"),
    path(f"{ONE}plan/steps/", views.plan_steps, name="customer-plan-steps"),
    path(f"{ONE}plan/closure/", views.closure, name="customer-plan-closure"),
]
