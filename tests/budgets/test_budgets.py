"""How many SQL statements a page may ask, kept in git. A page that asks once per row fails here, not at a customer's.

Every route of the URL table that answers to GET is asked for by a salesperson, a supervisor and the owner, in a company
of 3 rows of everything and in one of 30. Whoever makes a page quicker lowers its number; raising one is a decision, and
above ten it says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from liuke.catalog.models import Product
from liuke.customers.models import (
    Attachment,
    Contact,
    ContactPoint,
    Customer,
    CustomField,
    DuplicatePair,
    ExportRequest,
    Fact,
    FollowUp,
    FollowUpChange,
    Handover,
    ImportBatch,
    ImportPreset,
    Mention,
    Merge,
    Purchase,
    Relation,
)
from liuke.platform.access.tests.routes import Route, routes
from liuke.platform.api.tests.calls import Program
from liuke.platform.models import Absence, ApiToken, Delivery, Job, Role, SavedView, Team, User, Webhook
from liuke.scores.models import ScoreRun, Segment

from .company import ROLES, Company

MOST = 10
# Above ten, with the reason.
ABOVE: dict[str, str] = {
    "customers/<int:pk>/vcard/": "who took it is told to the audit, in a transaction",
    "customers/<int:pk>/background/": "a reading is told to the audit, in a transaction",
    "customers/<int:pk>/contacts/<int:contact>/background/": "a reading is told to the audit, in a transaction",
    "api/v1/customers/<int:pk>/background": "a reading is told to the audit, in a transaction",
    "api/v1/customers/<int:pk>/contacts/<int:contact>/background": "a reading is told to the audit, in a transaction",
    "customers/export/": "brings contact persons and their numbers, and writes who took how many into the audit in a transaction",
}

BOUGHT = "[{%22event%22:%22bought%22,%22op%22:%22least%22,%22times%22:2}]"

# Beside the bare page, what a page is asked with: filters, orders, a second part of a list.
ASKED: dict[str, list[str]] = {
    "(start)": ["", "?kind=risk", "?who=me", "?person=1"],
    "customers/": [
        "",
        "?grade=gold&band=high",
        "?q=lantern",
        "?sort=name",
        "?last_contact.over_days=60&owner=me",
        "?segment=1&grade=gold",
        "?complete.most=99&sort=complete&columns=name&columns=complete&columns=checked",
    ],
    "customers/<int:pk>/": ["", "?show=orders"],
    "customers/segments/new/": ["", "?grade=gold&owner=me", f"?segment.not=1&where={BOUGHT}"],
    "search/": [
        "?q=lantern",
        "?q=nobody",
        "?q=lantern+purchasing+phone",
        "?q=last+contact+lantern",
        "?q=next+call",
    ],
    "settings/audit/": ["", "?person=1"],
    "settings/handovers/departure/": ["", "?person=1", "?person=1&to=2&to=4&by=area", "?person=1&to=2&to=4"],
    "settings/jobs/": ["", "?state=done"],
    "new/": ["?what=customer", "?what=contact", "?what=followup"],
    "api/v1/search": ["?q=lantern", "?q=phone of lantern"],
    "api/v1/customers": ["", "?grade=gold&sort=-value", "?q=lantern", "?sort=name&limit=200"],
}

# Route -> statements that its most expensive asking takes.
BUDGETS: dict[str, int] = {
    "healthz": 3,
    "(start)": 10,
    "counts/news/": 4,
    "counts/today/": 4,
    "news/": 7,
    "api/v1/": 4,
    "api/v1/openapi.json": 3,
    "api/v1/customers": 9,
    "api/v1/customers/<int:pk>": 7,
    "api/v1/customers/<int:pk>/contacts": 6,
    "api/v1/customers/<int:pk>/contacts/<int:contact>": 6,
    "api/v1/customers/<int:pk>/points": 6,
    "api/v1/views": 5,
    "api/v1/colleagues": 5,
    "api/v1/customers/<int:pk>/dates": 6,
    "api/v1/customers/<int:pk>/departments": 6,
    "api/v1/customers/<int:pk>/holdings": 6,
    "api/v1/customers/<int:pk>/purchases": 6,
    "api/v1/customers/<int:pk>/relations": 6,
    "api/v1/customers/<int:pk>/needs": 8,
    "api/v1/customers/<int:pk>/plans": 9,
    "api/v1/customers/<int:pk>/visits": 6,
    "api/v1/customers/<int:pk>/credit": 9,
    "api/v1/customers/<int:pk>/background": 15,  # one of them waits for the chain on PostgreSQL
    "api/v1/customers/<int:pk>/contacts/<int:contact>/background": 16,
    "api/v1/customers/<int:pk>/comparison": 10,
    "api/v1/merges": 6,
    "api/v1/exports": 5,
    "api/v1/exports/<int:pk>": 5,
    "api/v1/exports/<int:pk>/file": 6,
    "api/v1/imports": 6,
    "api/v1/imports/<int:pk>": 6,
    "api/v1/imports/<int:pk>/rejects": 6,
    "api/v1/imports/<int:pk>/kept": 7,
    "api/v1/merges/<int:pk>": 7,
    "api/v1/customers/<int:pk>/attachments": 6,
    "api/v1/customers/<int:pk>/attachments/<int:attachment>/content": 6,
    "api/v1/customers/<int:pk>/score": 5,
    "api/v1/customers/<int:pk>/timeline": 6,
    "api/v1/fields": 5,
    "api/v1/followups": 5,
    "api/v1/followups/<int:pk>": 5,
    "api/v1/products": 5,
    "api/v1/products/<int:pk>": 5,
    "api/v1/purchases/<int:pk>": 7,
    "api/v1/scores": 5,
    "api/v1/search": 10,
    "customers/": 10,
    "customers/<int:pk>/": 10,
    "customers/<int:pk>/background/": 14,  # one of them waits for the chain on PostgreSQL
    "customers/<int:pk>/circle/": 10,
    "customers/<int:pk>/complaints/": 5,
    "customers/<int:pk>/complaints/<int:fact>/resolution/": 6,
    "customers/<int:pk>/completion/": 7,
    "customers/<int:pk>/contacts-log/": 6,
    "customers/<int:pk>/attachments/<int:attachment>/": 6,
    "customers/<int:pk>/attachments/<int:attachment>/content/": 5,
    "customers/<int:pk>/attitude/": 6,
    "customers/<int:pk>/contacts/": 6,
    "customers/<int:pk>/contacts/<int:contact>/": 7,
    "customers/<int:pk>/contacts/<int:contact>/background/": 15,
    "customers/<int:pk>/dates/": 6,
    "customers/<int:pk>/dates/<int:date>/": 6,
    "customers/<int:pk>/departments/": 5,
    "customers/<int:pk>/departments/<int:department>/": 6,
    "customers/<int:pk>/edit/": 8,
    "customers/<int:pk>/followups/": 7,
    "customers/<int:pk>/holdings/": 5,
    "customers/<int:pk>/holdings/<int:holding>/": 6,
    "customers/<int:pk>/level/": 6,
    "customers/<int:pk>/mentionable/": 5,
    "customers/<int:pk>/notes/": 5,
    "customers/<int:pk>/points/": 6,
    "customers/<int:pk>/points/<int:point>/": 6,
    "customers/<int:pk>/purchases/": 10,
    "customers/<int:pk>/purchases/new/": 7,
    "customers/<int:pk>/relation/": 6,
    "customers/<int:pk>/relations/": 6,
    "customers/<int:pk>/return/": 6,
    "customers/<int:pk>/reveal/": 5,
    "customers/<int:pk>/sheet/": 10,
    "customers/<int:pk>/stage/": 5,
    "customers/<int:pk>/timeline/": 6,
    "customers/<int:pk>/vcard/": 14,  # one of them waits for the chain on PostgreSQL
    "customers/<int:pk>/vcards/": 5,
    "customers/filters/": 4,
    "customers/export/": 18,  # one of them waits for the chain on PostgreSQL
    "customers/new/": 6,
    "customers/merge/": 10,
    "duplicates/": 6,
    "merges/": 7,
    "merges/<int:pk>/": 8,
    "customers/views/": 4,
    "exports/": 5,
    "followups/<int:pk>/assignment/": 7,
    "followups/<int:pk>/completion/": 5,
    "followups/<int:pk>/dismissal/": 6,
    "followups/<int:pk>/postponement/": 5,
    "imports/": 5,
    "imports/<int:pk>/": 5,
    "imports/<int:pk>/columns/": 6,
    "imports/<int:pk>/kept/": 6,
    "imports/<int:pk>/reversal/": 6,
    "imports/new/": 4,
    "imports/presets/": 5,
    "imports/presets/<int:pk>/": 5,
    "imports/samples/<str:target>/": 3,
    "insight/": 10,
    "insight/classes/": 8,
    "insight/concentration/": 7,
    "insight/keeping/": 10,
    "insight/retention/": 7,
    "insight/risk/": 8,
    "insight/runs/": 8,
    "insight/runs/<int:pk>/": 8,
    "insight/track-record/": 9,
    "new/": 5,
    "profile/": 5,
    "profile/tokens/": 5,
    "purchases/<int:pk>/": 8,
    "purchases/<int:pk>/return/": 8,
    "search/": 10,
    "customers/accounts/": 6,
    "customers/needs/": 6,
    "customers/<int:pk>/credit/": 10,
    "customers/<int:pk>/credit/agreement/": 6,
    "customers/<int:pk>/uses/": 6,
    "customers/<int:pk>/readers/": 6,
    "customers/visits/": 7,
    "customers/<int:pk>/visit/": 10,
    "customers/<int:pk>/visit/closure/": 7,
    "customers/sources/": 6,
    "settings/sources/": 5,
    "settings/trade/": 5,
    "customers/<int:pk>/expected/": 6,
    "customers/<int:pk>/needs/": 5,
    "customers/<int:pk>/needs/<int:need>/": 6,
    "customers/<int:pk>/needs/<int:need>/ending/": 6,
    "customers/<int:pk>/plan/": 7,
    "customers/<int:pk>/plan/closure/": 6,
    "customers/<int:pk>/plan/steps/": 8,
    "customers/<int:pk>/steps/": 10,
    "customers/former/": 6,
    "customers/summary/": 7,
    "glossary/": 4,
    "customers/<int:pk>/decline/": 6,
    "insight/declines/": 7,
    "customers/<int:pk>/account/": 10,
    "customers/segments/": 9,
    "customers/segments/<int:pk>/": 10,
    "customers/segments/<int:pk>/rule/": 10,
    "customers/segments/new/": 10,
    "settings/": 4,
    "settings/audit/": 8,
    "settings/colleagues/": 6,
    "settings/colleagues/<int:pk>/": 9,
    "settings/colleagues/new/": 7,
    "settings/company/": 5,
    "settings/fields/": 5,
    "settings/fields/<int:pk>/": 6,
    "settings/fields/new/": 4,
    "settings/grades/": 5,
    "handovers/<int:pk>/": 9,
    "settings/handovers/": 7,
    "settings/handovers/<int:pk>/": 7,
    "settings/handovers/departure/": 10,
    "settings/handovers/leave/": 7,
    "settings/jobs/": 8,
    "reading/reason/": 4,
    "settings/reading/": 8,
    "settings/reading/<int:pk>/": 10,
    "settings/roles/": 5,
    "settings/roles/<int:pk>/": 6,
    "settings/roles/new/": 4,
    "settings/teams/": 5,
    "settings/tokens/": 5,
    "settings/webhooks/": 5,
    "settings/webhooks/<int:pk>/": 6,
    "settings/teams/<int:pk>/": 7,
    "settings/teams/new/": 5,
}


def first_of(company: Company) -> dict[str, Callable[[Route], dict[str, object]]]:
    """What stands behind a route's parameters: the longest beginning of its path wins."""
    customer = company.customers[0]
    batch = ImportBatch.objects.filter(state="checked").first()
    found: dict[str, Callable[[Route], dict[str, object]]] = {
        "customers/<int:pk>/": lambda route: {
            "pk": customer.pk,
            "contact": Contact.objects.filter(customer=customer).first().pk,
            "attachment": Attachment.objects.filter(fact__customer=customer).first().pk,
            "point": ContactPoint.objects.filter(customer=customer).first().pk,
            "fact": Fact.objects.filter(customer=customer, kind="complained").first().pk,
            "department": customer.departments.first().pk,
            "date": customer.dates.first().pk,
            "holding": customer.holdings.first().pk,
            "need": customer.needs.first().pk,
            "plan": customer.keeping_plans.first().pk,
            "visit": customer.visits.first().pk,
            "member": customer.account_members.first().pk,
            "relation": Relation.objects.of(customer).first().pk,
        },
        "api/v1/": lambda route: found["customers/<int:pk>/"](route),
        "api/v1/merges/": lambda route: found["merges/"](route),
        "api/v1/exports/": lambda route: found["exports/"](route),
        "api/v1/imports/": lambda route: found["imports/"](route),
        "api/v1/purchases/": lambda route: found["purchases/"](route),
        "api/v1/followups/": lambda route: found["followups/"](route),
        "api/v1/products/": lambda route: {"pk": Product.objects.first().pk},
        "customers/views/": lambda route: {"pk": SavedView.objects.first().pk},
        "news/mentions/": lambda route: {"pk": Mention.objects.first().pk},
        "news/steps/": lambda route: {"pk": FollowUpChange.objects.exclude(tells=None).first().pk},
        "duplicates/": lambda route: {"pk": DuplicatePair.objects.first().pk},
        "merges/": lambda route: {"pk": Merge.objects.first().pk},
        "insight/runs/": lambda route: {"pk": ScoreRun.objects.filter(state="done").latest("pk").pk},
        "customers/segments/": lambda route: {"pk": Segment.objects.first().pk},
        "purchases/": lambda route: {"pk": Purchase.objects.filter(kind="order").first().pk},
        "followups/": lambda route: {
            "pk": (first := FollowUp.objects.first()).pk,
            "step": first.changes.latest("id").pk,
        },
        "imports/": lambda route: {"pk": batch.pk, "target": "customers"},
        "imports/presets/": lambda route: {"pk": ImportPreset.objects.first().pk},
        "imports/<int:pk>/columns/": lambda route: {
            "pk": ImportBatch.objects.filter(state="uploaded").first().pk
        },
        "settings/webhooks/": lambda route: {
            "pk": (one := Delivery.objects.first()).webhook_id,
            "delivery": one.pk,
        },
        "settings/tokens/": lambda route: {"pk": ApiToken.objects.first().pk},
        "profile/tokens/": lambda route: {"pk": ApiToken.objects.first().pk},
        "settings/colleagues/": lambda route: {"pk": User.objects.get(username="seller0").pk},
        "settings/fields/": lambda route: {"pk": CustomField.objects.first().pk},
        "settings/teams/": lambda route: {"pk": Team.objects.get(name="Team 0").pk},
        "settings/roles/": lambda route: {"pk": Role.objects.get(code="role0").pk},
        "handovers/": lambda route: {"pk": Handover.objects.first().pk},
        "settings/handovers/": lambda route: {"pk": Handover.objects.first().pk},
        "exports/": lambda route: {"pk": ExportRequest.objects.first().pk},
        "settings/reading/": lambda route: {"pk": User.objects.get(username="alice").pk},
        "settings/handovers/leave/": lambda route: {"pk": Absence.objects.first().pk},
        "settings/jobs/": lambda route: {"pk": Job.objects.first().pk},
        "password/": lambda route: {"who": "MQ", "token": "no-such-token"},
    }
    return found


