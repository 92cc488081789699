"""A check that cannot fail is worse than none: each of them against a door that is broken in just that way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path

from liuke.config.urls import urlpatterns as real
from liuke.customers.models import Customer
from liuke.platform.access.rules import Door, Right
from liuke.platform.access.tests.routes import Route, routes
from liuke.platform.access.views import StaffRequest, signed_in, staff
from liuke.platform.models import User

from . import checks
from .world import BODIES, OBJECTS, Objects, World, build, canary

View = Callable[..., HttpResponseBase]


def rename(pk: int) -> None:
    Customer.objects.filter(pk=pk).update(name="renamed")


def marked_but_unguarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


marked_but_unguarded.door = Door((Right.VIEW_AUDIT,))  # type: ignore[attr-defined]


def writes_before_it_refuses(request: HttpRequest) -> HttpResponseBase:
    Customer.objects.update(note="seen")
    return staff(Right.VIEW_AUDIT)(lambda request: HttpResponse("in"))(request)


writes_before_it_refuses.door = Door((Right.VIEW_AUDIT,))  # type: ignore[attr-defined]


def tells_while_it_refuses(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"not for you: {canary('alice')}", status=403)


tells_while_it_refuses.door = Door((Right.VIEW_AUDIT,))  # type: ignore[attr-defined]


@staff(Right.VIEW_CUSTOMERS)
def forgets_the_scope(request: StaffRequest, pk: int) -> HttpResponse:
    return HttpResponse(get_object_or_404(Customer, pk=pk).name)


@staff(Right.VIEW_CUSTOMERS)
def writes_what_may_only_be_read(request: StaffRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.for_user(request.user), pk=pk)
    if request.method == "POST":
        rename(customer.pk)
    return HttpResponse("done")


@staff(Right.VIEW_CUSTOMERS)
def writes_then_is_refused(request: StaffRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        rename(pk)
    get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    return HttpResponse("done")


@staff(Right.EDIT_CUSTOMERS)
def trusts_the_second_number(request: StaffRequest, pk: int, other: int) -> HttpResponse:
    get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    rename(other)
    return HttpResponse("done")


@staff(Right.EDIT_CUSTOMERS)
def trusts_the_body(request: StaffRequest) -> HttpResponse:
    Customer.objects.filter(pk__in=request.POST.getlist("ids")).update(name="renamed")
    return HttpResponse("done")


@signed_in
def lists_everybody(request: StaffRequest) -> HttpResponse:
    return HttpResponse(", ".join(Customer.objects.values_list("name", flat=True)))


@signed_in
def does_nothing(request: StaffRequest) -> HttpResponse:
    return HttpResponse("done")


@signed_in
def believes_the_address(request: StaffRequest) -> HttpResponse:
    return HttpResponse(str(int(request.GET.get("after", "0") or "0")))


def no_session_check(request: HttpRequest) -> HttpResponse:
    """As a view that asks the session itself would: it knows the id, and not that the account is closed."""
    return HttpResponse("in" if "_auth_user_id" in request.session else "out", status=200)


no_session_check.door = Door()  # type: ignore[attr-defined]


BROKEN: list[tuple[str, View, Callable[[Route, World], None]]] = [
    ("broken/unguarded/", marked_but_unguarded, checks.nobody_signed_in_gets_through),
    ("broken/unguarded-role/", marked_but_unguarded, checks.a_role_without_the_right_is_refused_and_noted),
    ("broken/early-write/", writes_before_it_refuses, checks.nobody_signed_in_gets_through),
    (
        "broken/early-write-role/",
        writes_before_it_refuses,
        checks.a_role_without_the_right_is_refused_and_noted,
    ),
    ("broken/telling/", tells_while_it_refuses, checks.a_role_without_the_right_is_refused_and_noted),
    ("broken/unscoped/<int:pk>/", forgets_the_scope, checks.an_object_out_of_reach_is_not_there),
    ("broken/read-scope/<int:pk>/", writes_what_may_only_be_read, checks.an_object_out_of_reach_is_not_there),
    ("broken/late/<int:pk>/", writes_then_is_refused, checks.an_object_out_of_reach_is_not_there),
    (
        "broken/parts/<int:pk>/of/<int:other>/",
        trusts_the_second_number,
        checks.a_part_of_somebody_elses_below_ones_own_is_not_there,
    ),
    ("broken/body/", trusts_the_body, checks.ids_in_a_body_reach_no_further_than_those_in_the_address),
    ("broken/list/", lists_everybody, checks.a_page_shows_only_what_its_reader_may_see),
    ("broken/idle/", does_nothing, checks.a_post_that_is_allowed_does_something),
    ("broken/address/", believes_the_address, checks.a_spoilt_address_is_no_error),
    ("broken/session/", no_session_check, checks.a_deactivated_user_is_out_at_once),
]
urlpatterns = [
    *real,
    *(path(where, view, name=f"broken-{where.split('/')[1]}") for where, view, _check in BROKEN),
]


def own(world: World, owner: User) -> Mapping[str, object]:
    pk = world.customers[owner.username].pk
    return {"pk": pk, "other": pk}


@pytest.fixture
def broken_world(db: None, now: datetime) -> Iterator[World]:
    OBJECTS["broken/"] = Objects(own, "rows")
    BODIES["broken/body/"] = lambda world, owner: {"ids": [world.customers[owner.username].pk]}
    yield build(now)
    del OBJECTS["broken/"], BODIES["broken/body/"]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("where", "view", "check"), BROKEN, ids=[where for where, _view, _check in BROKEN])
def test_a_broken_door_is_noticed(
    broken_world: World, where: str, view: View, check: Callable[[Route, World], None]
) -> None:
    route = next(route for route in routes() if route.path == where)
    crash = (ValueError,) if view is believes_the_address else ()
    with pytest.raises((AssertionError, pytest.fail.Exception, *crash)):
        check(route, broken_world)
