"""How a token is told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext, pgettext

from liuke.platform.tokens.rules import RESOURCES, gettext_noop

if TYPE_CHECKING:
    from liuke.platform.models import ApiToken

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


def told_scopes(scopes: Iterable[str]) -> str:
    """Customers: read and write; Products: read."""
    parts = []
    for scope in scopes:
        resource, _, how = scope.partition(":")
        label = gettext(RESOURCES[resource]) if resource in RESOURCES else resource
        does = gettext("read and write") if how == "write" else gettext("read")
        parts.append(gettext("%(what)s: %(how)s") % {"what": label, "how": does})
    return pgettext("between scopes", "; ").join(parts)
