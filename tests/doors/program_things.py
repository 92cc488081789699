"""What stands behind each operation of the API, and what a program sends to it, with `owner`'s things in it. An address
that names more than the customer names the customer first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from liuke.catalog.models import Product
from liuke.customers.models import Customer, FollowUp, Visit
from liuke.platform.access.rules import Right, Scope
from liuke.platform.api.tests.calls import Form
from liuke.platform.models import User

from . import things
from .world import World

Make = Callable[[World, User], Any]
THINGS: dict[str, Make] = {}
BODIES: dict[str, Make] = {}
# What an address cannot do without.
QUERIES: dict[str, Callable[[World, User], str]] = {
    "GET /api/v1/search": lambda world, owner: "?q=canary",  # it finds everybody's
    "GET /api/v1/customers/{pk}/comparison": lambda world, owner: f"?other={things.twice(world, owner)[1]}",
}
EVERYBODYS: dict[str, str] = {
    "/api/v1/products/{pk}": "what is sold is nobody's own"
}  # nothing is out of reach there

# Who comes near what not everybody sees who reads the customer: the last is whether he does.
NEAR: dict[str, Callable[[User, User, bool], bool]] = {
    "/api/v1/customers/{pk}/background": lambda actor, owner, within: (
        within and _sees_background(actor, owner)
    ),
    "/api/v1/customers/{pk}/contacts/{contact}/background": lambda actor, owner, within: (
        within and _sees_background(actor, owner)
    ),
    "/api/v1/imports/{pk}": lambda actor, owner, within: (
        actor == owner or actor.role.write_scope == Scope.ALL.value
    ),
    "/api/v1/exports/{pk}": lambda actor, owner, within: within and actor.may(Right.APPROVE_EXPORTS),
    "/api/v1/exports/{pk}/file": lambda actor, owner, within: actor.username == "sue",  # it is hers
}

CUSTOMER = "/api/v1/customers/{pk}"


def behind(path: str, make: Callable[[World, User], Mapping[str, object]]) -> None:
    THINGS[path] = make


def sends(operation: str) -> Callable[[Make], Make]:
    def keep(make: Make) -> Make:
        BODIES[operation] = make
        return make

    return keep


def sent(operation: str, body: Any) -> None:
    BODIES[operation] = lambda world, owner: body


behind(CUSTOMER, things.customer)
behind(f"{CUSTOMER}/contacts/{{contact}}", things.contact)
behind(f"{CUSTOMER}/points/{{point}}", things.point)

behind(f"{CUSTOMER}/departments/{{department}}", things.department)
behind(f"{CUSTOMER}/relations/{{relation}}", things.relation)
behind(f"{CUSTOMER}/dates/{{date}}", things.important_date)
behind(f"{CUSTOMER}/holdings/{{holding}}", things.holding)
behind(f"{CUSTOMER}/needs/{{need}}", things.need)
behind(f"{CUSTOMER}/plans/{{plan}}", lambda world, owner: _plan(world, owner))
behind(f"{CUSTOMER}/visits/{{visit}}", lambda world, owner: _visit(world, owner))
behind(f"{CUSTOMER}/attachments/{{attachment}}", things.attachment)
behind(f"{CUSTOMER}/background", things.background_of_customer)
behind(f"{CUSTOMER}/contacts/{{contact}}/background", things.background_of_contact)
behind("/api/v1/merges/{pk}", things.merged)
behind("/api/v1/exports/{pk}", lambda world, owner: {"pk": things.large_export(world, owner).pk})
behind("/api/v1/exports/{pk}/file", things.written)
behind("/api/v1/imports/{pk}", things.begun)
behind("/api/v1/imports/{pk}/undoing", things.finished)
behind(f"{CUSTOMER}/complaints/{{fact}}", things.complaint)
behind("/api/v1/purchases/{pk}", things.purchase)
behind("/api/v1/followups/{pk}", lambda world, owner: {"pk": _followup(world, owner)})
behind("/api/v1/products/{pk}", lambda world, owner: {"pk": Product.objects.get_or_create(code="LAMP")[0].pk})


def _followup(world: World, owner: User) -> int:
    return FollowUp.objects.filter(customer=world.customers[owner.username], kind="task").first().pk


def _plan(world: World, owner: User) -> Mapping[str, object]:
    plan = things.keeping_plan(world, owner)
    return {"pk": plan.customer_id, "plan": plan.pk}


def _sees_background(actor: User, owner: User) -> bool:
    return actor == owner or actor.may(Right.SEE_BACKGROUND)


def _visit(world: World, owner: User) -> Mapping[str, object]:
    going = things.going_visit(world, owner)
    return {**going, "visit": Visit.objects.get(customer=going["pk"], by=owner, written_at=None).pk}


sent("POST /api/v1/customers", {"name": "Somebody new", "anyway": True})
sent(f"PATCH {CUSTOMER}", {"note": "Another note"})
sent(f"PUT {CUSTOMER}/stage", {"stage": "prospect", "reason": "asked for a price"})
sent(f"PUT {CUSTOMER}/level", {"value": "proactive"})
sent(f"PUT {CUSTOMER}/attitude", {"value": "hostile", "reason": "late three times"})
sent(f"PUT {CUSTOMER}/relation", {"value": "partner", "reason": "we plan together"})
sent(f"POST {CUSTOMER}/contacts", {"name": "Another person"})
sent(f"PATCH {CUSTOMER}/contacts/{{contact}}", {"title": "buyer"})
sent(f"PATCH {CUSTOMER}/points/{{point}}", {"value": "another@example.com"})


sent(f"POST {CUSTOMER}/departments", {"name": "Stores"})
sent(f"PATCH {CUSTOMER}/departments/{{department}}", {"office": "Gate 2"})
sent(f"POST {CUSTOMER}/dates", {"kind": "wedding", "month": 5, "day": 20})
sent(f"PATCH {CUSTOMER}/dates/{{date}}", {"day": 2})
sent(f"POST {CUSTOMER}/holdings", {"kind": "machine", "name": "Press", "bought_on": "2020-01-01"})
sent(f"PATCH {CUSTOMER}/holdings/{{holding}}", {"plate": "B 4711"})
sent(f"POST {CUSTOMER}/needs", {"what": "Lanterns that float"})
sent(f"PATCH {CUSTOMER}/needs/{{need}}", {"source": "a visit"})
sent(f"POST {CUSTOMER}/needs/{{need}}/promotion", None)
sent(f"POST {CUSTOMER}/needs/{{need}}/ending", {"how": "met"})
sent(f"POST {CUSTOMER}/plans/{{plan}}/closure", {"outcome": "reached", "note": "They stay"})
sent(f"POST {CUSTOMER}/visits", {"anyway": True})
sent(f"POST {CUSTOMER}/visits/{{visit}}/end", None)
sent(f"POST {CUSTOMER}/visits/{{visit}}/closure", {"outcome": "reached", "note": "went well"})
sent(f"POST {CUSTOMER}/credit/agreements", {"limit_minor": 500_000, "days": 30})
sent(f"PUT {CUSTOMER}/background", {"hobbies": "plays Go", "consent": "said so"})
sent(f"PUT {CUSTOMER}/contacts/{{contact}}/background", {"hobbies": "plays Go", "consent": "said so"})
sent("POST /api/v1/merges/{pk}/undoing", None)
sent(f"POST {CUSTOMER}/notes", {"note": "a note"})
sent(f"POST {CUSTOMER}/complaints", {"text": "broken on arrival"})
sent(f"POST {CUSTOMER}/complaints/{{fact}}/resolution", {"text": "a new one sent"})
sent(f"POST {CUSTOMER}/followups", {"title": "Call back", "due_at": "2026-12-01T09:00:00+08:00"})
sent("POST /api/v1/followups/{pk}/completion", {"note": "spoke"})
sent("POST /api/v1/followups/{pk}/dismissal", {"reason": "no longer a matter"})


@sends("POST /api/v1/followups/{pk}/postponement")
def later(world: World, owner: User) -> Any:
    return {"until": _in_days(3), "reason": "on leave"}


def _in_days(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


@sends(f"POST {CUSTOMER}/plans")
def planned(world: World, owner: User) -> Any:
    told = {"goal": "All their orders", "step": "Visit them", "owner_id": owner.pk}
    return {**told, "review_on": _in_days(30)[:10], "step_due_at": _in_days(3)}


@sends(f"POST {CUSTOMER}/plans/{{plan}}/steps")
def next_step(world: World, owner: User) -> Any:
    return {"title": "Show the new range", "assignee_id": owner.pk, "due_at": _in_days(3)}


@sends("PUT /api/v1/followups/{pk}/assignee")
def passed_on(world: World, owner: User) -> Any:
    return {"assignee_id": world.other(owner).pk}


sent(f"POST {CUSTOMER}/attachments/{{attachment}}/removal", {"reason": "the wrong picture"})


@sends(f"POST {CUSTOMER}/attachments")
def with_a_file(world: World, owner: User) -> Any:
    return Form({"note": "see the picture", "files": ContentFile(b"a picture", name="picture.png")})


@sends(f"POST {CUSTOMER}/merges")
def merged_into(world: World, owner: User) -> Any:
    return {"other_ids": things.twice(world, owner)[1:]}


sent("POST /api/v1/exports/{pk}/approval", None)
sent("POST /api/v1/exports/{pk}/refusal", {"note": "too many"})
sent("PATCH /api/v1/imports/{pk}", {"clear_blanks": True})
for step in ("check", "run", "undoing"):
    sent(f"POST /api/v1/imports/{{pk}}/{step}", None)


@sends("POST /api/v1/exports")
def wanted(world: World, owner: User) -> Any:
    return {"reason": "letters for the fair", "customer_ids": [world.customers[owner.username].pk]}


@sends("POST /api/v1/imports")
def brought(world: World, owner: User) -> Any:
    return Form({"target": "customers", "file": ContentFile(b"number,name\nN-1,Lantern\n", name="list.csv")})


@sends(f"POST {CUSTOMER}/relations")
def related(world: World, owner: User) -> Any:
    friend = f"F-{owner.username}"
    things.relation(world, owner)
    return {"customer_id": Customer.objects.get(number=friend).pk, "kind": "supplier"}


@sends(f"POST {CUSTOMER}/contacts-log")
def spoken(world: World, owner: User) -> Any:
    contact = world.customers[owner.username].contacts.get()
    return {"channel": "phone", "outcome": "reached", "contact_id": contact.pk}


@sends("POST /api/v1/purchases")
def bought(world: World, owner: User) -> Any:
    lines = [{"amount_minor": 1000, "product": {"code": "NEW"}}]
    order = {"number": "A-1", "at": "2026-01-05T09:00:00+08:00", "currency": "CNY", "lines": lines}
    return {"purchases": [{**order, "customer_id": world.customers[owner.username].pk}]}


@sends(f"PUT {CUSTOMER}/owner")
def given_away(world: World, owner: User) -> Any:
    return {"owner_id": world.other(owner).pk, "reason": "more time"}


@sends(f"POST {CUSTOMER}/points")
def reached(world: World, owner: User) -> Any:
    contact = world.customers[owner.username].contacts.first()
    return {"kind": "email", "value": "another@example.com", "contact_id": contact.pk}
