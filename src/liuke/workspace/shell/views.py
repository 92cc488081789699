"""The frame around every staff page: the rail with its places and counts, the top bar, the foot of a demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from liuke.customers.models import Customer, FollowUp, FollowUpChange, Mention
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, client_address, signed_in
from liuke.platform.kit.rules import number_text
from liuke.platform.kit.views import address
from liuke.platform.models import User
from liuke.platform.paging.actions import counted
from liuke.workspace.shell.forms import SpareContactForm

COUNTED = 10_000  # as far as the rail counts customers
NEWS_COUNTED = 99
DUE_COUNTED = (
    1_000  # and what is to be done: it stands on every page, and Today itself tells the whole figure
)
LOOPBACK = {"127.0.0.1", "::1"}
SETTINGS_RIGHTS = (
    Right.MANAGE_USERS,
    Right.MANAGE_SETTINGS,
    Right.VIEW_AUDIT,
    Right.MANAGE_JOBS,
    Right.IMPORT,
    Right.HAND_OVER,
    Right.APPROVE_EXPORTS,
)


@dataclass(frozen=True)
class Place:
    name: str
    icon: str
    label: str
    href: str
    active: bool
    count: int | None = None
    more: bool = False  # there are more than `count`


class Shell:
    """The template variable `shell`. Counts are asked for only when a whole page is drawn."""

    rail = "workspace/shell/rail.html"
    top = "workspace/shell/top.html"
    foot = "workspace/shell/foot.html"

    def __init__(self, request: HttpRequest, user: User) -> None:
        self._request = request
        self.user = user

    @property
    def may_assign(self) -> bool:
        """The sheet of keys tells nobody of one that he does not have."""
        return self.user.may(Right.ASSIGN_FOLLOWUPS)

    @cached_property
    def places(self) -> list[Place]:
        user, found = self.user, []
        if user.may(Right.VIEW_CUSTOMERS) and (user.may(Right.WORK_FOLLOWUPS) or user.may(Right.SEE_TEAM)):
            found.append(self._place("today", "today", gettext("Today"), self._counts[0], DUE_COUNTED))
        if user.may(Right.VIEW_CUSTOMERS):
            found.append(
                self._place("customers", "customers", gettext("Customers"), self._counts[1], COUNTED)
            )
        if user.may(Right.VIEW_INSIGHT):
            found.append(self._place("insight", "insight", gettext("Insight")))
        if any(user.may(right) for right in SETTINGS_RIGHTS):
            found.append(self._place("settings", "settings", gettext("Settings")))
        return [place for place in found if place.href]

    @cached_property
    def settings_places(self) -> list[Place]:
        """The pages of the settings that this person may open: each slice brings the one that it has."""
        known = [
            (Right.MANAGE_USERS, "colleagues", "customers", gettext("Colleagues")),
            (Right.MANAGE_USERS, "teams", "team", gettext("Teams")),
            (Right.MANAGE_USERS, "roles", "key", gettext("Roles")),
            (Right.HAND_OVER, "handovers", "assign", gettext("Leave and departure")),
            (Right.HAND_OVER, "reading", "show", gettext("Access log")),
            (Right.APPROVE_EXPORTS, "exports", "export", gettext("Exports")),
            (Right.MANAGE_USERS, "all-tokens", "link", gettext("Access tokens")),
            (Right.MANAGE_SETTINGS, "webhooks", "globe", gettext("Webhooks")),
            (Right.MANAGE_SETTINGS, "preferences", "company", gettext("Company")),
            (Right.MANAGE_SETTINGS, "entitlements", "grade", gettext("Grades")),
            (Right.MANAGE_SETTINGS, "fields", "columns", gettext("Fields")),
            (Right.MANAGE_SETTINGS, "sources", "tag", gettext("Sources")),
            (Right.MANAGE_SETTINGS, "trade", "company", gettext("Trade")),
            (Right.IMPORT, "imports", "import", gettext("Imports")),
            (Right.MANAGE_JOBS, "jobs", "job", gettext("Background jobs")),
            (Right.VIEW_AUDIT, "audit", "audit", gettext("Audit")),
        ]
        found = [self._place(name, icon, label) for right, name, icon, label in known if self.user.may(right)]
        return [place for place in found if place.href]

    @property
    def tidying(self) -> list[Place]:
        """What the overview of the settings names beside them: it is looked for there and stands with the customers."""
        if not self.user.may(Right.MERGE_CUSTOMERS):
            return []
        place = self._place("duplicates", "copy", gettext("Duplicates"))
        return [place] if place.href else []

    def _place(self, name: str, icon: str, label: str, count: int | None = None, most: int = 0) -> Place:
        href = address(name)
        path = self._request.path
        active = bool(href) and (path == href or (href != "/" and path.startswith(href)))
        if count is None:
            return Place(name, icon, label, href, active)
        return Place(name, icon, label, href, active, min(count, most), more=count > most)

    @cached_property
    def _counts(self) -> list[int]:
        """What is due, the customers, and what is new in two parts: each so far that nobody would count on."""
        known: list[int] | None = getattr(self._request, "rail_counts", None)
        return counted(*_on_the_rail(self.user)) if known is None else known

    @cached_property
    def additions(self) -> list[tuple[str, str, str]]:
        """What `c` offers: (address, icon, label)."""
        quick = address("quick-add")
        if not quick:
            return []
        offers = [
            (Right.EDIT_CUSTOMERS, "customer", "customers", gettext("Customer")),
            (Right.LOG_CONTACTS, "contact", "phone", gettext("Contact note")),
            (Right.WORK_FOLLOWUPS, "followup", "clock", gettext("Follow-up")),
        ]
        return [
            (f"{quick}?what={what}", icon, label)
            for right, what, icon, label in offers
            if self.user.may(right)
        ]

    @property
    def search_url(self) -> str:
        return address("search") if self.user.may(Right.VIEW_CUSTOMERS) else ""

    @property
    def news_url(self) -> str:
        return address("news")

    @property
    def news_count(self) -> str:
        return news_text(sum(self._counts[2:]))

    @property
    def profile_url(self) -> str:
        return address("profile")

    @property
    def sign_out_url(self) -> str:
        return address("sign-out")

    @property
    def words(self) -> str:
        """What stands in the search box: again on the page of results."""
        return self._request.GET.get("q", "") if self._request.path == self.search_url else ""

    @property
    def offline(self) -> str:
        """The contact form that waits on every page for when there is no connection."""
        return _offline(get_language() or "") if self.user.may(Right.LOG_CONTACTS) else ""

    @property
    def demo(self) -> bool:
        return settings.DEMO

    @property
    def real_log(self) -> bool:
        """The demo's orders happened: whose they are must be said, and that the names did not."""
        return bool(settings.DEMO_LOG)

    @cached_property
    def shoes(self) -> list[User]:
        """Whose shoes one may step into: the invented company's people, on this machine only."""
        if not settings.DEMO or not self.shoes_url or client_address(self._request) not in LOOPBACK:
            return []
        return list(User.objects.active().select_related("role", "team").order_by("id")[:12])

    @property
    def glossary_url(self) -> str:
        return address("glossary")

    @property
    def shoes_url(self) -> str:
        return address("shoes")


