"""What a customer record may hold, how it is found, and how its life goes on. No database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import phonenumbers
from django.utils.translation import gettext

from liuke.customers.lookup.rules import HIDDEN_FROM_HERE
from liuke.customers.spelling.rules import digits, fold, letters, only_letters, pinyin

HOME_COUNTRY = "CN"  # of a telephone number that names no country


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


class Unfit(ValueError):
    """A value that a field cannot take. `message` is a msgid; `params` fill it once it is translated."""

    def __init__(self, field: str, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.field, self.message, self.params = field, message, params

    @property
    def text(self) -> str:
        return gettext(self.message) % self.params


@dataclass(frozen=True)
class NewContact:
    """A person at the customer; `points` are (kind, value). A `department` is by its name and comes into being with it."""

    name: str
    title: str = ""
    roles: Sequence[str] = ()
    note: str = ""
    points: Sequence[tuple[str, str]] = ()
    department: str = ""
    office: str = ""  # where the department sits; blank leaves what is known
    influence: int | None = None  # LEAST_INFLUENCE to MOST_INFLUENCE; None is not known
    decision_power: str = ""
    attitude: str = ""


class EditConflict(Exception):
    """Somebody else changed the record in between: field -> (mine, theirs) where the two differ."""

    def __init__(self, fields: Mapping[str, tuple[Any, Any]], version: int) -> None:
        super().__init__(", ".join(fields))
        self.fields, self.version = dict(fields), version


# --- text and choices -------------------------------------------------------------------------------

CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": ("enterprise", "individual"),
    "scope": ("consumer", "b2b", "channel", "internal"),
    "purpose": ("", "end_consumer", "middleman"),
}
LIMITS: Mapping[str, int] = {
    "number": 40,
    "name": 120,
    "source": 80,
    "province": 60,
    "city": 60,
    "address": 240,
    "note": 4000,
    "title": 80,
    "reason": 200,
}
COUNTRY = re.compile(r"[A-Z]{2}|")


def clean(where: str, value: object, *, limit: int | None = None, required: bool = False) -> str:
    """`value` as it is kept: NFC, no control characters, and on one line unless it is a note."""
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise Unfit(where, gettext_noop("There is a character in it that cannot be kept."))
    text = text.strip() if where == "note" else " ".join(text.split())
    if required and not text:
        raise Unfit(where, gettext_noop("Please fill this in."))
    if len(text) > (longest := limit or LIMITS.get(where, 120)):
        raise Unfit(where, gettext_noop("Please keep to %(limit)s characters."), limit=longest)
    return text


def numbered(pattern: str, place: int) -> str:
    """KH-00000 and 42 are KH-00042; what does not fit the zeros grows beyond them."""
    prefix = pattern.rstrip("0")
    return f"{prefix}{place:0{len(pattern) - len(prefix)}d}"


def checked(values: Mapping[str, Any], *, scope: str) -> dict[str, Any]:
    """The fields of a record as they are kept; `scope` says which profile fields it has."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name == "profile":
            kept[name] = checked_profile(scope, value)
        elif name in CHOICES:
            if value not in CHOICES[name]:
                raise Unfit(name, gettext_noop("“%(value)s” is not among the choices."), value=value)
            kept[name] = value
        elif name == "country":
            kept[name] = str(value).strip().upper()
            if not COUNTRY.fullmatch(kept[name]):
                raise Unfit(name, gettext_noop("A country has two letters, such as CN."))
        else:
            kept[name] = clean(name, value, required=name == "name")
    return kept


# --- ways to reach them -----------------------------------------------------------------------------

