"""No door shows a masked role how others' customers are reached: every route of the URL table, and every search by part."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from liuke.customers.fields.actions import add_field, definitions
from liuke.customers.models import ContactPoint, FieldValue
from liuke.customers.records.actions import refresh_search
from liuke.platform.access.rules import EVERYTHING, MASKS
from liuke.platform.access.tests.routes import Route, routes
from liuke.platform.api.tests.calls import Program
from liuke.platform.audit.actions import record
from liuke.platform.tokens.rules import SCOPES

from . import test_api_doors, things  # noqa: F401 - the latter says what stands behind each route
from .calls import body_of, call, enter, text_of, url_of
from .world import World, build

GUARDED = [route for route in routes() if route.door and not route.door.public and not route.door.token]
# What a reader may not find, and parts of it that are enough to find it elsewhere.
SECRETS = (
    *("13911112222", "1391111", "11112222", "secretmail", "secretwechat", "hiddenstreet", "hiddenhouse"),
    *("13733334444", "33334444", "ownsecret", "33070219"),
)
# In fields of the company's own, told by their type.
OWN = {"phone": "137 3333 4444", "email": "ownsecret@example.com", "identity": "330702199001011234"}
PARTS = ("11112222", "139-1111-2222", "secretmail", "secretwechat", "hiddenstreet")
POINTS = (
    ("mobile", "139 1111 2222", "+8613911112222"),
    ("email", "secretmail@example.com", "secretmail@example.com"),
    ("wechat", "secretwechat", "secretwechat"),
    ("address", "hiddenstreet 9", "hiddenstreet 9"),
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """Mark may do everything everywhere, but for seeing how others' customers are reached."""
    world = build(now)
    role = world.people["mark"].role
    role.rights, role.read_scope, role.write_scope, role.masked = EVERYTHING, "all", "all", list(MASKS)
    role.save()
    for customer in world.customers.values():
        customer.address = "hiddenhouse 7"
        customer.save()
        contact = customer.contacts.get()
        for kind, value, normal in POINTS:
            ContactPoint.objects.create(
                customer=customer, contact=contact, kind=kind, value=value, normal=normal
            )
        ContactPoint.objects.create(
            customer=customer, kind="phone", value="13911112222", normal="+13911112222", is_preferred=True
        )
        changes = {"mobile": [None, "13911112222"], "address": ["hiddenhouse 7", None]}
        record("points.add", by=world.people["alice"], now=now, subject=customer, changes=changes)
        own = {f"自有{kind}": [None, value] for kind, value in OWN.items()}
        record("customers.edit", by=world.people["alice"], now=now, subject=customer, changes=own)
    for kind, value in OWN.items():
        field = add_field(type=kind, names={"zh-hans": f"自有{kind}"}, by=None, now=now)
        for customer in world.customers.values():
            FieldValue.objects.create(customer=customer, field=field, text=value)
    refresh_search([customer.pk for customer in world.customers.values()])
    world.look_again()
    return world


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_masked_role_reads_it_nowhere(route: Route, world: World) -> None:
    shows = route.path == "customers/<int:pk>/reveal/"  # what a POST shows there it is there for
    for method in ["GET"] if shows else ["GET", "POST", "PUT", "PATCH", "DELETE"]:
        with transaction.atomic():
            alice = world.people["alice"]
            url, body = url_of(route, world, alice), body_of(route, world, alice)
            text = text_of(call(enter(world.people["mark"]), method, url, body))
            assert [secret for secret in SECRETS if secret in text] == [], f"{method} {url} tells it"
            transaction.set_rollback(True)
        world.look_again()


@pytest.mark.parametrize("operation", test_api_doors.OPERATIONS, ids=str)
def test_a_masked_role_reads_it_by_no_token(operation: test_api_doors.Operation, world: World) -> None:
    program = Program(world.people["mark"], *SCOPES)
    text = test_api_doors.text_of(test_api_doors.call(program, operation, world, world.people["alice"]))
    sent = str(test_api_doors.body_of(operation, world, world.people["alice"]))
    assert [secret for secret in SECRETS if secret in text and secret not in sent] == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "address", ["/customers/?q={}", "/search/?q={}", "/new/?what=contact&for={}", "/customers/export/?q={}"]
)
def test_a_masked_role_finds_nobody_by_a_part(address: str, part: str, world: World) -> None:
    """Olga, who may see them, finds hers by the same words: so the words do find."""
    url = address.format(part)
    assert "canaryalicecanary" not in text_of(enter(world.people["mark"]).get(url))
    assert "canaryalicecanary" in text_of(enter(world.people["olga"]).get(url))


@pytest.mark.parametrize("part", PARTS)
def test_a_masked_role_finds_nobody_by_a_part_over_the_api(part: str, world: World) -> None:
    for name, found in (("mark", False), ("olga", True)):
        program = Program(world.people[name], *SCOPES)
        text = test_api_doors.text_of(program.call("GET", f"/api/v1/customers?q={part}", None))
        assert ("canaryalicecanary" in text) is found


def test_a_masked_role_asks_and_sorts_by_no_such_field(world: World) -> None:
    """The order would tell as much as a search. Olga, who sees them, may do both."""
    for known in definitions():
        for question in (f"{known.name}=secret", f"sort={known.name}&columns={known.name}"):
            for address in ("/customers/", "/customers/export/"):
                assert enter(world.people["mark"]).get(f"{address}?{question}").status_code == 400, question
            assert enter(world.people["olga"]).get(f"/customers/?{question}").status_code == 200


def test_of_fields_of_ones_own_a_masked_role_sees_a_hint(world: World) -> None:
    columns = "&".join(f"columns={known.name}" for known in definitions())
    mark, pk = enter(world.people["mark"]), world.customers["alice"].pk
    for url in (f"/customers/{pk}/", f"/customers/?columns=name&{columns}", "/customers/export/"):
        text = text_of(mark.get(url))
        assert "•••44" in text, url  # of the telephone
        assert "•••@•••.com" in text, url
    text = text_of(mark.get(f"/customers/{pk}/edit/"))
    assert "自有phone" not in text  # what is not seen is not asked, and stays as it is
    own = definitions()[0].name
    program = Program(world.people["mark"], *SCOPES)
    tag = program.get(f"customers/{pk}").headers["ETag"]
    changed = program.call("PATCH", f"/api/v1/customers/{pk}", {"fields": {own: "13700000000"}}, if_match=tag)
    assert changed.status_code == 422
    assert FieldValue.objects.get(customer=pk, field__type="phone").text == OWN["phone"]


def test_for_a_reason_they_are_shown_in_full(world: World) -> None:
    url = f"/customers/{world.customers['alice'].pk}/reveal/"
    text = text_of(enter(world.people["mark"]).post(url, {"reason": "To ask about the invoice"}))
    assert all(value in text for value in OWN.values())


def test_the_same_reader_without_a_mask_reads_it(world: World) -> None:
    """The counter-check: these words do stand on the card."""
    role = world.people["mark"].role
    role.masked = []
    role.save()
    world.look_again()
    text = text_of(enter(world.people["mark"]).get(f"/customers/{world.customers['alice'].pk}/"))
    assert {secret for secret in SECRETS if secret in text} >= {
        "13911112222",
        "secretmail",
        "hiddenhouse",
        "ownsecret",
    }
