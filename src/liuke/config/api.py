"""The API under /api/v1/: every slice's operations, mounted once; and its description, as OpenAPI 3.1 and as a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.operation import Operation

from liuke.catalog.products import api as products
from liuke.customers.background import api as background
from liuke.customers.cards import api as cards
from liuke.customers.departments import api as departments
from liuke.customers.exports import api as exports
from liuke.customers.fields import api as fields
from liuke.customers.holdings import api as holdings
from liuke.customers.imports.rules import NotNow
from liuke.customers.keeping import api as keeping
from liuke.customers.needs import api as needs
from liuke.customers.occasions import api as occasions
from liuke.customers.purchases import api as purchases
from liuke.customers.reading.actions import Refused
from liuke.customers.readings.actions import note
from liuke.customers.records import api as records
from liuke.customers.records.rules import EditConflict, Unfit
from liuke.customers.relations import api as relations
from liuke.customers.timeline import api as timeline
from liuke.customers.visits import api as visits
from liuke.platform.access.views import public
from liuke.platform.api.rules import FORM, JSON, PROBLEMS, ROOT, Problem, Wrong, pointer
from liuke.platform.api.views import HANDLERS, Need, door, problem
from liuke.platform.models import User
from liuke.platform.paging.rules import Unfit as UnfitList
from liuke.scores.runs import api as runs
from liuke.workspace.attachments import api as attachments
from liuke.workspace.colleagues import api as colleagues
from liuke.workspace.credit import api as credit
from liuke.workspace.directory import api as directory
from liuke.workspace.intake import api as intake
from liuke.workspace.merging import api as merging
from liuke.workspace.search import api as search
from liuke.workspace.today import api as today

DESCRIPTION = """What the pages show and do, for programs: the same customers, the same rights, the same rules.

Every call carries `Authorization: Bearer TOKEN`; a person makes tokens on the profile page. A token acts for its person
with no more than his rights, and only for the scopes that it was made with.

Lists come in pages: `?limit=` rows, and `?after=` the `next` of the page before. A POST may carry an `Idempotency-Key`:
sent again with the same key and body within a day, it is answered as before and not done twice. What changes a record
takes the ETag that was read as `If-Match`. Errors are problem documents (RFC 9457) in the language of `Accept-Language`."""


class Api(NinjaAPI):
    """Knows of every operation what it takes, for the description and for the tests that try every door."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.needs: dict[str, Need] = {}  # operationId -> scope and right

    def get_openapi_operation_id(self, operation: Operation) -> str:
        name = operation.view_func.__module__.split(".")[-2] + "_" + operation.view_func.__name__
        need = next(iter(operation.auth_callbacks))
        if isinstance(need, Need):
            self.needs[name] = need
        return name


api = Api(
    title="Liuke",
    version="1",
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api-v1",
)
SLICES = (
    directory, search, cards, records, fields, departments, relations, occasions, holdings,
    needs, keeping, visits, credit, attachments, background, merging, exports, intake,
    timeline, today, purchases, runs, products, colleagues,
)  # fmt: skip
for slice_api in SLICES:
    api.add_router("", slice_api.router)


# --- what the actions refuse, as problems ---


def _answer_unfit(request: HttpRequest, found: Unfit) -> HttpResponse:
    if not found.field:
        return problem(Problem("invalid", found.text))
    wrong = Wrong(found.field, found.text, pointer(found.field.split(".")))
    return problem(Problem("invalid", errors=[wrong]))


def _answer_unfit_list(request: HttpRequest, found: UnfitList) -> HttpResponse:
    text = _(found.message) % found.params
    name = str(found.params.get("field") or ("sort" if "sort" in found.params else "filter"))
    return problem(Problem("invalid", errors=[Wrong(name, text)]))


def _answer_conflict(request: HttpRequest, found: EditConflict) -> HttpResponse:
    return problem(cards.conflicts(found))


def _answer_refused(request: HttpRequest, found: Refused) -> HttpResponse:
    return problem(intake.refused(found))


def _answer_not_now(request: HttpRequest, found: NotNow) -> HttpResponse:
    return problem(intake.not_now(found))


_more: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
    (Unfit, _answer_unfit),
    (UnfitList, _answer_unfit_list),
    (EditConflict, _answer_conflict),
    (Refused, _answer_refused),
    (NotNow, _answer_not_now),
)
for kind, handler in (*HANDLERS, *_more):
    api.add_exception_handler(kind, handler)


# --- the description ---

