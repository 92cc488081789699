"""Currencies by code, name and sign, and how many decimals each has (ISO 4217)."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

from typing import Final

from liuke.tabular.arrow import Array, Column, pa
from liuke.tabular.values.parsing import Parsed, no_codes, per_distinct, tidied
from liuke.tabular.values.writing import as_text

_TWO: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
    "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)
_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"

DECIMALS: Final[dict[str, int]] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
}

_DOLLARS: Final = frozenset(
    ["USD", "HKD", "TWD", "AUD", "CAD", "SGD", "NZD", "MXN", "BND", "FJD", "MOP", "ARS", "CLP", "COP"]
)
_YUAN: Final = frozenset(["CNY", "HKD", "TWD", "MOP"])  # 元 without a country

# What may stand before or after an amount, and the currencies it can mean; the first is meant when it stands alone.
SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "¥": ("CNY", "JPY"),
    "元": ("CNY", *sorted(_YUAN - {"CNY"})),
    "圆": ("CNY", "HKD", "TWD"),
    "圓": ("TWD", "HKD", "CNY"),
    "块": ("CNY",),
    "元整": ("CNY", *sorted(_YUAN - {"CNY"})),
    "人民币": ("CNY",),
    "人民幣": ("CNY",),
    "RMB": ("CNY",),
    "RMB¥": ("CNY",),
    "CNH": ("CNY",),
    "CN¥": ("CNY",),
    "JP¥": ("JPY",),
    "円": ("JPY",),
    "日元": ("JPY",),
    "日圆": ("JPY",),
    "日圓": ("JPY",),
    "$": ("USD", *sorted(_DOLLARS - {"USD"})),
    "US$": ("USD",),
    "美元": ("USD",),
    "美金": ("USD",),
    "HK$": ("HKD",),
    "港元": ("HKD",),
    "港币": ("HKD",),
    "港幣": ("HKD",),
    "NT$": ("TWD",),
    "新台币": ("TWD",),
    "新台幣": ("TWD",),
    "新臺幣": ("TWD",),
    "台币": ("TWD",),
    "台幣": ("TWD",),
    "A$": ("AUD",),
    "AU$": ("AUD",),
    "澳元": ("AUD",),
    "C$": ("CAD",),
    "CA$": ("CAD",),
    "加元": ("CAD",),
    "S$": ("SGD",),
    "新元": ("SGD",),
    "新加坡元": ("SGD",),
    "NZ$": ("NZD",),
    "R$": ("BRL",),
    "€": ("EUR",),
    "欧元": ("EUR",),
    "歐元": ("EUR",),
    "£": ("GBP",),
    "英镑": ("GBP",),
    "英鎊": ("GBP",),
    "₩": ("KRW",),
    "韩元": ("KRW",),
    "韓元": ("KRW",),
    "₹": ("INR",),
    "₽": ("RUB",),
    "卢布": ("RUB",),
    "฿": ("THB",),
    "泰铢": ("THB",),
    "₫": ("VND",),
    "₺": ("TRY",),
    "₱": ("PHP",),
    "₴": ("UAH",),
    "₪": ("ILS",),
    "RM": ("MYR",),
    "瑞士法郎": ("CHF",),
    "澳门元": ("MOP",),
    "澳門元": ("MOP",),
}
_BY_UPPER: Final = {
    **{sign.upper(): codes for sign, codes in SIGNS.items()},
    **{code: (code,) for code in DECIMALS},
}


def decimals(currency: str) -> int:
    """The number of decimals; ValueError for an unknown code, since a wrong guess is a factor of a hundred."""
    try:
        return DECIMALS[currency]
    except KeyError:
        raise ValueError(f"unknown currency {currency!r}") from None


def named(sign: str) -> tuple[str, ...]:
    """The currencies a sign, name or code can mean, the usual one first; empty when it means none."""
    return _BY_UPPER.get(sign.strip().rstrip(".").upper(), ())


def parse_currency(column: Column) -> Parsed:
    """Codes of currencies from codes, names and signs: 人民币, RMB and ¥ are CNY."""
    return per_distinct(tidied(as_text(column)), _each)


def _each(text: Array) -> Parsed:
    values: list[str | None] = []
    codes: list[str | None] = []
    for word in text.to_pylist():
        meant = named(word) if word is not None else ()
        values.append(meant[0] if meant else None)
        codes.append("currency_unknown" if word is not None and not meant else None)
    if not any(codes):
        return Parsed(pa.array(values, pa.string()), no_codes(len(text)))
    return Parsed(pa.array(values, pa.string()), pa.array(codes, pa.string()))