@lru_cache(8)
def _offline(language: str) -> str:
    """The same for everybody who reads this language, so drawn once: its fields took a quarter of a small page."""
    return render_to_string("workspace/shell/offline.html", {"form": SpareContactForm()})


def _on_the_rail(user: User) -> list[QuerySet[Any]]:
    return [due_counted(user), Customer.objects.ids_for(user)[: COUNTED + 1], *_new_to(user)]


def _new_to(user: User) -> list[QuerySet[Any]]:
    """What others told him that he has not read: mentions, and steps of what he gave or was given."""
    unread: list[QuerySet[Any]] = [
        Mention.objects.of(user).filter(seen_at=None),
        FollowUpChange.objects.unseen_by(user),
    ]
    return [rows.order_by()[: NEWS_COUNTED + 1] for rows in unread]


def count_with_rail(request: StaffRequest, *rows: QuerySet[Any]) -> list[int]:
    """How many each of a page's own `rows` has; the figures of the rail come in the same statement and are kept for it."""
    on_the_rail = _on_the_rail(request.user)
    found = counted(*on_the_rail, *rows)
    request.rail_counts = found[: len(on_the_rail)]  # type: ignore[attr-defined]  # for the frame of this very page
    return found[len(on_the_rail) :]


def open_today(user: User) -> QuerySet[FollowUp]:
    """Open follow-ups, due by the end of the day: one's own; the team's for whoever leads one, as on Today itself."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    end = timezone.make_aware(datetime.combine(tomorrow, time.min))
    rows = FollowUp.objects.open().filter(due_at__lt=end)
    return rows.summed_for(user) if user.may(Right.SEE_TEAM) else rows.on_the_list_of(user, timezone.now())


def due_counted(user: User) -> QuerySet[FollowUp]:
    """Of `open_today` one more than the rail counts."""
    return open_today(user).order_by()[: DUE_COUNTED + 1]


def news_text(count: int) -> str:
    text = number_text(min(count, NEWS_COUNTED), get_language() or "")
    return f"{text}+" if count > NEWS_COUNTED else text if count else ""


@require_safe
@signed_in
def count_news(request: StaffRequest) -> HttpResponse:
    """The figure on the bell; nothing when nothing is new."""
    return HttpResponse(news_text(sum(counted(*_new_to(request.user)))))


@require_safe
@signed_in
def count_today(request: StaffRequest) -> HttpResponse:
    """The figure beside Today, asked for again when a follow-up has changed."""
    count = due_counted(request.user).count()
    text = number_text(min(count, DUE_COUNTED), get_language() or "")
    return HttpResponse(f"{text}+" if count > DUE_COUNTED else text)


def shell(request: HttpRequest) -> dict[str, Shell | None]:
    """Context processor: nobody signed in, no frame."""
    user = getattr(request, "user", None)
    return {"shell": Shell(request, user) if isinstance(user, User) else None}
