"""What stands behind each operation of the API, and what a program sends to it, with `owner`'s things in it. An address
that names more than the customer names the customer first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from liuke.platform.models import User

from . import things
from .world import World

Make = Callable[[World, User], Any]
THINGS: dict[str, Make] = {}
BODIES: dict[str, Make] = {}
USED_UP: dict[str, str] = {}  # addresses whose object everybody may reach, with the reason

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

sent("POST /api/v1/customers", {"name": "Somebody new", "anyway": True})
sent(f"PATCH {CUSTOMER}", {"note": "Another note"})
sent(f"PUT {CUSTOMER}/stage", {"stage": "prospect", "reason": "asked for a price"})
sent(f"PUT {CUSTOMER}/level", {"value": "proactive"})
sent(f"PUT {CUSTOMER}/attitude", {"value": "hostile", "reason": "late three times"})
sent(f"PUT {CUSTOMER}/relation", {"value": "partner", "reason": "we plan together"})
sent(f"POST {CUSTOMER}/contacts", {"name": "Another person"})
sent(f"PATCH {CUSTOMER}/contacts/{{contact}}", {"title": "buyer"})
sent(f"PATCH {CUSTOMER}/points/{{point}}", {"value": "another@example.com"})


@sends(f"PUT {CUSTOMER}/owner")
def given_away(world: World, owner: User) -> Any:
    return {"owner_id": world.other(owner).pk, "reason": "more time"}


@sends(f"POST {CUSTOMER}/points")
def reached(world: World, owner: User) -> Any:
    contact = world.customers[owner.username].contacts.get()
    return {"kind": "email", "value": "another@example.com", "contact_id": contact.pk}
