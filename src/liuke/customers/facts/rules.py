"""The kinds of facts there are, what each carries, and who wants to hear of it.

No `from __future__ import annotations` here: it would hide NotRequired from TypedDict, and `check` reads it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Any,
    NotRequired,
    Protocol,
    TypedDict,
    TypeVar,
    cast,
    get_args,
    get_type_hints,
)

if TYPE_CHECKING:
    from liuke.customers.facts.models import Fact


class FactKind(StrEnum):
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    STAGE_CHANGED = "stage_changed"
    LAPSED = "lapsed"  # the stage change into dormant or lost
    GRADED = "graded"
    CONTACTED = "contacted"
    VISITED = "visited"
    NOTED = "noted"
    FOLLOWED_UP = "followed_up"
    PROMISED = "promised"
    PROMISE_KEPT = "promise_kept"
    QUOTED = "quoted"
    PURCHASED = "purchased"
    REFUNDED = "refunded"  # whatever takes money back: return, cancellation, correction
    PAID = "paid"
    SERVICED = "serviced"
    COMPLAINED = "complained"
    RESOLVED = "resolved"
    ANSWERED = "answered"  # a survey
    MERGED = "merged"  # a record of the same customer became part of another
    SEPARATED = "separated"  # and that was taken back
    WITHDRAWN = "withdrawn"  # another fact was a slip: its subject


CONTACTS = (FactKind.CONTACTED, FactKind.VISITED)
WITHDRAWN_KEY = "withdrawn:"  # and the id of the slip: the key of the fact that takes it back
NOT_REACHED = ("no_answer",)  # outcomes after which the customer has still not heard from us (CH09)
GAVE_WORD = ("ordered", "will_order")  # and after which asking whether they order would be asking twice


class RegisteredData(TypedDict):
    source: NotRequired[str]


class AssignedData(TypedDict):
    before_id: int | None
    after_id: int | None
    before: str  # names as they were: the entry reads the same after a rename
    after: str
    reason: NotRequired[str]


class StageData(TypedDict):
    before: str
    after: str
    code: str  # a rule's name, or "person"
    reason: NotRequired[str]  # a person's words
    days: NotRequired[int]  # since the last order
    interval_days: NotRequired[int]  # the customer's own usual gap
    repeats: NotRequired[int]


class GradedData(TypedDict):
    measure: str  # "grade", "risk"; "level", "attitude", "relation" by somebody's decision
    before: str
    after: str
    reason: NotRequired[str]  # a person's words
    reasons: NotRequired[list[Any]]  # codes with figures
    run: NotRequired[int]


class Written(TypedDict):
    """What any entry may bring that a person writes."""

    files: NotRequired[list[dict[str, Any]]]  # id, name, size of each attachment
    mentions: NotRequired[list[dict[str, Any]]]  # id, name, as: of each colleague who is named


class ContactedData(Written):
    channel: str
    direction: str
    outcome: str
    note: NotRequired[str]
    contact_id: NotRequired[int]
    contact: NotRequired[str]
    followup_id: NotRequired[int]
    next_id: NotRequired[int]  # the follow-up that it set


class NotedData(Written):
    note: str


class FollowedUpData(TypedDict):
    followup_id: int
    what: str  # done, postponed, reassigned, dismissed, taken_back
    kind: str
    title: NotRequired[str]
    asked: NotRequired[
        list[dict[str, Any]]
    ]  # codes with figures: what Liuke asked for, where nobody gave it a title
    reason: NotRequired[str]
    until: NotRequired[str]  # ISO instant
    to: NotRequired[str]


class PromisedData(TypedDict):
    text: str
    due_at: NotRequired[str]  # ISO instant
    followup_id: NotRequired[int]


class PromiseKeptData(TypedDict):
    text: str
    late: NotRequired[bool]
    followup_id: NotRequired[int]


class QuotedData(TypedDict):
    number: str


class PurchasedData(TypedDict):
    number: str
    lines: NotRequired[int]
    products: NotRequired[int]
    channel: NotRequired[str]


class RefundedData(TypedDict):
    number: str
    kind: str  # purchases.models.kinds
    reverses: NotRequired[str]


class PaidData(TypedDict):
    number: NotRequired[str]
    method: NotRequired[str]


class ServicedData(TypedDict):
    text: str
    number: NotRequired[str]


class ComplainedData(Written):
    text: str
    number: NotRequired[str]
    contact_id: NotRequired[int]  # the fact of the contact in which it came up


class ResolvedData(Written):
    text: str
    number: NotRequired[str]
    complaint_id: NotRequired[int]  # the fact that it answers


class AnsweredData(TypedDict):
    satisfied: bool
    score: NotRequired[int]
    text: NotRequired[str]


class MergedData(TypedDict):
    merge_id: int
    number: str  # of the record that went into another
    name: str
    into: str  # the number of the one that stayed


class WithdrawnData(TypedDict):
    kind: str  # of the fact that was a slip
    channel: NotRequired[str]  # what it said, so that the entry reads by itself
    outcome: NotRequired[str]
    text: NotRequired[str]


# kind -> (version, payload). A payload that changes its meaning gets the next version; old facts keep theirs.
SHAPES: dict[FactKind, tuple[int, type]] = {
    FactKind.REGISTERED: (1, RegisteredData),
    FactKind.ASSIGNED: (1, AssignedData),
    FactKind.STAGE_CHANGED: (1, StageData),
    FactKind.LAPSED: (1, StageData),
    FactKind.GRADED: (1, GradedData),
    FactKind.CONTACTED: (1, ContactedData),
    FactKind.VISITED: (1, ContactedData),
    FactKind.NOTED: (1, NotedData),
    FactKind.FOLLOWED_UP: (1, FollowedUpData),
    FactKind.PROMISED: (1, PromisedData),
    FactKind.PROMISE_KEPT: (1, PromiseKeptData),
    FactKind.QUOTED: (1, QuotedData),
    FactKind.PURCHASED: (1, PurchasedData),
    FactKind.REFUNDED: (1, RefundedData),
    FactKind.PAID: (1, PaidData),
    FactKind.SERVICED: (1, ServicedData),
    FactKind.COMPLAINED: (1, ComplainedData),
    FactKind.RESOLVED: (1, ResolvedData),
    FactKind.ANSWERED: (1, AnsweredData),
    FactKind.MERGED: (1, MergedData),
    FactKind.SEPARATED: (1, MergedData),
    FactKind.WITHDRAWN: (1, WithdrawnData),
}


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact before it has an id: what `record_many` takes."""

    kind: FactKind
    customer_id: int
    at: datetime
    actor_id: int | None = None
    subject_type: str = ""
    subject_id: int | None = None
    amount_minor: int | None = None
    cost_minor: int | None = None
    currency: str = ""
    data: Mapping[str, Any] | None = None
    key: str | None = None
    batch_id: int | None = None


