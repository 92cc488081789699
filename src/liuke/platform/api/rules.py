"""What the API answers when it cannot do what it is asked (RFC 9457), and the bounds of what it takes. No database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROOT = "/api/v1/"
LARGEST_BODY = 1 << 20
JSON = "application/json"
FORM = "multipart/form-data"  # what files come in
MOST_ROWS = 200  # of one page
FEW_ROWS = 50
KEPT_HOURS = 24  # how long the answer to an Idempotency-Key is kept
KEY = re.compile(r"[\x21-\x7e]{1,200}")
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # in JSON; PostgreSQL keeps no NUL, and nobody types one
ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


@dataclass(frozen=True)
class ProblemKind:
    """`title` says what it is, `remedy` what to do about it where the problem itself has nothing closer to say."""

    status: int
    title: str
    remedy: str


# The name is the fragment of the problem's type; it stays as it is once released.
PROBLEMS: Mapping[str, ProblemKind] = {
    "bad-request": ProblemKind(
        400, gettext_noop("This request can't be read"), gettext_noop("Send a JSON object in UTF-8.")
    ),
    "unauthenticated": ProblemKind(
        401,
        gettext_noop("There is no token"),
        gettext_noop("Send “Authorization: Bearer” with a token from your profile page."),
    ),
    "token-refused": ProblemKind(
        401,
        gettext_noop("This token opens nothing"),
        gettext_noop("Make a new one on your profile page."),
    ),
    "scope-missing": ProblemKind(
        403,
        gettext_noop("The token is not for this"),
        gettext_noop("Make a token with the scope that this takes."),
    ),
    "not-allowed": ProblemKind(
        403,
        gettext_noop("Your role does not allow this"),
        gettext_noop("Ask your administrator if you need it. The attempt has been noted."),
    ),
    "not-found": ProblemKind(
        404,
        gettext_noop("Nothing here"),
        gettext_noop("It may have been removed, or it belongs to customers you don't look after."),
    ),
    "method-not-allowed": ProblemKind(
        405,
        gettext_noop("This address does not take that method"),
        gettext_noop("The header Allow names those it takes."),
    ),
    "duplicate": ProblemKind(
        409,
        gettext_noop("Somebody like that is there already"),
        gettext_noop("Those whom you may see stand under “known”. Send “anyway”: true to add another one."),
    ),
    "not-looked": ProblemKind(
        409,
        gettext_noop("You have not looked at the card before this visit"),
        gettext_noop(
            "Open the customer's card first. Or send “anyway”: true; the visit then counts as one begun without a look."
        ),
    ),
    "closed-already": ProblemKind(
        409, gettext_noop("Somebody was quicker"), gettext_noop("Read it again before you go on.")
    ),
    "not-now": ProblemKind(
        409, gettext_noop("This can't be done as it stands"), gettext_noop("Read it again before you go on.")
    ),
    "edit-conflict": ProblemKind(
        412,
        gettext_noop("Somebody changed this meanwhile"),
        gettext_noop(
            "Read it again, look at both values under “conflicts”, and send your change with the new ETag."
        ),
    ),
    "too-large": ProblemKind(
        413, gettext_noop("This is too large"), gettext_noop("Send less at once; a request may have 1 MB.")
    ),
    "not-json": ProblemKind(
        415,
        gettext_noop("This is not JSON"),
        gettext_noop("Send JSON and say so with “Content-Type: application/json”."),
    ),
    "not-a-form": ProblemKind(
        415,
        gettext_noop("This is no form with a file"),
        gettext_noop("Send files as “multipart/form-data”, as a browser's form does."),
    ),
    "invalid": ProblemKind(
        422,
        gettext_noop("Something in it does not fit"),
        gettext_noop("Each field that does not fit stands under “errors”."),
    ),
    "key-used": ProblemKind(
        422,
        gettext_noop("This Idempotency-Key stands for another request"),
        gettext_noop("Use a new key for each new request, the same one only to send the same again."),
    ),
    "version-needed": ProblemKind(
        428,
        gettext_noop("Say which version you have read"),
        gettext_noop("Send the ETag that you got as “If-Match”, so that nobody's change is overwritten."),
    ),
    "too-many": ProblemKind(
        429,
        gettext_noop("Too many calls"),
        gettext_noop("Wait as long as the header Retry-After says."),
    ),
    "broken": ProblemKind(
        500,
        gettext_noop("That did not work"),
        gettext_noop("Something broke on our side and was noted. Nothing was half-saved. Try again later."),
    ),
}


@dataclass(frozen=True)
class Wrong:
    """One field that does not fit: where it stands (a JSON pointer into the body, or the name of a parameter), and why."""

    field: str
    detail: str
    pointer: str = ""

    def plain(self) -> dict[str, str]:
        where = {"pointer": self.pointer} if self.pointer else {"parameter": self.field}
        return {"field": self.field, **where, "detail": self.detail}


class Problem(Exception):
    """Answers the call with this problem; `detail` is in the reader's language already."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(name)
        self.name, self.detail, self.errors = name, detail, list(errors)
        self.headers, self.more = dict(headers or {}), more


