from django.urls import path

from liuke.workspace.circle import views

CARD = "customers/<int:pk>/"
urlpatterns = [
    path(f"{CARD}circle/", views.circle, name="customer-circle"),
    path(f"{CARD}departments/", views.departments, name="customer-departments"),
    path(f"{CARD}departments/<int:department>/", views.department, name="customer-department"),
    path(
        f"{CARD}departments/<int:department>/removal/",
        views.department_removal,
        name="customer-department-removal",
    ),
    path(f"{CARD}relations/", views.relations, name="customer-relations"),
    path(
        f"{CARD}relations/<int:relation>/removal/", views.relation_removal, name="customer-relation-removal"
    ),
    path(f"{CARD}dates/", views.dates, name="customer-dates"),
    path(f"{CARD}dates/<int:date>/", views.date, name="customer-date"),
    path(f"{CARD}dates/<int:date>/removal/", views.date_removal, name="customer-date-removal"),
    path(f"{CARD}holdings/", views.holdings, name="customer-holdings"),
    path(f"{CARD}holdings/<int:holding>/", views.holding, name="customer-holding"),
    path(f"{CARD}holdings/<int:holding>/removal/", views.holding_removal, name="customer-holding-removal"),
    path(f"{CARD}vcard/", views.vcard, name="customer-vcard"),
    path(f"{CARD}vcards/", views.vcards, name="customer-vcards"),
    path(f"{CARD}background/", views.background, name="customer-background"),
    path(f"{CARD}background/removal/", views.background_removal, name="customer-background-removal"),
    path(f"{CARD}contacts/<int:contact>/background/", views.background, name="contact-background"),
    path(
        f"{CARD}contacts/<int:contact>/background/removal/",
        views.background_removal,
        name="contact-background-removal",
    ),
]
