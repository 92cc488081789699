"""Whether sample values look like a kind of field: quick shapes for matching columns, not the parsers that decide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from liuke.tabular.columns.fields import Kind

CERTAIN: Final = 0.9  # share of fitting values from which a column without a name is taken for a kind
_LOOKED_AT: Final = 100  # characters of a value; nothing plausible is longer
ENOUGH: Final = 3  # values below which nothing is concluded from them

_DATE: Final = re.compile(
    r"(?:\d{4}[-/.年]\s?\d{1,2}(?:[-/.月]\s?\d{1,2}日?)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|"
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d{1,2}[- ][a-z]{3,9}[- ,]+\d{2,4}|[a-z]{3,9} \d{1,2},? \d{4})"
    r"(?:[T\s,]*(?:[上下]午|am|pm)?\s?\d{1,2}[:时点]\d{0,2}.*|\s?\d{6})?",
    re.IGNORECASE,
)
_SERIAL: Final = re.compile(r"(?:[2-5]\d{4})(?:\.\d+)?|1\d{9}|1\d{12}|(?:19|20)\d{10}(?:\d\d)?")
_MONEY_MARK: Final = r"(?:[¥$€£₩]|[a-z]{3}|元|圆|円|rmb|us\$|hk\$|nt\$)?"
_NUMBER: Final = re.compile(
    rf"[-+−(]?\s?{_MONEY_MARK}\s?[-+−(]?\d[\d,.' \u00a0\u202f]*(?:e[-+]?\d+)?\s?[万亿]?\s?{_MONEY_MARK}\s?[-)]?",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]{2,}")
_PHONE: Final = re.compile(r"\+?[\d\s()/.\-–*#x转ext]{5,30}(?:\.0)?", re.IGNORECASE)
_CURRENCY: Final = re.compile(
    r"[A-Z]{3}|¥|\$|€|£|元|人民币|美元|欧元|港币|日元|英镑|新台币|台币|RMB|US\$|HK\$|NT\$", re.IGNORECASE
)
_TITLED: Final = re.compile(r"[A-Z][a-z]{2,}")
_IDEOGRAPHS: Final = re.compile(r"[\u3400-\u9fff]{2}")
_CODE: Final = re.compile(r"[\w./#:@+*|()-]{1,64}(?: [\w./#:-]{1,16})?")


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return 5 <= digits <= 20 and _PHONE.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    return sum(c.isalpha() for c in text) * 2 >= len(text.replace(" ", ""))


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None and not _is_date(text)


_FITS: Final[Mapping[Kind, Callable[[str], bool]]] = {
    Kind.INSTANT: lambda text: _is_date(text) or _SERIAL.fullmatch(text) is not None,
    Kind.DATE: lambda text: _is_date(text) or _SERIAL.fullmatch(text) is not None,
    Kind.AMOUNT: _is_number,
    Kind.QUANTITY: _is_number,
    Kind.EMAIL: lambda text: _EMAIL.fullmatch(text) is not None,
    Kind.PHONE: _is_phone,
    Kind.CURRENCY: lambda text: _CURRENCY.fullmatch(text) is not None,
    Kind.NAME: _is_name,
    Kind.CODE: _is_code,
}


def share_fitting(kind: Kind, values: Sequence[str]) -> float | None:
    """The share of the values that look like the kind; None when any text will do or there are no values."""
    fits = _FITS.get(kind)
    if fits is None or not values:
        return None
    return sum(fits(_folded(value)) for value in values) / len(values)


def are_names(values: Sequence[str]) -> bool:
    """Whether most of the values read as names: words apart, Chinese characters or a capitalised word, few digits."""
    return bool(values) and sum(reads_as_name(value) for value in values) * 2 > len(values)


def reads_as_name(value: str) -> bool:
    text = _folded(value)
    if sum(c.isdigit() for c in text) * 2 >= len(text):
        return False
    words = [word for word in text.split() if any(c.isalpha() for c in word)]
    return len(words) > 1 or _IDEOGRAPHS.search(text) is not None or _TITLED.fullmatch(text) is not None


def certain_kind(values: Sequence[str]) -> Kind | None:
    """The kind a column shows by its values alone; only kinds that hardly anything else looks like."""
    if len(values) < ENOUGH:
        return None
    texts = [_folded(value) for value in values]
    if _share(texts, _is_date) >= CERTAIN:
        return Kind.INSTANT
    if _share(texts, _FITS[Kind.EMAIL]) >= CERTAIN:
        return Kind.EMAIL
    if _share(texts, _is_currency_code) >= CERTAIN:
        return Kind.CURRENCY
    if _share(texts, _is_number) >= CERTAIN and _share(texts, _has_cents) >= 0.5:
        return Kind.AMOUNT
    return None


def _share(texts: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(fits(text) for text in texts) / len(texts)


def _has_cents(text: str) -> bool:
    return re.search(r"[.,]\d\d\D*$", text) is not None


def _is_currency_code(text: str) -> bool:
    return text.upper() in {
        "CNY",
        "RMB",
        "USD",
        "EUR",
        "HKD",
        "TWD",
        "JPY",
        "GBP",
        "KRW",
        "SGD",
        "AUD",
        "CAD",
        "人民币",
        "美元",
    }


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value[:_LOOKED_AT]).strip()