TELEPHONES = ("mobile", "phone", "whatsapp")
EXTENSION = re.compile(r"(?:转|轉|分机|分機|ext\.?|x|#)\s*(\d{1,6})\s*$", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")


def normal_point(kind: str, value: str, country: str = "") -> str:
    """The one form of `value` in which equal ones are equal: E.164 with extension, folded e-mail or account."""
    written = " ".join(value.split())
    if not (account := fold(written)):
        raise Unfit("points", gettext_noop("This is empty."))
    if kind in TELEPHONES:
        return _telephone(written, country or HOME_COUNTRY)
    if kind == "email":
        address = (
            unicodedata.normalize("NFKC", written).casefold().replace(" ", "")
        )  # O'Brien keeps his apostrophe
        if not EMAIL.fullmatch(address):
            raise Unfit("points", gettext_noop("“%(value)s” is no e-mail address."), value=written)
        return address
    if kind == "address":
        return letters(written) or account
    return account


def _telephone(written: str, country: str) -> str:
    plain = fold(written)
    number, extension = EXTENSION.sub("", plain), EXTENSION.search(plain)
    bare = digits(number)
    if not 3 <= len(bare) <= 20 or any(c.isalpha() for c in number):
        raise Unfit("points", gettext_noop("“%(value)s” is no telephone number."), value=written)
    if len(bare) <= 6:
        return bare  # a short code: 110, 95588
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return bare
    if not phonenumbers.is_possible_number(parsed):
        return bare
    normal = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return f"{normal}x{extension[1]}" if extension else normal


def point_link(kind: str, normal: str) -> str:
    """What calls or writes at a touch; nothing for an address and an account, nor for what is hidden (no normal form)."""
    if not normal:
        return ""
    if kind == "email":
        return f"mailto:{normal}"
    if kind in TELEPHONES:
        number, _x, extension = normal.partition("x")
        return f"tel:{number}" + (f";ext={extension}" if extension else "")
    return ""


CONTACT_ROLES: Mapping[str, str] = {
    "purchasing": gettext_noop("purchasing"),
    "payment": gettext_noop("accounts payable"),
    "decision": gettext_noop("decision"),
    "user": gettext_noop("user of the goods"),
    "technical": gettext_noop("technical"),
    "influencer": gettext_noop("influences"),
    "gatekeeper": gettext_noop("gatekeeper"),
}
LEAST_INFLUENCE, MOST_INFLUENCE = 1, 5
# Authority is the right to decide, to propose or to oppose (CT03): each power is one of these, or none.
DECISION_POWERS: Mapping[str, str] = {
    "none": gettext_noop("has no say"),
    "advise": gettext_noop("proposes and advises"),
    "decide": gettext_noop("decides"),
    "veto": gettext_noop("can say no"),
}
AUTHORITY: Mapping[str, str] = {"advise": "propose", "decide": "decide", "veto": "oppose"}
ATTITUDES: Mapping[str, str] = {
    "supporter": gettext_noop("for us"),
    "neutral": gettext_noop("neutral"),
    "opponent": gettext_noop("against us"),
}


def by_influence(person: Any) -> tuple[int, int, bool, int]:
    """The order of the influence map (CT01): most influence first, at a tie who decides, then who is spoken with first."""
    powers = ("decide", "veto", "advise")
    power = powers.index(person.decision_power) if person.decision_power in powers else len(powers)
    return -(person.influence or 0), power, not person.is_primary, person.pk


def lacks_decider(persons: Iterable[Any]) -> bool:
    """Persons are known, and none of them is known to decide (CT03)."""
    powers = [person.decision_power for person in persons]
    return bool(powers) and "decide" not in powers


# --- search -----------------------------------------------------------------------------------------

COMPANY_WORDS = re.compile(
    r"(?:股份|集团|有限|责任|公司|厂|\b(?:co|ltd|limited|inc|llc|corp|gmbh|sarl|plc|pte|pty|company)\b)"
)
LONGEST_QUERY, MOST_WORDS = 200, 8
LIKE_TELEPHONE = re.compile(r"\+?[\d\s().\-/]{3,}")


def name_key(name: str) -> str:
    """What two spellings of one name share: letters only, without the words that every company has."""
    return key_of_folded(fold(name))


def key_of_folded(plain: str) -> str:
    """The same of a name that is folded already, as a search line has it."""
    return only_letters(COMPANY_WORDS.sub("", plain)) or only_letters(plain)


def search_text(
    *,
    number: str,
    name: str,
    contacts: Iterable[str] = (),
    points: Iterable[tuple[str, str]] = (),
    before: Sequence[tuple[str, str]] = (),
) -> str:
    """The line that the search box looks through; `points` are (value, normal), `before` (number, name) of merged ones.

    Its parts stand between line breaks, which no query has: "\\n" before a word asks for a beginning, after it too for
    the whole. "=…" is the name's key, for duplicates. The ways to reach him stand behind HIDDEN_FROM_HERE.
    """
    parts: list[str] = []
    keys: list[str] = []
    for one in (number, *(old for old, _name in before)):
        parts.append(fold(one))
        if LIKE_TELEPHONE.fullmatch(one):
            parts.append(digits(one))
    names = (name, *(old for _number, old in before))
    for place, person in enumerate((*names, *contacts)):
        plain = fold(person)
        parts.append(plain)
        if place < len(names):
            keys.append("=" + key_of_folded(plain))
        for reading in pinyin(plain):
            parts += [reading.full, reading.initials]
    parts.append(HIDDEN_FROM_HERE)
    for value, normal in points:
        parts.append(normal.removeprefix("+"))
        # As it is written as well, though it stands inside the other: without 86 it is a whole too, and its beginning one.
        parts.append(digits(value) if normal[:1] in "+0123456789" else fold(value))
    parts += keys
    return "\n" + "\n".join(dict.fromkeys(part for part in parts if part)) + "\n"


def search_words(query: str) -> list[str]:
    """The words that all must be found. What looks like a telephone number is one word however it is spaced.

    Signs that no line holds are dropped (a database may refuse NUL), and so is what is longer than any name.
    """
    plain = fold("".join(c if c.isprintable() else " " for c in query[:LONGEST_QUERY]))
    if LIKE_TELEPHONE.fullmatch(plain) and len(bare := digits(plain)) >= 3:
        return [bare[2:] if plain.startswith("00") else bare] if not plain.isdigit() else [plain]
    return plain.replace("=", " ").split()[:MOST_WORDS]


# --- the four scopes (SC07) and the purposes (SC08) ---------------------------------------------------


@dataclass(frozen=True)
class ProfileField:
    name: str
    label: str  # msgid
    kind: str = "text"  # text, whole, date
    limit: int = 120  # longest text, or the greatest number


PROFILE: Mapping[str, Sequence[ProfileField]] = {
    "consumer": (
        ProfileField("household_size", gettext_noop("People in the household"), "whole", 30),
        ProfileField("household", gettext_noop("Household")),
    ),
    "b2b": (
        ProfileField("resale_use", gettext_noop("What they make or resell of it")),
        ProfileField("industry", gettext_noop("Industry")),
        ProfileField("legal_name", gettext_noop("Legal name")),
    ),
    "channel": (
        ProfileField("area", gettext_noop("Sales area")),
        ProfileField("agency_agreement", gettext_noop("Agency agreement")),
        ProfileField("agreement_until", gettext_noop("Agreement valid until"), "date"),
    ),
    "internal": (
        ProfileField("department", gettext_noop("Department")),
        ProfileField("cost_centre", gettext_noop("Cost centre"), limit=40),
    ),
}


def checked_profile(scope: str, profile: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that `scope` has, each in its type; blanks are left out, fields of another scope refused."""
    known = {one.name: one for one in PROFILE[scope]}
    checked: dict[str, Any] = {}
    for name, value in profile.items():
        if name not in known:
            raise Unfit(f"profile.{name}", gettext_noop("Customers of this scope have no such field."))
        if value not in (None, ""):
            checked[name] = _profile_value(known[name], value)
    return checked


def _profile_value(one: ProfileField, value: Any) -> Any:
    where, text = f"profile.{one.name}", " ".join(str(value).split())
    if one.kind == "whole":
        if not re.fullmatch(r"\d{1,6}", fold(text)) or not 1 <= int(fold(text)) <= one.limit:
            raise Unfit(
                where, gettext_noop("Please give a whole number from 1 to %(limit)s."), limit=one.limit
            )
        return int(fold(text))
    if one.kind == "date":
        try:
            return date.fromisoformat(fold(text)).isoformat()
        except ValueError:
            raise Unfit(where, gettext_noop("Please give a date as 2026-11-22.")) from None
    if len(text) > one.limit:
        raise Unfit(where, gettext_noop("Please keep to %(limit)s characters."), limit=one.limit)
    return text


TIPS: Mapping[str, str] = {
    "end_consumer": gettext_noop(
        "many of them, steady demand, small but frequent purchases; make buying easy, stay in touch, be on time"
    ),
    "middleman": gettext_noop(
        "high quality demands, strong price bargaining; prepare quality evidence and price floor"
    ),
}


def tip(purpose: str, own: str = "") -> str:
    """How to treat customers who buy for this purpose: the company's own words, or the built-in ones."""
    return own or (gettext(TIPS[purpose]) if purpose in TIPS else "")


def contact_overdue_days(cadence_days: int, last_contact_on: date | None, today: date) -> int:
    """Days beyond the cadence (CH09): 45 without a contact where 30 are agreed are 15 too many. 0 while within it.

    Without any contact yet there is nothing to measure from: 0.
    """
    if last_contact_on is None:
        return 0
    return max(0, (today - last_contact_on).days - cadence_days)