READING = (401, 403, 404, 422, 429)
WRITING = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429)
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: what ninja reads off the operations, with what the door around them adds."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=ROOT))
    components = made["components"]
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components["schemas"]["Problem"] = _problem_schema()
    components["responses"] = {
        str(status): {
            "description": "; ".join(kind.title for kind in PROBLEMS.values() if kind.status == status),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({kind.status for kind in PROBLEMS.values()})
    }
    components["parameters"] = {"IdempotencyKey": _KEY, "IfMatch": _IF_MATCH}
    made["servers"] = [{"url": "/"}]
    for operations in made["paths"].values():
        for method in METHODS:
            if method in operations:
                # ninja hands one and the same object to all methods of an operation
                operations[method] = _described(method, dict(operations[method]))
    return made


def _described(method: str, operation: dict[str, Any]) -> dict[str, Any]:
    scopes = api.needs[operation["operationId"]].scopes
    operation["security"] = [{"token": scopes}]
    told = " ".join(f"`{scope}`" for scope in scopes)
    operation["description"] = f"{operation.get('description') or ''}\n\nScope: {told}".strip()
    statuses = READING if method == "get" else WRITING
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}
    operation["responses"] = {str(k): v for k, v in operation["responses"].items()} | refusals
    parameters = list(operation.get("parameters", []))
    if method == "post":
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if method == "patch" and operation["operationId"] == "cards_change":
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    operation["parameters"] = parameters
    return operation


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key of your own for this request. Sent again with the same body, it is answered as before.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read, or * to overwrite whatever is there.",
    "schema": {"type": "string", "pattern": '^(\\*|(W/)?"[0-9]{1,9}")$'},
}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    wrong = {"field": text, "pointer": text, "parameter": text, "detail": text}
    return {
        "type": "object",
        "description": "RFC 9457. `type` stays the same for the same thing; the texts are in the reader's language.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {**text, "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "errors": {
                "type": "array",
                "items": {"type": "object", "required": ["field", "detail"], "properties": wrong},
            },
        },
    }


@public
def openapi(request: HttpRequest) -> HttpResponse:
    """Public: the description of the product's interface is the same everywhere and holds nobody's data."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@public
def index(request: HttpRequest) -> HttpResponse:
    """Public: the same description for people, without a script or anybody's data."""
    made = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, operations in made["paths"].items():
        for method in METHODS:
            if one := operations.get(method):
                shown = {
                    "method": method.upper(),
                    "address": address,
                    "scope": " ".join(one["security"][0]["token"]),
                }
                groups.setdefault(one["tags"][0], []).append(shown | one)
    problems = [{"name": name, "kind": kind} for name, kind in PROBLEMS.items()]
    context = {"groups": groups.items(), "problems": problems, "version": made["info"]["version"]}
    return render(request, "platform/api/index.html", context)


# --- the doors ---


def doors() -> Iterator[URLPattern]:
    """One address each, whatever the number of its methods and slices, behind the door of platform/api."""
    views: dict[str, list[Any]] = {}
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            views.setdefault(str(pattern.pattern), []).append(pattern.callback)
    for route, operations in views.items():
        name = "api-" + re.sub(r"\W+", "-", re.sub(r"<\w+:(\w+)>", r"\1", route)).strip("-")
        yield path(
            f"api/v1/{route}",
            door(*operations, read=_read(route), takes=_takes(route), kind=_kind(route)),
            name=name,
        )


def _described_as(route: str) -> str:
    return ROOT + re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def _takes(route: str) -> Callable[[str], frozenset[str] | None]:
    """The parameters that the description names; None where it takes any (the list's filters, which refuse by themselves)."""
    path = _described_as(route)

    def named(method: str) -> frozenset[str] | None:
        operation = document()["paths"][path].get(method.lower())
        if operation is None:
            return None  # it will be told that there is no such method
        query = [one for one in operation["parameters"] if one.get("in") == "query"]
        return None if any(one.get("explode") for one in query) else frozenset(one["name"] for one in query)

    return named


def _kind(route: str) -> Callable[[str], str]:
    """What a method's body is, as the description says; nothing where there is no such method."""
    path = _described_as(route)

    def said(method: str) -> str:
        operation = document()["paths"][path].get("get" if method == "HEAD" else method.lower())
        if operation is None:
            return ""
        return FORM if FORM in operation.get("requestBody", {}).get("content", {}) else JSON

    return said


def _read(route: str) -> Callable[[User, Mapping[str, Any]], None] | None:
    """Who reads very much is to be seen, also when a program reads for him (customers/readings). A customer's own record
    is noted where it is told, one by one also on a list."""
    if route in {"customers", "customers/<int:pk>", "fields", "views", "products", "colleagues"}:
        return None
    of_customer = route.startswith("customers/<int:pk>/")
    return lambda user, values: note(
        user, "program", [values["pk"]] if of_customer else (), now=timezone.now()
    )


urlpatterns = [
    path("api/v1/", index, name="api"),
    path("api/v1/openapi.json", openapi, name="api-openapi"),
    *doors(),
]