class BadFact(ValueError):
    """Not the shape of its kind, or an instant without zone: a mistake in our code, not in anybody's data."""


def _accepted(annotation: Any) -> tuple[type, ...]:
    if annotation is Any:
        return (object,)
    parts = get_args(annotation) if not isinstance(annotation, type) else ()
    if annotation in (int, str, bool, NoneType):
        return (annotation,)
    if parts and not hasattr(annotation, "__origin__"):  # a union; list[…] has an origin
        return tuple(kind for part in parts for kind in _accepted(part))
    return (annotation.__origin__,)


_FIELDS: dict[FactKind, dict[str, tuple[type, ...]]] = {
    kind: {name: _accepted(hint) for name, hint in get_type_hints(shape).items()}
    for kind, (_, shape) in SHAPES.items()
}
_REQUIRED: dict[FactKind, frozenset[str]] = {
    kind: cast(Any, shape).__required_keys__ for kind, (_, shape) in SHAPES.items()
}


def version_of(kind: FactKind) -> int:
    return SHAPES[kind][0]


def check(fact: NewFact) -> None:
    """Raises BadFact unless `fact` has the shape of its kind."""
    if fact.at.utcoffset() is None:
        raise BadFact(f"{fact.kind}: {fact.at} has no zone")
    if (fact.amount_minor is not None or fact.cost_minor is not None) and len(fact.currency) != 3:
        raise BadFact(f"{fact.kind}: an amount needs its currency")
    data, fields = fact.data or {}, _FIELDS[fact.kind]
    if missing := _REQUIRED[fact.kind] - data.keys():
        raise BadFact(f"{fact.kind}: without {', '.join(sorted(missing))}")
    for name, value in data.items():
        if name not in fields:
            raise BadFact(f"{fact.kind}: does not carry {name}")
        accepted = fields[name]
        wrong_bool = isinstance(value, bool) and bool not in accepted and object not in accepted
        if not isinstance(value, accepted) or wrong_bool:  # True is an int to Python, not to us
            raise BadFact(f"{fact.kind}: {name} is {value!r}")


class Reaction(Protocol):
    """What follows from facts: called inside their transaction, always with a batch of kinds it asked for.

    A reaction must be idempotent and must not care about the order in which reactions run.
    """

    def __call__(self, facts: "Sequence[Fact]", *, now: datetime) -> None: ...


REACTIONS: dict[FactKind, list[Reaction]] = {}
R = TypeVar("R", bound=Reaction)


def reacts_to(*kinds: FactKind) -> Callable[[R], R]:
    """Marks a function of a slice's reactions.py; all of them are imported when Django starts."""

    def mark(reaction: R) -> R:
        for kind in kinds:
            heard = REACTIONS.setdefault(kind, [])
            if reaction not in heard:
                heard.append(reaction)
        return reaction

    return mark