def pointer(path: Sequence[str | int]) -> str:
    """RFC 6901: /lines/0/amount."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


# What pydantic finds wrong, by its code, as people are told.
MESSAGES: Mapping[str, str] = {
    "missing": gettext_noop("Please fill this in."),
    "extra_forbidden": gettext_noop("There is no such field."),
    "string_type": gettext_noop("This is not a text."),
    "string_too_long": gettext_noop("Please keep to %(max_length)s characters."),
    "string_too_short": gettext_noop("Please fill this in."),
    "int_type": gettext_noop("Please give a whole number."),
    "int_parsing": gettext_noop("Please give a whole number."),
    "int_from_float": gettext_noop("Please give a whole number."),
    "int_parsing_size": gettext_noop("This number is too large."),
    "greater_than_equal": gettext_noop("Please give at least %(ge)s."),
    "less_than_equal": gettext_noop("Please give at most %(le)s."),
    "bool_type": gettext_noop("Please give true or false."),
    "bool_parsing": gettext_noop("Please give true or false."),
    "literal_error": gettext_noop("Please choose one of these: %(expected)s."),
    "date_from_datetime_parsing": gettext_noop("Please give a date as 2026-11-22."),
    "date_parsing": gettext_noop("Please give a date as 2026-11-22."),
    "date_type": gettext_noop("Please give a date as 2026-11-22."),
    "datetime_from_date_parsing": gettext_noop(
        "Please give an instant with its zone, as 2026-11-22T09:30:00+08:00."
    ),
    "datetime_parsing": gettext_noop("Please give an instant with its zone, as 2026-11-22T09:30:00+08:00."),
    "datetime_type": gettext_noop("Please give an instant with its zone, as 2026-11-22T09:30:00+08:00."),
    "timezone_aware": gettext_noop("Please give an instant with its zone, as 2026-11-22T09:30:00+08:00."),
    "year": gettext_noop("Please give a year from 1800 to 2199."),
    "list_type": gettext_noop("Please give a list."),
    "too_long": gettext_noop("These are too many; at most %(max_length)s."),
    "too_short": gettext_noop("Please give at least one."),
    "dict_type": gettext_noop("Please give a JSON object."),
    "model_attributes_type": gettext_noop("Please give a JSON object."),
}
OTHERWISE = gettext_noop("This value does not fit here.")


def digest_of(method: str, path: str, body: bytes) -> str:
    """What makes a request the same request."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode("utf-8", "replace"), body))).hexdigest()


def version_in(if_match: str) -> int | None:
    """The version that an If-Match names; None for what is no ETag of ours. A proxy that compresses makes it weak (W/…)."""
    match = ETAG.fullmatch(if_match.strip())
    return int(match[1]) if match else None
