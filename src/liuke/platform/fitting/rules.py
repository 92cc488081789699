"""What fits: the checks that a declared choice is made of. Each gives the value in its own type, or says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

GRADES = ("platinum", "gold", "iron", "lead")
GRADING_BASES = ("sales_12m", "margin", "clv")
CURRENCY = re.compile(r"[A-Z]{3}")


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


class Unfit(ValueError):
    """A value that a preference cannot take. `message` is a msgid, `params` fill it once it is translated."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message = message
        self.params = params


def text(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise Unfit(gettext_noop("This is not a text."))
        cleaned = " ".join(value.split())
        if len(cleaned) > limit:
            raise Unfit(gettext_noop("Please keep to %(limit)s characters."), limit=limit)
        return cleaned

    return check


def whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        number = _decimal(value)
        if number != number.to_integral_value():
            raise Unfit(gettext_noop("Please give a whole number."))
        if not low <= number <= high:
            raise Unfit(gettext_noop("Please choose between %(low)s and %(high)s."), low=low, high=high)
        return int(number)

    return check


def number(low: str, high: str) -> Callable[[Any], Decimal]:
    def check(value: Any) -> Decimal:
        given = _decimal(value)
        if not Decimal(low) <= given <= Decimal(high):
            raise Unfit(gettext_noop("Please choose between %(low)s and %(high)s."), low=low, high=high)
        return given

    return check


def choice(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise Unfit(gettext_noop("“%(value)s” is not among the choices."), value=value)
        return str(value)

    return check


def zone(value: Any) -> str:
    if not isinstance(value, str) or value not in available_timezones():
        raise Unfit(gettext_noop("There is no time zone “%(value)s”; one is Asia/Shanghai."), value=value)
    return ZoneInfo(value).key


def currency(value: Any) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if not CURRENCY.fullmatch(code):
        raise Unfit(gettext_noop("A currency has three letters, such as CNY."))
    return code


def percentages(value: Any) -> list[Decimal]:
    """The shares of the four grades, best first (CL02). They are of one whole, so they total 100."""
    if not isinstance(value, list | tuple) or len(value) != len(GRADES):
        raise Unfit(gettext_noop("Please give a percentage for each of the four grades."))
    shares = [_decimal(share) for share in value]
    if any(share <= 0 for share in shares):
        raise Unfit(gettext_noop("Each grade needs more than 0 %%."))
    if sum(shares) != 100:
        raise Unfit(gettext_noop("The percentages must total 100; these total %(total)s."), total=sum(shares))
    return shares


def number_pattern(value: Any) -> str:
    """What stands before a number, then a zero for each of its digits."""
    given = text(30)(value)
    if not re.fullmatch(r"[A-Za-z0-9_./-]{0,20}?0{2,12}", given):
        raise Unfit(gettext_noop("A pattern ends in a zero for each digit, such as C000000 or KH-0000."))
    return given


def several(*allowed: str) -> Callable[[Any], list[str]]:
    def check(value: Any) -> list[str]:
        if not isinstance(value, list | tuple) or not all(one in allowed for one in value):
            raise Unfit(gettext_noop("Please choose from the list."))
        return [name for name in allowed if name in value]

    return check


def names(value: Any) -> dict[str, str]:
    """A company's own words for the grades; a blank keeps the built-in, translated one."""
    if not isinstance(value, Mapping) or set(value) - set(GRADES):
        raise Unfit(gettext_noop("There are four grades: platinum, gold, iron and lead."))
    cleaned = {grade: text(20)(name) for grade, name in value.items()}
    chosen = [name for name in cleaned.values() if name]
    if len({name.casefold() for name in chosen}) != len(chosen):
        raise Unfit(gettext_noop("Two grades cannot have the same name."))
    return {grade: name for grade, name in cleaned.items() if name}


def rates(value: Any) -> dict[str, Decimal]:
    """What one unit of a foreign currency is worth in the company's currency."""
    if not isinstance(value, Mapping):
        raise Unfit(gettext_noop("Please give a rate for each currency."))
    checked = {currency(code): _decimal(rate) for code, rate in value.items()}
    if any(not 0 < rate < 1_000_000 for rate in checked.values()):
        raise Unfit(gettext_noop("A rate is more than 0 and less than a million."))
    return checked


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Unfit(gettext_noop("This is not a number."))
    try:
        given = Decimal(str(value).strip())
    except InvalidOperation:
        raise Unfit(gettext_noop("“%(value)s” is not a number."), value=value) from None
    if not given.is_finite() or abs(given) >= Decimal(10) ** 15:
        raise Unfit(gettext_noop("“%(value)s” is not a number."), value=value)
    exponent = given.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        raise Unfit(gettext_noop("Please give at most six decimals."))
    return given
