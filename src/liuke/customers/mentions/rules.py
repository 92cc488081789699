"""Whom a text names: “@” and a colleague's name or user name. No database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

SIGNS = "@＠"  # a Chinese keyboard writes the wide one
MOST = 20  # of one text: who names more wants a meeting


@dataclass(frozen=True)
class Person:
    pk: int
    name: str
    username: str


@dataclass(frozen=True)
class Mention:
    person: Person
    start: int
    end: int


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def username(self) -> str: ...


Someone = TypeVar("Someone", bound=Named)


def names_of(people: Iterable[Someone]) -> dict[str, Someone]:
    """What each is called by, in one form of case: the name where only one has it, and the user name always."""
    everybody = list(people)
    shared = Counter(one.name.casefold() for one in everybody)
    found = {one.name.casefold(): one for one in everybody if shared[one.name.casefold()] == 1}
    return {name: one for name, one in found.items() if name} | {
        one.username.casefold(): one for one in everybody if one.username
    }


def mentions(text: str, people: Iterable[Person]) -> list[Mention]:
    """In the order of the text, each person once. Of two names that fit, the longer is meant.

    A name in Latin letters ends where the letters end: “@Ann” is not in “@Anna”. A Chinese one needs no gap after it.
    """
    if not any(sign in text for sign in SIGNS) or not (names := names_of(people)):
        return []
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![0-9a-z_.])[{SIGNS}]({longest_first})(?![0-9a-z_])")
    # Letter by letter: the whole of “ẞ” folded is two letters, and the places would not be those of the text.
    folded = "".join(small if len(small := one.casefold()) == 1 else one for one in text)
    found: dict[int, Mention] = {}
    for match in pattern.finditer(folded):
        person = names[match[1]]
        found.setdefault(person.pk, Mention(person, match.start(), match.end()))
    return list(found.values())[:MOST]
