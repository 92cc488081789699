"""vCards in and out: 3.0 is written, which every telephone takes; 2.1, 3.0 and 4.0 are read. No database.

Own code of a page rather than a library: those there are write what they read, but read neither the quoted-printable of
2.1 in GBK that Chinese telephones send, nor say which card of a file is wrong.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from liuke.customers.records.rules import Unfit, gettext_noop

LARGEST = 1_000_000  # bytes of a file
MOST = 200  # cards of a file
LINE = 75  # octets, by RFC 2426
TYPES: Mapping[str, str] = {
    "mobile": "TEL;TYPE=CELL",
    "phone": "TEL;TYPE=WORK,VOICE",
    "email": "EMAIL;TYPE=INTERNET",
}
SCHEMES: Mapping[str, str] = {"wechat": "wechat", "whatsapp": "whatsapp"}
ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\r": None})
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
PARTS = re.compile(r"((?:[^\\;]|\\.)*)(?:;|$)", re.DOTALL)
PROPERTY = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<params>(?:;[^:\"]*(?:\"[^\"]*\")?)*?):(?P<value>.*)", re.DOTALL
)


@dataclass(frozen=True)
class Card:
    """A person as a telephone keeps him; `points` are (kind, value)."""

    name: str
    firm: str = ""
    department: str = ""
    title: str = ""
    note: str = ""
    points: tuple[tuple[str, str], ...] = ()


# --- out ---


def written(cards: Iterable[Card]) -> str:
    return "".join(f"{line}\r\n" for card in cards for plain in _lines(card) for line in _folded(plain))


def _lines(card: Card) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"N:{_escaped(card.name)};;;;"
    yield f"FN:{_escaped(card.name)}"
    if card.firm or card.department:
        yield f"ORG:{_escaped(card.firm)}" + (f";{_escaped(card.department)}" if card.department else "")
    if card.title:
        yield f"TITLE:{_escaped(card.title)}"
    for kind, value in card.points:
        if kind in TYPES:
            yield f"{TYPES[kind]}:{_escaped(value)}"
        elif kind in SCHEMES:
            yield f"IMPP:{SCHEMES[kind]}:{_escaped(value)}"
        elif kind == "address":
            yield f"ADR;TYPE=WORK:;;{_escaped(value)};;;;"
    if card.note:
        yield f"NOTE:{_escaped(card.note)}"
    yield "END:VCARD"


def _escaped(text: str) -> str:
    return text.translate(ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line, cut between characters."""
    held, used = "", 0
    for character in line:
        size = len(character.encode())
        if used + size > LINE:
            yield held
            held, used = " ", 1
        held, used = held + character, used + size
    yield held


# --- in ---


def read(content: bytes) -> list[Card]:
    """The cards of a file; raises Unfit where it is none, or too large."""
    if len(content) > LARGEST:
        raise Unfit("file", gettext_noop("This file is larger than 1 MB."))
    cards: list[Card] = []
    card: Card | None = None
    for name, params, value in _properties(_decoded(content)):
        if (name, value.strip().upper()) == ("BEGIN", "VCARD"):
            card = Card("")
        elif card is not None and (name, value.strip().upper()) == ("END", "VCARD"):
            if card.name:
                cards.append(card)
            card = None
        elif card is not None:
            card = _told(card, name, params, value)
    if not cards:
        raise Unfit("file", gettext_noop("There is no vCard in this file."))
    if len(cards) > MOST:
        raise Unfit("file", gettext_noop("Please bring at most %(most)s cards at once."), most=MOST)
    return cards


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace")


def _properties(text: str) -> Iterator[tuple[str, str, str]]:
    """(name, parameters, value) of each line, unfolded; what is no property is passed over."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        soft = lines and lines[-1].endswith("=") and "QUOTED-PRINTABLE" in lines[-1].upper()
        if lines and line[:1] in (" ", "\t"):
            lines[-1] += line[1:]
        elif soft:
            lines[-1] = lines[-1][:-1] + line
        else:
            lines.append(line)
    for line in lines:
        if found := PROPERTY.fullmatch(line):
            params, value = found["params"].upper(), found["value"]
            if "QUOTED-PRINTABLE" in params:
                value = _decoded(quopri.decodestring(value.encode("utf-8", "replace")))
            yield found["name"].upper(), params, value


def _told(card: Card, name: str, params: str, value: str) -> Card:
    parts = [_plain(part) for part in PARTS.findall(value)]
    whole = _plain(value)
    if name == "FN":
        return replace(card, name=whole)
    if name == "N" and not card.name:  # 2.1 knows the parts only: family, given, middle
        return replace(card, name=_called(parts))
    if name == "ORG":
        return replace(card, firm=parts[0], department=parts[1] if len(parts) > 1 else "")
    if name == "TITLE":
        return replace(card, title=whole)
    if name == "NOTE":
        return replace(card, note=whole)
    point = _point(name, params, whole, parts)
    return replace(card, points=(*card.points, point)) if point and point not in card.points else card


def _called(parts: list[str]) -> str:
    """陈 and 晓雨 are one word, Emma and Hartley two."""
    family, given = [*parts, "", ""][:2]
    if not (family + given).isascii():
        return family + given
    return f"{given} {family}".strip()


def _point(name: str, params: str, whole: str, parts: list[str]) -> tuple[str, str] | None:
    if not whole:
        return None
    if name == "TEL":
        if "FAX" in params:
            return None
        return ("mobile" if "CELL" in params else "phone"), whole.removeprefix("tel:")
    if name == "EMAIL":
        return "email", whole.removeprefix("mailto:")
    if name == "IMPP":
        scheme, _colon, account = whole.partition(":")
        return (scheme.lower(), account) if scheme.lower() in SCHEMES and account else None
    if name == "X-WECHAT":
        return "wechat", whole
    if name == "ADR":
        street, city, province = [*parts, *[""] * 7][2:5]
        address = " ".join(part for part in (province, city, street) if part)
        return ("address", address) if address else None
    return None


def _plain(value: str) -> str:
    text = ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return " ".join(text.split())
