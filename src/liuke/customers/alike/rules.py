"""How alike two customers are: what of them is compared, what each likeness weighs, and how it is told. No database.

The same rules judge a million customers at night, a column at a time, and the one who is being typed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, TypeAlias

import numpy as np
from django.utils.translation import gettext
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from liuke.customers.records.rules import gettext_noop
from liuke.customers.spelling.rules import digits, fold, letters, pinyin

Numbers: TypeAlias = "np.ndarray[Any, Any]"
Texts: TypeAlias = Sequence[str]

# What says nothing of who a firm is: legal forms of the countries that our customers' customers trade with.
FORMS: Final = re.compile(
    r"股份|集团|有限|责任|公司|厂|商行|商店|经营部|株式会社|合伙企业|普通合伙|个体工商户"
    r"|\b(?:co|ltd|limited|inc|incorporated|llc|llp|corp|corporation|company|gmbh|mbh|ag|kg|ug|sarl|sas|sa|srl|spa|bv|nv"
    r"|oy|oyj|ab|as|aps|plc|pte|pty|sdn|bhd|kk|the|and)\b"
)
PLACE_ENDINGS: Final = re.compile(r"[省市区县]$")
CHINESE: Final = re.compile(r"[㐀-鿿]")
MOBILE: Final = re.compile(r"\+861[3-9]\d{9}")
EXTENSION: Final = re.compile(r"x\d+$")
FEW_DIGITS: Final = 7  # 110 and 95588 are nobody's own
SHORT_NAME, SHORT_LATIN = 4, 8  # of a firm; shorter ones are borne by many
LEAST_HALF, LEAST_HALF_LATIN = 2, 4
LEAST_ADDRESS: Final = 6


class Same(IntFlag):
    """What two customers share."""

    MOBILE = 1
    PHONE = 2
    MAIL = 4
    ACCOUNT = 8  # WeChat, WhatsApp
    ADDRESS = 16
    NAME = 32  # as it sounds
    HALF = 64  # of the name


@dataclass(frozen=True, slots=True)
class Traits:
    """A customer as he is compared."""

    core: str  # the name without legal form, its words in one order
    sound: str  # in pinyin
    is_firm: bool
    city: str
    address: str
    figures: str  # store 12 is not store 21


def traits(name: str, *, kind: str, city: str = "", address: str = "") -> Traits:
    plain = fold(name)
    bare = FORMS.sub(" ", plain)
    core = _bare(bare) or _bare(plain)
    if CHINESE.search(core):
        readings = pinyin(core)
        sound = readings[0].full if readings else core
    else:
        sound = core
        words = re.findall(r"[^\W_]+", bare) or [core]
        core = "".join(sorted(words))
    return Traits(
        core=core,
        sound=sound,
        is_firm=kind == "enterprise",
        city=_place(city),
        address=_bare(fold(address)) if address else "",
        figures=digits(plain),
    )


def _bare(folded: str) -> str:
    return "".join(filter(str.isalnum, folded))


@lru_cache(4_096)
def _place(city: str) -> str:
    return PLACE_ENDINGS.sub("", letters(city))


def name_keys(one: Traits) -> Iterator[tuple[Same, str]]:
    """Two who share one of these are looked at: the name as it sounds, either half of it, the address."""
    # Of persons there are thousands of one name: only those of one place are looked at for it.
    where = "" if one.is_firm else one.city
    yield Same.NAME, f"{one.sound}|{where}"
    if one.core != one.sound and not CHINESE.search(one.core):
        yield Same.NAME, f"{one.core}|{where}"
    least = LEAST_HALF if CHINESE.search(one.core) else LEAST_HALF_LATIN
    if len(one.core) >= 2 * least:
        middle = len(one.core) // 2
        yield Same.HALF, f"{one.core[:middle]}<{where}"
        yield Same.HALF, f"{one.core[-middle:]}>{where}"
    if len(one.address) >= LEAST_ADDRESS:
        yield Same.ADDRESS, one.address.removeprefix(one.city)


def point_key(kind: str, normal: str) -> tuple[Same, str] | None:
    """By which a number or account is the same; None for what tells nobody apart."""
    if kind in ("mobile", "phone", "whatsapp"):
        number = EXTENSION.sub("", normal)
        if len(digits(number)) < FEW_DIGITS:
            return None
        return (Same.MOBILE if kind != "phone" or MOBILE.fullmatch(number) else Same.PHONE), number
    if kind == "email":
        return Same.MAIL, normal
    if kind == "wechat":
        return Same.ACCOUNT, normal
    return (Same.ADDRESS, normal) if kind == "address" and len(normal) >= LEAST_ADDRESS else None


# --- weighed --------------------------------------------------------------------------------------------

# Points that each likeness brings. From ENOUGH on a pair is proposed: one way to reach them and a name that does not
# contradict, or a firm's whole name, or a name nearly so with something beside it. benchmarks/duplicates.py measures them.
ENOUGH: Final = 3.0
ENOUGH_TYPED: Final = (
    2.4  # of one who is being typed in: a question is answered at a glance, a wrong proposal takes a look
)
WEIGHTS: Final[Mapping[Same, float]] = {
    Same.MOBILE: 4.0,
    Same.MAIL: 4.0,
    Same.ACCOUNT: 4.0,
    Same.PHONE: 3.0,
    Same.ADDRESS: 2.0,
}
# How alike the names are -> points for firms and for persons, the highest first. A near name in the same city is not enough
# (2.4 and 0.5): of the pairs that it would bring by itself two in three are wrong (measured).
NAMES: Final[Sequence[tuple[float, float, float]]] = (
    (99.9, 3.5, 1.5),
    (90.0, 2.4, 1.0),
    (80.0, 1.5, 0.5),
    (60.0, 0.0, -0.5),
    (0.0, -1.0, -1.5),
)
SHORT, SAME_CITY, OTHER_CITY, OTHER_FIGURES, OTHER_KIND = -2.0, 0.5, -1.5, -3.0, -0.5
# Numbers and addresses that both have: nearly the same is a slip, quite another speaks against it.
NEAR_NUMBER, OTHER_NUMBER, NEAR_ADDRESS, OTHER_ADDRESS = 1.5, -0.7, 1.0, -0.7
SLIPS: Final = 2  # figures of a number that are wrong or have changed places
ALIKE_ADDRESS, UNLIKE_ADDRESS = 80.0, 50.0
UNKNOWN: Final = -1.0


@dataclass(frozen=True)
class Compared:
    """Pairs, a column for each thing that is compared; all of one length."""

    shared: Numbers  # Same
    names: Numbers  # 0 to 100
    addresses: Numbers  # 0 to 100, UNKNOWN where one has none
    slips: Numbers  # figures in which two numbers differ, UNKNOWN where one has none
    firms: Numbers  # both are
    short: Numbers  # one of the names
    city: Numbers  # 1 same, -1 other, 0 not known
    figures: Numbers  # other ones in the name
    kinds: Numbers  # a firm and a person


def alike_names(cores: Texts, others: Texts, sounds: Texts, heard: Texts) -> Numbers:
    """0 to 100 for each pair of names: as they are written, or as they sound where that is nearer."""
    written: Numbers = process.cpdist(cores, others, scorer=fuzz.ratio)
    spoken = process.cpdist(sounds, heard, scorer=fuzz.ratio)
    # The same sound from other characters is a slip of the keyboard, or another name: not quite the same.
    found: Numbers = np.maximum(written, np.where(spoken >= 99.9, spoken - 4.0, spoken - 8.0))
    return found


def alike_addresses(one: Texts, other: Texts) -> Numbers:
    both = np.array([bool(a and b) for a, b in zip(one, other, strict=True)])
    return np.where(both, process.cpdist(one, other, scorer=fuzz.ratio), UNKNOWN)


def slips_between(one: Texts, other: Texts) -> Numbers:
    both = np.array([bool(a and b) for a, b in zip(one, other, strict=True)])
    return np.where(both, process.cpdist(one, other, scorer=Levenshtein.distance), UNKNOWN)


def weigh(pairs: Compared) -> Numbers:
    """Points of each pair."""
    points = np.zeros(len(pairs.names))
    for what, weight in WEIGHTS.items():
        same = (pairs.shared & int(what)) > 0
        if what is Same.ADDRESS:  # there is a People's Road in every city
            same = same & (pairs.city >= 0)
        points += np.where(same, weight, 0.0)
    for_firms, for_persons = np.zeros(len(points)), np.zeros(len(points))
    for least, firm, person in reversed(NAMES):
        for_firms = np.where(pairs.names >= least, firm, for_firms)
        for_persons = np.where(pairs.names >= least, person, for_persons)
    points += np.where(pairs.firms, for_firms, for_persons)
    points += np.where(pairs.short & pairs.firms & (pairs.names >= 80), SHORT, 0.0)
    points += np.select([pairs.city > 0, pairs.city < 0], [SAME_CITY, OTHER_CITY], 0.0)
    points += np.where(pairs.figures, OTHER_FIGURES, 0.0) + np.where(pairs.kinds, OTHER_KIND, 0.0)
    reached = (pairs.shared & int(Same.MOBILE | Same.PHONE)) > 0
    near = ~reached & (pairs.slips >= 0) & (pairs.slips <= SLIPS)
    points += np.select([near, ~reached & (pairs.slips > SLIPS)], [NEAR_NUMBER, OTHER_NUMBER], 0.0)
    located = (pairs.shared & int(Same.ADDRESS)) > 0
    close = ~located & (pairs.addresses >= ALIKE_ADDRESS)
    points += np.select(
        [close, ~located & (pairs.addresses >= 0) & (pairs.addresses < UNLIKE_ADDRESS)],
        [NEAR_ADDRESS, OTHER_ADDRESS],
        0.0,
    )
    return points


def score(points: Numbers) -> Numbers:
    """0 to 99 as people read it: 50 is where a proposal begins."""
    return np.clip(np.rint(50 + 10 * (points - ENOUGH)), 0, 99).astype(int)


def is_short(core: str) -> bool:
    return len(core) < (SHORT_NAME if CHINESE.search(core) else SHORT_LATIN)


def reasons(shared: int, *, name: float, city: int, slips: float) -> list[dict[str, Any]]:
    """Codes with figures, the weightiest first; the interface makes sentences of them."""
    told: list[dict[str, Any]] = [
        {"code": code}
        for what, code in (
            (Same.MOBILE, "same_mobile"),
            (Same.MAIL, "same_mail"),
            (Same.ACCOUNT, "same_account"),
            (Same.PHONE, "same_phone"),
            (Same.ADDRESS, "same_address"),
        )
        if shared & what
    ]
    if name >= 99.9:
        told.append({"code": "same_name"})
    elif name >= 80:
        told.append({"code": "near_name", "percent": round(name)})
    if not shared & (Same.MOBILE | Same.PHONE) and 0 <= slips <= SLIPS:
        told.append({"code": "near_number"})
    if city > 0:
        told.append({"code": "same_city"})
    return told


REASONS: Final[Mapping[str, str]] = {
    "same_mobile": gettext_noop("same mobile number"),
    "same_mail": gettext_noop("same e-mail address"),
    "same_account": gettext_noop("same WeChat or WhatsApp account"),
    "same_phone": gettext_noop("same telephone number"),
    "same_address": gettext_noop("same address"),
    "same_name": gettext_noop("same name but for the legal form"),
    "near_name": gettext_noop("names %(percent)s%% alike"),
    "near_number": gettext_noop("numbers that differ by a slip"),
    "same_city": gettext_noop("same city"),
}


def sentences(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """What speaks for a pair, in the reader's language; a code of another release is left out."""
    meant = [(REASONS.get(one["code"]), one) for one in told]
    return [gettext(message) % one for message, one in meant if message]


def digest(*sides: str) -> str:
    """Of what two were compared by: as long as it is the same, what somebody has decided about them holds."""
    return blake2b("\n".join(sorted(sides)).encode(), digest_size=8).hexdigest()
