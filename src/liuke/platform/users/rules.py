"""Names to sign in by, and the code of the first run."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from zoneinfo import available_timezones

from liuke.platform.access.rules import Right, Scope

NAME_LENGTH = 60
WELCOME_LASTS = timedelta(hours=1)
WELCOME_TRIES = 10
# No letter that looks like a digit: the code is read off a terminal.
WELCOME_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
WELCOME_LENGTH = 12  # 30 letters to the power of 12 is 58 bits; ten tries an hour will not find it

# Whoever holds these can repair everything else. One active colleague must always be left who does.
KEEPER_RIGHTS = (Right.MANAGE_USERS, Right.MANAGE_SETTINGS)

WIDTH = {Scope.NONE: 0, Scope.OWN: 1, Scope.TEAM: 2, Scope.ALL: 3}


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """The time zones that a person may choose: places only, `Etc/GMT+3` and the like are for machines."""
    places = (z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/")))
    return tuple((zone, zone.replace("_", " ")) for zone in sorted(places))


def folded(username: str) -> str:
    """One spelling of a user name: NFKC, no case, no space around it."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def fit_username(username: str) -> bool:
    """Letters of any script, digits and . _ - @ +; nothing that cannot be seen or told apart."""
    return 0 < len(username) <= NAME_LENGTH and all(c.isalnum() or c in "._-@+" for c in username)


def new_code() -> str:
    letters = "".join(secrets.choice(WELCOME_LETTERS) for _ in range(WELCOME_LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, WELCOME_LENGTH, 4))


def plain_code(typed: str) -> str:
    """What was meant by what was typed: small letters, spaces and dashes don't matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())


def keeps(rights: Iterable[str]) -> bool:
    return set(KEEPER_RIGHTS) <= set(rights)


def within_reach(
    rights: Iterable[str], scopes: tuple[str, str], *, of_rights: Iterable[str], of_scopes: tuple[str, str]
) -> bool:
    """Whether a role is no more than another one: nobody hands out what he lacks."""
    narrower = all(WIDTH[Scope(a)] <= WIDTH[Scope(b)] for a, b in zip(scopes, of_scopes, strict=True))
    return narrower and set(rights) <= set(of_rights)