def addresses(company: Company) -> Iterator[tuple[Route, str]]:
    behind = first_of(company)
    beside = {
        "customers/merge/": _side_by_side("ids", Customer.objects.all()),
        "api/v1/customers/<int:pk>/comparison": _side_by_side(
            "other", Customer.objects.exclude(pk=company.customers[0].pk)
        ),
    }
    for route in routes():
        path = f"/{route.path}"
        if route.parameters:
            known = max((b for b in behind if route.path.startswith(b)), key=len)
            values = behind[known](route)
            path = reverse(route.name, kwargs={name: values[name] for name in route.parameters})
        asked = [beside[str(route)]] if str(route) in beside else ASKED.get(str(route), [""])
        for query in asked:
            yield route, path + query


def _side_by_side(name: str, rows: QuerySet[Customer]) -> str:
    """As many customers as may be merged at once."""
    return "?" + "&".join(
        f"{name}={pk}" for pk in rows.values_list("pk", flat=True)[: 10 if name == "ids" else 9]
    )


def counted(company: Company) -> dict[str, int]:
    """Route -> statements of its most expensive asking, for whoever of the three may open it."""
    for number in range(company.rows):
        Program(company.people["olga"], name=f"Program {number}")
        told = {"topics": ["orders"], "salt": "x", "created_at": company.now}
        hook = Webhook.objects.create(
            owner=company.people["olga"], url=f"https://h{number}.example.com/", **told
        )
        for _again in range(company.rows):
            Delivery.objects.create(webhook=hook, event="ping", next_at=company.now, created_at=company.now)
    found: dict[str, int] = {}
    _ = connection.features.supports_json_field  # asked of the database once in a process, not by a page
    for name in ROLES.values():
        client = Client()
        client.force_login(company.people[name], backend="liuke.platform.users.actions.Passwords")
        client.get("/profile/")  # the first page of a session also writes it
        program = Program(company.people[name])
        for route, address in addresses(company):
            with CaptureQueriesContext(connection) as captured:
                response = (program if route.door and route.door.token else client).get(address)
                b"".join(response.streaming_content) if response.streaming else response.content
            if response.status_code == 200:
                found[str(route)] = max(found.get(str(route), 0), len(captured))
    return found


@pytest.mark.parametrize("rows", [3, 30])
def test_no_page_asks_more_than_its_budget(rows: int, db: None, now: datetime) -> None:
    company = Company(rows, timezone.now())
    over = {
        path: f"{count} statements, budget {BUDGETS.get(path, 'missing')}"
        for path, count in counted(company).items()
        if count > BUDGETS.get(path, -1)
    }
    assert not over, "\n".join(f"{path}: {what}" for path, what in over.items())


def test_a_budget_above_ten_says_why() -> None:
    assert {path for path, count in BUDGETS.items() if count > MOST} == set(ABOVE)


def test_every_budget_is_of_a_route() -> None:
    assert set(BUDGETS) <= {str(route) for route in routes()}
