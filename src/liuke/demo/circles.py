"""Who else works at an invented firm, who knows whom, birthdays and possessions: told through the real actions.

From a seed of their own for each customer, so that lives stay the same whatever is added here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from liuke.customers.background.actions import write_background
from liuke.customers.holdings.actions import add_holding
from liuke.customers.models import Customer
from liuke.customers.occasions.actions import add_date
from liuke.customers.records.actions import add_contact
from liuke.customers.records.rules import NewContact
from liuke.customers.relations.actions import relate
from liuke.demo import words
from liuke.demo.people import Person
from liuke.platform.models import User

SEED = 20_264
Choose = np.random.Generator


def _pick(rng: Choose, options: tuple[str, ...] | list[str]) -> str:
    return options[int(rng.integers(0, len(options)))]


def spoken_with(person: Person, who: int) -> NewContact | None:
    """The person whom the salesperson met first, with what he has learnt of him since."""
    if not person.contact:
        return None
    rng = np.random.default_rng([SEED, who])
    title = person.title
    role = "payment" if title in words.PAYING else "decision" if title in words.DECIDING else "purchasing"
    first = NewContact(person.contact, title=title, roles=[role])
    if rng.random() < 0.45:
        return first
    return replace(
        first,
        influence=5 if role == "decision" else int(rng.integers(2, 5)),
        decision_power="decide" if role == "decision" else "advise",
        attitude=_pick(rng, ["supporter", "neutral", "supporter", "opponent"]),
        department=words.DEPARTMENTS.get(title, ""),
    )


def surround(
    customer: Customer, person: Person, who: int, known: list[Customer], *, by: User, now: datetime
) -> None:
    """What comes to be known of a customer beside his orders: of some much, of most little."""
    rng = np.random.default_rng([SEED + 1, who])
    if person.contact and rng.random() < 0.3:
        _colleagues(customer, person, who, rng, by, now)
    if rng.random() < 0.25:
        _birthday(customer, rng, by, now)
    if person.contact and rng.random() < 0.06:
        founded = date(int(rng.integers(1995, 2020)), int(rng.integers(1, 13)), int(rng.integers(1, 28)))
        add_date(
            customer,
            kind="founding",
            month=founded.month,
            day=founded.day,
            year=founded.year,
            notice_days=14,
            by=by,
            now=now,
        )
    if rng.random() < 0.05:
        _car(customer, rng, by, now)
    theirs = [one for one in known if one.owner_id == customer.owner_id]
    if theirs and rng.random() < 0.05:
        other = theirs[int(rng.integers(0, len(theirs)))]
        kinds = (
            ["referrer", "friend", "alumnus"]
            if not person.contact
            else ["referrer", "supplier", "parent", "partner"]
        )
        relate(customer, to=other, kind=_pick(rng, kinds), by=by, now=now)
    if rng.random() < 0.03:
        notes = {"hobbies": _pick(rng, words.HOBBIES), "taboos": _pick(rng, words.TABOOS)}
        write_background(customer, None, notes, consent="拜访时本人同意", by=by, now=now)


def _colleagues(customer: Customer, person: Person, who: int, rng: Choose, by: User, now: datetime) -> None:
    abroad = person.country != "CN"
    name = _foreign_name if abroad else _chinese_name
    clerk = NewContact(
        name(rng),
        title="Accounts payable" if abroad else "会计",
        roles=["payment"],
        department="Finance" if abroad else "财务部",
        office=f"Room {rng.integers(101, 420)}"
        if abroad
        else f"{rng.integers(1, 6)} 号楼 {rng.integers(101, 620)}",
        influence=int(rng.integers(1, 4)),
        decision_power="none",
        points=[] if abroad else [("mobile", f"1991{who * 7919 % 10_000_000:07d}")],
    )
    boss = NewContact(
        name(rng),
        title="Managing director" if abroad else "总经理",
        roles=["decision"],
        influence=5,
        decision_power="decide",
        attitude=_pick(rng, ["supporter", "neutral", "opponent"]),
    )
    for one in (clerk, boss)[: 1 + int(rng.random() < 0.7)]:
        add_contact(customer, one, by=by, now=now)


def _chinese_name(rng: Choose) -> str:
    return f"{_pick(rng, list(words.SURNAMES))}{_pick(rng, words.GIVEN)}"


def _foreign_name(rng: Choose) -> str:
    return f"{_pick(rng, words.FIRST_NAMES)} {_pick(rng, words.LAST_NAMES)}"


def _birthday(customer: Customer, rng: Choose, by: User, now: datetime) -> None:
    """Older people go by the moon."""
    year = int(rng.integers(1955, 2002))
    add_date(
        customer,
        kind="birthday",
        month=int(rng.integers(1, 13)),
        day=int(rng.integers(1, 29)),
        year=year,
        is_lunar=customer.country == "CN" and year < 1975,
        contact=customer.contacts.first(),
        by=by,
        now=now,
    )


def _car(customer: Customer, rng: Choose, by: User, now: datetime) -> None:
    bought = now.date() - timedelta(days=int(rng.integers(200, 3300)))
    add_holding(
        customer,
        kind="vehicle",
        name=_pick(rng, words.CARS),
        bought_on=bought,
        insured_until=now.date() + timedelta(days=int(rng.integers(100, 1100))),
        by=by,
        now=now,
    )
