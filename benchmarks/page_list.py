"""Every page that somebody may open, with addresses that have something behind them in his own company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    fragment: bool = False  # asked for by htmx: a dialog, a suggestion, a further stretch of a list


def pages_of(username: str) -> list[Page]:
    from liuke.platform.access.rules import Right
    from liuke.platform.models import User

    user = User.objects.select_related("role", "team").get(username=username)
    found = [*daily(user), *customers(user), *cards(user)]
    if user.may(Right.VIEW_INSIGHT):
        found += insight(user)
    return [*found, *settings(user)]


def daily(user: Any) -> Iterator[Page]:
    from liuke.platform.access.rules import Right

    yield Page("today", "/")
    yield Page("today: risk only", "/?kind=risk")
    if user.may(Right.SEE_TEAM):
        from liuke.customers.models import FollowUp

        someone = FollowUp.objects.open().for_user(user).exclude(assignee=None).first()
        yield Page("today: mine", "/?who=me")
        if someone:
            yield Page("today: one person's", f"/?person={someone.assignee_id}")
    yield Page("today: figure beside it", "/counts/today/", fragment=True)
    for text in ("wen", "hwds", "139", "Bristol", "有限公司", "C000123", "nothing like it"):
        yield Page(f"search: {text}", f"/search/?q={text}")
        yield Page(f"search box: {text}", f"/search/?q={text}", fragment=True)
    yield Page("quick add", "/new/?what=customer", fragment=True)
    yield Page("profile", "/profile/")


def customers(user: Any) -> Iterator[Page]:
    views = {
        "all": "",
        "mine": "owner=me",
        "at risk": "band=high&sort=-at_risk",
        "about to order": "about_now=1&sort=-value",
        "no contact for 60 days": "last_contact.over_days=60&sort=-value",
        "dormant": "stage=dormant&sort=-value",
        "gold": "grade=gold",
        "gold at high risk": "grade=gold&band=high",
        "lead, by name": "grade=lead&sort=name",
        "fell": "moved=fell",
        "dealers": "scope=channel",
        "never contacted": "last_contact.empty=1",
        "abroad": "country=GB",
        "by name": "sort=name",
        "by last order": "sort=-last_purchase",
        "by last contact": "sort=last_contact",
        "by money at risk": "sort=-at_risk",
        "search 礼品": "q=礼品",
        "search wen": "q=wen",
        "nobody": "q=nothing+like+it",
    }
    for name, query in views.items():
        path = f"/customers/?{query}"
        yield Page(f"customers: {name}", path)
        if after := further(user, path):
            yield Page(f"customers: {name}, second page", f"{path}&after={after}")
    yield Page("new customer", "/customers/new/")


def further(user: Any, path: str) -> str:
    """The token of the second page; empty where there is but one."""
    import re

    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="liuke.platform.users.actions.Passwords")
    found = re.search(r"[?&;]after=([A-Za-z0-9_%-]+)", client.get(path).content.decode())
    return found[1] if found else ""


def cards(user: Any) -> Iterator[Page]:
    from django.db.models import Count

    from liuke.customers.models import Customer, Fact, FollowUp, Purchase

    mine = Customer.objects.for_user(user)
    some = mine.filter(first_purchase_at__isnull=False)[:400].values("pk")
    busiest = mine.filter(pk__in=some).annotate(n=Count("purchases")).order_by("-n")[0]
    complaint = Fact.objects.filter(kind="complained", customer__in=some).first()
    purchase = Purchase.objects.filter(customer=busiest).first()
    followup = FollowUp.objects.open().for_user(user).order_by("-rank").first()
    at = f"/customers/{busiest.pk}/"
    yield Page("card: the busiest", at)
    yield Page("card: orders only", f"{at}?show=orders")
    yield Page("timeline alone", f"{at}timeline/")
    yield Page("purchases", f"{at}purchases/")
    for name in ("visit", "needs", "credit", "uses", "circle", "sheet"):
        yield Page(f"card: {name}", f"{at}{name}/")
    for name in ("visits", "needs", "sources", "summary", "former", "accounts", "segments"):
        yield Page(f"customers: {name}", f"/customers/{name}/")
    yield Page("what is new", "/news/")
    if purchase:
        yield Page("purchase", f"/purchases/{purchase.pk}/")
    if complaint:
        yield Page("card: complaint", f"/customers/{complaint.customer_id}/")
    own = Customer.objects.writable_by(user).filter(first_purchase_at__isnull=False).first()
    if own:
        for name in ("contacts-log", "notes", "followups", "complaints"):
            yield Page(f"card: write {name}", f"/customers/{own.pk}/{name}/", fragment=True)
        for name in ("edit", "stage", "contacts", "points"):
            yield Page(f"card: {name}", f"/customers/{own.pk}/{name}/")
    if followup:
        for name in ("completion", "postponement", "dismissal"):
            yield Page(f"follow-up: {name}", f"/followups/{followup.pk}/{name}/", fragment=True)


def insight(user: Any) -> Iterator[Page]:
    names = (
        "",
        "keeping/",
        "risk/",
        "classes/",
        "declines/",
        "retention/",
        "concentration/",
        "track-record/",
        "runs/",
    )
    for name in names:
        yield Page(f"insight: {name.strip('/') or 'value'}", f"/insight/{name}")


def settings(user: Any) -> Iterator[Page]:
    from liuke.customers.models import ImportBatch
    from liuke.platform.access.rules import Right

    if user.may(Right.IMPORT):
        yield Page("imports", "/imports/")
        yield Page("import presets", "/imports/presets/")
        yield Page("new import", "/imports/new/")
        for batch in ImportBatch.objects.for_user(user)[:3]:
            rest = "columns/" if batch.state == "uploaded" else ""
            yield Page(f"import {batch.state}", f"/imports/{batch.pk}/{rest}")
    if user.may(Right.MANAGE_USERS):
        yield from people(user)
    if user.may(Right.MANAGE_SETTINGS):
        yield Page("settings", "/settings/")
        yield Page("company", "/settings/company/")
        yield Page("entitlements", "/settings/grades/")
    if user.may(Right.MANAGE_JOBS):
        yield Page("jobs", "/settings/jobs/")
        yield Page("jobs: done", "/settings/jobs/?state=done")
    if user.may(Right.VIEW_AUDIT):
        yield Page("audit", "/settings/audit/")
        yield Page("audit: one person's", f"/settings/audit/?person={user.pk}")


def people(user: Any) -> Iterator[Page]:
    from liuke.platform.models import Role, Team, User

    colleague = User.objects.active().exclude(pk=user.pk).visible_to(user).order_by("-pk").first()
    team, role = Team.objects.reached_by(user).last(), Role.objects.last()
    yield Page("colleagues", "/settings/colleagues/")
    yield Page("new colleague", "/settings/colleagues/new/")
    if colleague:
        yield Page("colleague", f"/settings/colleagues/{colleague.pk}/")
    yield Page("teams", "/settings/teams/")
    if team:
        yield Page("team", f"/settings/teams/{team.pk}/")
    yield Page("roles", "/settings/roles/")
    if role:
        yield Page("role", f"/settings/roles/{role.pk}/")
