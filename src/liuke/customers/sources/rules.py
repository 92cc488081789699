"""Where customers come from (DB17): a list to choose from, in every language one and the same. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.translation import gettext, override

from liuke.customers.spelling.rules import letters


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


DEFAULTS: Mapping[str, str] = {
    "statistics": gettext_noop("Statistical data"),
    "directory": gettext_noop("Directory"),
    "press": gettext_noop("Press"),
    "visit": gettext_noop("Own visit"),
    "referral": gettext_noop("Referral"),
    "group": gettext_noop("Club or group"),
    "exhibition": gettext_noop("Exhibition"),
    "mail": gettext_noop("Reply to a letter"),
    "web": gettext_noop("Form on the website"),
    "call_centre": gettext_noop("Call centre"),
    "service": gettext_noop("Service job"),
    "survey": gettext_noop("Survey"),
    "import": gettext_noop("List that was imported"),
}


@dataclass(frozen=True)
class Source:
    """`code` of a default; a company's own is known by its name alone."""

    code: str
    name: str
    own_id: int | None = None
    is_retired: bool = False


@cache
def _known() -> Mapping[str, str]:
    """How a default is written in any of the languages -> its code."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {letters(gettext(name)): code for code, name in DEFAULTS.items()}
    return found | {letters(code): code for code in DEFAULTS}


def code_of(written: str) -> str:
    """The default that somebody has written, in whatever language; "" for words of the company's own."""
    return _known().get(letters(written), "")


def in_words(written: str) -> str:
    """In the reader's language where it is a default; else as it was written."""
    code = code_of(written)
    return gettext(DEFAULTS[code]) if code else written


@dataclass(frozen=True)
class Line:
    """Customers of a source, and all the ways in which it is written on their cards."""

    name: str
    customers: int
    written: tuple[str, ...]
    is_known: bool


def lines(counts: Iterable[tuple[str, int]], known: Iterable[Source]) -> list[Line]:
    """The most frequent first, those of whom nothing is known last; they sum to all who were counted."""
    own = {letters(one.name): one.name for one in known if not one.code}
    sums: dict[str, int] = {}
    written: dict[str, list[str]] = {}
    for words, n in counts:
        name = own.get(letters(words)) or in_words(words)
        sums[name] = sums.get(name, 0) + n
        written.setdefault(name, []).append(words)
    found = [
        Line(name, n, tuple(sorted(written[name])), bool(code_of(name)) or letters(name) in own)
        for name, n in sums.items()
    ]
    return sorted(found, key=lambda one: (not one.name, -one.customers, one.name))
