"""Who the invented customers are: names, places, ways to reach them. From a seed of its own, so lives stay the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from liuke.demo import words
from liuke.demo.lives import Life

Choose = np.random.Generator
TRIES = 20


@dataclass(frozen=True)
class Person:
    """What is registered of a customer."""

    name: str
    kind: str
    scope: str
    purpose: str
    country: str
    province: str
    city: str
    address: str
    source: str
    points: tuple[tuple[str, str], ...]
    contact: str
    title: str
    profile: dict[str, str]


def people(lives: Iterable[Life], *, seed: int) -> Iterator[Person]:
    """One for each life; no two firms share a name."""
    rng = np.random.default_rng(seed + 2)
    taken: set[str] = set()
    for place, life in enumerate(lives):
        yield _person(life, rng, taken, place)


def _person(life: Life, rng: Choose, taken: set[str], place: int) -> Person:
    make = _foreigner if life.market == "abroad" else _local
    for _ in range(TRIES):
        person = make(life.kind.name, rng, place)
        if person.kind == "individual":
            return person
        if person.name not in taken:
            taken.add(person.name)
            return person
    # The words are used up, as in a company of a million: a branch of a firm that is there.
    return replace(person, name=f"{person.name} {place}")


def _pick(rng: Choose, options: Any) -> Any:
    return options[int(rng.integers(0, len(options)))]


def _chinese(rng: Choose) -> str:
    return f"{_pick(rng, words.SURNAMES)}{_pick(rng, words.GIVEN)}"


def _local(kind: str, rng: Choose, place: int) -> Person:
    province, city = _pick(rng, words.CITIES)
    human = _chinese(rng)
    # Numbers of a range that no operator has given out, so that nobody's telephone rings.
    mobile = f"1990{place * 7919 % 10_000_000:07d}"  # a prime step: no two alike, and no row of neighbours
    address = f"{_pick(rng, words.STREETS)} {int(rng.integers(1, 400))} 号"
    points: list[tuple[str, str]] = [("mobile", mobile)]
    if kind == "consumer":
        name, scope = human, "consumer"
    else:
        trade = _pick(rng, words.DEALER_TRADES if kind == "dealer" else words.FIRM_TRADES)
        name = f"{city}{_pick(rng, words.FIRM_WORDS)}{trade}{_pick(rng, words.SUFFIXES)}"
        scope = "channel" if kind == "dealer" else "b2b"
        points.append(("wechat", f"wx_{place:05d}"))
    return Person(
        name=name,
        kind="individual" if kind == "consumer" else "enterprise",
        scope=scope,
        purpose="middleman" if kind == "dealer" else "end_consumer" if kind == "consumer" else "",
        country="CN",
        province=province,
        city=city,
        address=address,
        source=_pick(rng, words.SOURCES),
        points=tuple(points),
        contact="" if kind == "consumer" else human,
        title="" if kind == "consumer" else _pick(rng, words.TITLES),
        profile={},
    )


def _foreigner(kind: str, rng: Choose, place: int) -> Person:
    country, city = _pick(rng, words.ABROAD)
    human = f"{_pick(rng, words.FIRST_NAMES)} {_pick(rng, words.LAST_NAMES)}"
    if kind == "consumer":
        name = human
    else:
        first, second = _pick(rng, words.FOREIGN_FIRST), _pick(rng, words.FOREIGN_SECOND)
        joint = " & " + _pick(rng, words.FOREIGN_FIRST) if rng.random() < 0.3 else ""
        name = f"{first}{joint} {second} {words.FOREIGN_SUFFIX[country]} ({city})"
    # .example is kept free of real mail by RFC 2606.
    points = (("email", f"{human.lower().replace(' ', '.').replace('á', 'a')}.{place}@mail.example"),)
    return Person(
        name=name,
        kind="individual" if kind == "consumer" else "enterprise",
        scope="consumer" if kind == "consumer" else "channel" if kind == "dealer" else "b2b",
        purpose="middleman" if kind == "dealer" else "end_consumer" if kind == "consumer" else "",
        country=country,
        province="",
        city=city,
        address="",
        source=_pick(rng, ("广交会", "阿里国际站", "老客户介绍", "网店")),
        points=points,
        contact="" if kind == "consumer" else human,
        title="" if kind == "consumer" else _pick(rng, words.FOREIGN_TITLES),
        profile={},
    )
