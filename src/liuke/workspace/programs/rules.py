"""How tokens and webhooks are told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext, pgettext

from liuke.customers.timeline.reactions import TOPICS
from liuke.customers.timeline.rules import FILTERS
from liuke.platform.tokens.rules import RESOURCES, gettext_noop
from liuke.platform.webhooks.rules import STATES

if TYPE_CHECKING:
    from liuke.platform.models import ApiToken, Delivery

# Why a token opens nothing any more, and how loudly it is said.
DEAD = {
    "revoked": (gettext_noop("revoked"), "plain"),
    "left": (gettext_noop("person left"), "danger"),
    "changed": (gettext_noop("ended by a new password or role"), "warn"),
    "expired": (gettext_noop("expired"), "warn"),
}


@dataclass(frozen=True)
class Shown:
    token: ApiToken
    scopes: str
    state: str
    tone: str
    lives: bool
    may_be_revoked: bool


def shown(tokens: Iterable[ApiToken], now: datetime) -> list[Shown]:
    found = []
    for token in tokens:
        why = token.why_dead(now)
        state, tone = DEAD.get(why, (gettext_noop("valid"), "ok"))
        found.append(
            Shown(token, told_scopes(token.scopes), gettext(state), tone, not why, token.revoked_at is None)
        )
    return found


@dataclass(frozen=True)
class Sent:
    """A message of a webhook as its log shows it."""

    delivery: Delivery
    event: str
    state: str
    tone: str
    why: str
    may_be_sent_again: bool


def sent(deliveries: Iterable[Delivery]) -> list[Sent]:
    found = []
    for one in deliveries:
        state, tone = STATES[one.state]
        why = gettext(one.error) if one.error else (f"HTTP {one.status}" if one.status else "")
        again = one.state in {"dead", "withheld"}
        found.append(Sent(one, event_name(one.event), gettext(state), tone, why, again))
    return found


def event_name(event: str) -> str:
    """What people call it: by the timeline's own words."""
    if event == "ping":
        return gettext("Test message")
    topic = TOPICS.get(event.removeprefix("fact."))
    return str(FILTERS[topic][0]) if topic else event


def told_topics(topics: Iterable[str]) -> str:
    return pgettext("between choices", ", ").join(str(FILTERS[name][0]) for name in topics if name in FILTERS)


def told_scopes(scopes: Iterable[str]) -> str:
    """Customers: read and write; Products: read."""
    parts = []
    for scope in scopes:
        resource, _, how = scope.partition(":")
        label = gettext(RESOURCES[resource]) if resource in RESOURCES else resource
        does = gettext("read and write") if how == "write" else gettext("read")
        parts.append(gettext("%(what)s: %(how)s") % {"what": label, "how": does})
    return pgettext("between scopes", "; ").join(parts)
