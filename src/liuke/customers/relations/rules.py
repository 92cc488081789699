"""How people and firms belong together (CT05), and how it reads from either side. No database."""

from __future__ import annotations

from collections.abc import Mapping


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


# What the other one is to us. Those that read differently from the other side have their opposite.
KINDS: Mapping[str, str] = {
    "family": gettext_noop("family"),
    "relative": gettext_noop("relative"),
    "friend": gettext_noop("friend"),
    "elder": gettext_noop("elder"),
    "junior": gettext_noop("junior"),
    "alumnus": gettext_noop("fellow student"),
    "colleague": gettext_noop("colleague"),
    "referrer": gettext_noop("referrer"),
    "referred": gettext_noop("referred by them"),
    "parent": gettext_noop("parent firm"),
    "subsidiary": gettext_noop("subsidiary"),
    "supplier": gettext_noop("supplier"),
    "buyer": gettext_noop("buyer"),
    "partner": gettext_noop("partner"),
}
# What a firm is to a firm; the rest is between people, or between anybody.
BETWEEN_FIRMS = ("parent", "subsidiary", "supplier", "buyer", "partner", "referrer", "referred")
# Kept the one way round: left is what is kept, from the first one's side.
OPPOSITES: Mapping[str, str] = {
    "elder": "junior",
    "referrer": "referred",
    "parent": "subsidiary",
    "supplier": "buyer",
}
REVERSED: Mapping[str, str] = {right: left for left, right in OPPOSITES.items()}


def kept(first: int, second: int, kind: str) -> tuple[int, int, str]:
    """The one row that says so, whoever of the two it is told of: (whose, who, what he is to him)."""
    if kind in REVERSED:
        return second, first, REVERSED[kind]
    if kind in OPPOSITES:
        return first, second, kind
    return min(first, second), max(first, second), kind


def seen_from(side: int, whose: int, kind: str) -> str:
    """What the other one is to `side`."""
    return kind if side == whose or kind not in OPPOSITES else OPPOSITES[kind]
