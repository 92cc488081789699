"""A small company in which everybody has rows of their own, each marked with a word that no stranger may ever read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from liuke.customers.models import Contact, ContactPoint, Customer, CustomerSearch, Fact, FollowUp, Purchase
from liuke.platform.access.actions import ensure_starting_roles
from liuke.platform.access.rules import Scope
from liuke.platform.models import Role, SavedView, Team, User
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.runs.actions import BLANK, COLUMNS

# Who signs in, who did not get in and what was refused are kept on purpose; everything else must stay as it was.
KEPT_ON_PURPOSE = {"django_session", "platform_auditentry", "django_migrations"}
# Written by triggers on customers_customersearch, which is compared, and no table that can be read from end to end.
WITHOUT_ROWS = {"customers_searchindex"}

TEAMS = {
    "east": ["alice", "bob", "sue"],
    "west": ["charlie"],
    "company": ["olga", "sam", "mark", "anna", "nora"],
}
ROLES = {
    "alice": "salesperson",
    "bob": "salesperson",
    "charlie": "salesperson",
    "sue": "supervisor",
    "olga": "owner",
    "sam": "service",
    "mark": "marketer",
    "anna": "analyst",
    "nora": "newcomer",  # a role without a single right, as an owner may make one
}
OWNERS = ["alice", "bob", "charlie"]


def canary(owner: User | str) -> str:
    name = owner if isinstance(owner, str) else owner.username
    return f"canary{name}canary"


@dataclass
class World:
    people: dict[str, User]
    customers: dict[str, Customer]
    now: datetime

    def look_again(self) -> None:
        """Everybody as the database has them."""
        self.people = {
            user.username: user for user in User.objects.select_related("role", "team").order_by("pk")
        }

    def other(self, user: User) -> User:
        """Somebody else, whom everybody in `user`'s team may name."""
        return self.people["alice" if user.username == "bob" else "bob"]

    @property
    def owners(self) -> list[User]:
        return [self.people[name] for name in OWNERS]


def build(now: datetime) -> World:
    ensure_starting_roles()
    nothing = Scope.NONE.value
    Role.objects.create(code="newcomer", name="Newcomer", rights=[], read_scope=nothing, write_scope=nothing)
    company = Team.objects.create(name="Company")
    teams = {"company": company} | {n: Team.objects.create(name=n, parent=company) for n in ("east", "west")}
    people = {name: _person(name, teams[team]) for team, names in TEAMS.items() for name in names}
    world = World(people, {}, now)
    for owner in world.owners:
        world.customers[owner.username] = _customer(owner, now)
    _judged(world)
    return world


def _judged(world: World) -> None:
    """A night is over: everybody has a grade, so that what Insight counts and names is within its doors, too."""
    run = ScoreRun.objects.create(
        as_of=world.now.date(), state="done", started_at=world.now, finished_at=world.now, currency="CNY"
    )
    figures = [name for name in COLUMNS if name not in BLANK][2:]
    for customer in world.customers.values():
        Score.objects.create(
            run=run,
            customer=customer,
            **{**BLANK, **dict.fromkeys(figures, 0), "grade": "lead", "band": "high", "relation": "partner"},
        )
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})


def _person(name: str, team: Team) -> User:
    role = Role.objects.get(code=ROLES[name])
    user = User(username=name, name=name.title(), role=role, team=team, language="en")
    user.set_password("a password of some length")
    user.save()
    return user


def _customer(owner: User, now: datetime) -> Customer:
    word = canary(owner)
    customer = Customer.objects.create(
        number=f"N-{word}",
        name=word,
        owner=owner,
        team=owner.team,
        address=word,
        note=word,
        last_contact_at=now,
    )
    CustomerSearch.objects.create(customer=customer, text=word)
    contact = Contact.objects.create(customer=customer, name=f"Contact {word}", is_primary=True)
    ContactPoint.objects.create(
        customer=customer,
        contact=contact,
        kind="email",
        value=f"{word}@example.com",
        normal=f"{word}@example.com",
    )
    spoke = {"channel": "phone", "direction": "out", "outcome": "reached", "note": word}
    for kind, data in (("contacted", spoke), ("complained", {"text": word, "number": ""})):
        Fact.objects.create(
            customer=customer,
            kind=kind,
            at=now,
            recorded_at=now,
            actor=owner,
            data=data,
            key=f"{kind}:{word}",
        )
    FollowUp.objects.create(
        customer=customer,
        assignee=owner,
        kind="task",
        title=word,
        due_at=now,
        source="person",
        created_at=now,
    )
    Purchase.objects.create(
        number=f"P-{word}", customer=customer, at=now, currency="CNY", amount_minor=100, channel=word
    )
    SavedView.objects.create(owner=owner, place="customers", name=word)
    return customer


# --- who may come near what ---


def reads(actor: User, owner: User) -> bool:
    return _within(actor, owner, actor.role.read_scope)


def writes(actor: User, owner: User) -> bool:
    return reads(actor, owner) and _within(actor, owner, actor.role.write_scope)


def _within(actor: User, owner: User, scope: str) -> bool:
    match Scope(scope):
        case Scope.ALL:
            return True
        case Scope.TEAM:
            return actor == owner or (owner.team is not None and owner.team.path.startswith(actor.team.path))
        case Scope.OWN:
            return actor == owner
        case _:
            return False


@dataclass(frozen=True)
class Objects:
    make: Callable[[World, User], Mapping[str, object]]
    reach: str

    def near(self, actor: User, owner: User, *, to_write: bool) -> bool:
        match self.reach:
            case "shared":
                return True
            case "personal":
                return actor == owner
            case "sue's":  # hers, whoever owns the customers: what a salesperson has no right to make
                return actor.username == "sue"
            case "readable":  # a POST that reads, for whoever may read
                return reads(actor, owner)
            case "own or all":  # what somebody made is his and theirs who may write everywhere
                return actor == owner or actor.role.write_scope == Scope.ALL
            case _:
                return writes(actor, owner) if to_write else reads(actor, owner)


Make = Callable[[World, User], Mapping[str, object]]
OBJECTS: dict[str, Objects] = {}
BODIES: dict[str, Make] = {}
CHANGES_NOTHING: dict[str, str] = {}  # routes that take a POST and leave the tables alone, with the reason


def objects(path: str, *, reach: str = "rows") -> Callable[[Make], Make]:
    def keep(make: Make) -> Make:
        OBJECTS[path] = Objects(make, reach)
        return make

    return keep


def body(path: str) -> Callable[[Make], Make]:
    def keep(make: Make) -> Make:
        BODIES[path] = make
        return make

    return keep


def objects_of(path: str) -> Objects | None:
    """The longest entry that the route begins with."""
    return OBJECTS.get(max((known for known in OBJECTS if path.startswith(known)), key=len, default=""))


def fingerprint() -> dict[str, str]:
    """A hash of every table's content."""
    with connection.cursor() as cursor:
        return {
            table: _hash(cursor, table)
            for table in connection.introspection.table_names(cursor)
            if table not in KEPT_ON_PURPOSE | WITHOUT_ROWS
        }


def _hash(cursor: object, table: str) -> str:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # type: ignore[attr-defined]
    rows = sorted(repr(row) for row in cursor.fetchall())  # type: ignore[attr-defined]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
