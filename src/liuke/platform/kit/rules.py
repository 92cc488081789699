"""How figures, dates and names look in each language. No Django: the language is an argument."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_precision,
)

LOCALES = {"zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_TW", "en": "en"}
MINUS = "−"
# those that come first where one is chosen
CURRENCIES = (
    "CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY",
    "KRW", "SGD", "AUD", "CAD", "CHF", "MYR", "THB", "VND",
)  # fmt: skip


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale of one of our languages; what we don't speak is shown in English forms."""
    return Locale.parse(LOCALES.get(language.lower(), "en"))


def html_language(language: str) -> str:
    """The tag for <html lang>: fonts and screen readers choose by it."""
    return {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(language.lower(), language)


# Money and numbers. The same few thousand figures and days are written on every page; Babel takes a quarter of a
# millisecond for each, which was a third of a list's time.

KEPT = 16_384


def currencies(language: str, *further: str) -> list[tuple[str, str]]:
    """Currencies to choose from, with their names: the frequent ones, then the further ones."""
    locale = locale_of(language)
    codes = dict.fromkeys((*CURRENCIES, *further))
    return [(code, f"{code} {get_currency_name(code, locale=locale)}") for code in codes]


def minor_digits(currency: str) -> int:
    return get_currency_precision(currency) if currency else 2


def major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))


@cache
def _whole_pattern(language: str) -> str:
    """The locale's currency pattern without its decimals: `¤#,##0`."""
    pattern: str = locale_of(language).currency_formats["standard"].pattern
    return pattern.split(";")[0].replace(".00", "")


@lru_cache(KEPT)
def money_text(minor: int, currency: str, language: str, *, exact: bool = False, short: bool = False) -> str:
    """`exact` shows the cents; `short` rounds to 万 or K; by default whole units, as lists are read. What would round to nothing
    shows its cents: ¥0 would say that there is none."""
    amount = major(minor, currency)
    locale = locale_of(language)
    if not currency:
        return number_text(amount, language, decimals=2 if exact else 0)
    if short and abs(amount) >= 10_000:
        text = format_compact_currency(amount, currency, locale=locale, fraction_digits=1)
        text = re.sub(r"\d{4,}", lambda digits: f"{int(digits[0]):,}", text)
    elif exact or 0 < abs(amount) < Decimal("0.5"):
        text = format_currency(amount, currency, locale=locale)
    else:
        whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
        text = format_currency(
            whole, currency, format=_whole_pattern(language), locale=locale, currency_digits=False
        )
    return _yuan(text, language).replace("-", MINUS)


def _yuan(text: str, language: str) -> str:
    """To a Chinese reader, in either script, ¥ is the yuan, and the yen is JP¥; CLDR has it the other way for Taiwan."""
    if language.lower() != "zh-hant":
        return text
    return text.replace("CN¥", "¥") if "CN¥" in text else text.replace("¥", "JP¥")


@lru_cache(KEPT)
def number_text(value: Decimal | float | int, language: str, *, decimals: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=locale_of(language)).replace("-", MINUS)


@lru_cache(KEPT)
def percent_text(fraction: Decimal | float, language: str, *, decimals: int = 0, signed: bool = False) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "%"
    text = format_percent(fraction, format=pattern, locale=locale_of(language)).replace("-", MINUS)
    return f"+{text}" if signed and fraction > 0 else text


# Days and instants


class Form(StrEnum):
    """How a day is written: Nov 22 · Nov 22, 2026 · Sun, Nov 22 · Nov 2026 · Sunday, November 22, 2026."""

    SHORT = "short"
    FULL = "full"
    WEEKDAY = "weekday"
    MONTH = "month"
    LONG = "long"


_SKELETONS = {Form.FULL: "yMMMd", Form.WEEKDAY: "MMMEd", Form.MONTH: "yMMM", Form.LONG: "yMMMMEEEEd"}


@lru_cache(KEPT)
def day_text(day: date, language: str, *, today: date, form: Form = Form.SHORT) -> str:
    """A short day carries its year when that isn't this one."""
    skeleton = _SKELETONS.get(form) or ("MMMd" if day.year == today.year else "yMMMd")
    locale = locale_of(language)
    if form in {Form.WEEKDAY, Form.LONG} and locale.language == "zh":
        # CLDR glues the weekday to the day (22日周日); Chinese office writing sets it apart: 11月22日 星期日
        date_part = format_skeleton("MMMd" if form is Form.WEEKDAY else "yMMMd", day, locale=locale)
        return f"{date_part} {format_date(day, 'EEEE', locale=locale)}"
    return format_skeleton(skeleton, day, locale=locale)


def country_text(code: str, language: str) -> str:
    """The name of an ISO 3166 country; a code that CLDR doesn't know stands for itself."""
    return str(locale_of(language).territories.get(code, code))


def clock_text(at: datetime) -> str:
    return f"{at:%H:%M}"  # the same in every language; a list of customers has a hundred of them


@dataclass(frozen=True)
class Distance:
    """How far an instant lies from now, in the one unit a person would use. Past is negative."""

    unit: str  # now, minutes, hours, days, years
    count: int


def distance(at: datetime, now: datetime) -> Distance:
    """Minutes and hours within the same day, then calendar days: at 9:00, 23:50 of last night is yesterday.

    Both instants must already be in the reader's zone.
    """
    days = (at.date() - now.date()).days
    sign = -1 if at < now else 1
    apart = abs(at - now)
    if apart < timedelta(minutes=1):
        return Distance("now", 0)
    if days == 0 or apart < timedelta(hours=1):
        minutes = int(apart.total_seconds() // 60)
        return (
            Distance("minutes", sign * minutes) if minutes < 60 else Distance("hours", sign * (minutes // 60))
        )
    if abs(days) < 730:
        return Distance("days", days)
    return Distance("years", sign * (abs(days) // 365))


def initials(name: str) -> str:
    """What an avatar shows: the given name of a Chinese name (陈晓雨 → 晓雨), the initials of others."""
    name = name.strip()
    if not name:
        return "?"
    if "\u4e00" <= name[0] <= "\u9fff":
        return name[-2:] if len(name) > 2 else name[-1]
    words = name.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(key: int) -> int:
    """One of the six avatar colours, the same for a person everywhere."""
    return (key * 7 + 3) % 6


# A message of Django's has no place for where it is taken back, but for tags.
UNDO = "undo:"


def undo_tag(address: str) -> str:
    return UNDO + address if address else ""


def undo_of(tags: str | None) -> str:
    return tags.removeprefix(UNDO) if tags and tags.startswith(UNDO) else ""


# Drawings


@dataclass(frozen=True)
class Series:
    """One line or set of bars. `tone` is a token's name, so a chart follows the theme; `hrefs` open what is behind each value."""

    name: str
    values: Sequence[float | int | tuple[float, float] | None]
    tone: str = "jade"
    form: str = ""  # bar, line, area, points: where it differs from the chart's
    dashed: bool = False
    hrefs: Sequence[str] = ()


@dataclass(frozen=True)
class Chart:
    """What a chart says, apart from how it is drawn: the same values make the table behind it.

    `form`: line, area, bar, stack (bars on each other), hbar (lying bars), xy (values are pairs).
    `unit`: number, percent (values are fractions), money (values are minor units of `currency`).
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    form: str = "line"
    unit: str = "number"
    currency: str = ""
    decimals: int = 0
    label_title: str = ""
    x_unit: str = "number"
    note: str = ""
    height: str = "m"

    def value_text(self, value: float | int | None, language: str, *, unit: str = "") -> str:
        if value is None:
            return "–"
        match unit or self.unit:
            case "money":
                return money_text(int(value), self.currency, language)
            case "percent":
                return percent_text(value, language, decimals=self.decimals)
            case _:
                return number_text(value, language, decimals=self.decimals)

    def shown(self, value: float | int | None) -> float | None:
        """The number that is drawn: money in its major unit."""
        if value is None:
            return None
        return float(major(int(value), self.currency)) if self.unit == "money" else float(value)


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float
    title: str


@dataclass(frozen=True)
class Rhythm:
    """A customer's orders on a line of time: bars by amount, the gap since, when the next one was or is usual."""

    bars: list[Bar]
    last_x: float
    today_x: float
    usual_x: float | None
    window: tuple[float, float] | None
    start_on: date


def letters_width(text: str, size: float) -> float:
    """About how wide a line is drawn: a Chinese sign is as wide as it is high, other letters a little over half of it."""
    return sum(size if letter > "\u2e7f" else 0.58 * size for letter in text)


RHYTHM_WIDTH, RHYTHM_BASE, RHYTHM_TOP, RHYTHM_MARGIN = 320.0, 58.0, 16.0, 14.0


def rhythm_of(
    orders: Sequence[tuple[date, int, str]],
    *,
    today: date,
    usual_gap_days: float | None = None,
    window: tuple[date, date] | None = None,
    days: int = 365,
) -> Rhythm | None:
    """Places the orders (day, amount, title) of the last `days` days, or of the last eight when they lie further back."""
    if not orders:
        return None
    orders = sorted(orders)
    start = max(orders[0][0], min(today - timedelta(days=days), orders[-min(8, len(orders))][0]))
    seen = [order for order in orders if order[0] >= start]
    last = seen[-1][0]
    usual = last + timedelta(days=round(usual_gap_days)) if usual_gap_days else None
    end = max(
        [
            today,
            *([window[1]] if window else []),
            *([usual] if usual and usual < today + timedelta(days=days) else []),
        ]
    )
    span = max(1, (end - start).days)
    room = RHYTHM_WIDTH - 2 * RHYTHM_MARGIN

    def x(on: date) -> float:
        return round(RHYTHM_MARGIN + room * min(max((on - start).days, 0), span) / span, 1)

    highest = max((amount for _, amount, _ in seen), default=0) or 1
    bars = []
    for on, amount, title in seen:
        height = round(max(3.0, (RHYTHM_BASE - RHYTHM_TOP) * max(amount, 0) / highest), 1)
        bars.append(Bar(x(on), round(RHYTHM_BASE - height, 1), height, title))
    return Rhythm(
        bars=bars,
        last_x=x(last),
        today_x=x(today),
        usual_x=x(usual) if usual and start <= usual <= end else None,
        window=(x(window[0]), x(window[1])) if window else None,
        start_on=start,
    )


def polyline(values: Sequence[float | None], *, width: float = 96, height: float = 24, pad: float = 2) -> str:
    """The points of a sparkline; a missing value is skipped."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step = (width - 2 * pad) / (len(values) - 1)
    rise = (height - 2 * pad) / ((high - low) or 1)
    return " ".join(
        f"{pad + i * step:.1f},{height - pad - (value - low) * rise:.1f}"
        for i, value in enumerate(values)
        if value is not None
    )


# --- the ladder: who stands how high on five steps ------------------------------------------------------

LADDER_ROW, LADDER_START, LADDER_STEP, LADDER_STEPS = 40, 184, 30, 5
LADDER_TICKS = [LADDER_START + LADDER_STEP * step for step in range(LADDER_STEPS)]
LADDER_TEXT = 24  # half-width characters that fit before the first step


@dataclass(frozen=True)
class Rung:
    """A name on a step of five (None: not known); `tone` is for, neutral, against or blank, told by a sign too."""

    name: str
    detail: str = ""
    step: int | None = None
    tone: str = ""
    starred: bool = False


@dataclass(frozen=True)
class RungDrawn:
    rung: Rung
    name: str
    detail: str
    y: int
    x: int
    radius: int
    sign: str

    @property
    def diamond(self) -> str:
        reach = self.radius + 2
        return f"{self.x},{self.y - reach} {self.x + reach},{self.y} {self.x},{self.y + reach} {self.x - reach},{self.y}"


SIGNS = {"for": "+", "neutral": "=", "against": "−"}


def ladder_of(rungs: Sequence[Rung]) -> list[RungDrawn]:
    """Where each is drawn; the order is the caller's."""
    drawn = []
    for place, rung in enumerate(rungs):
        step = min(max(rung.step or 1, 1), LADDER_STEPS)
        name = f"★ {rung.name}" if rung.starred else rung.name
        drawn.append(
            RungDrawn(
                rung,
                cut(name, LADDER_TEXT),
                cut(rung.detail, LADDER_TEXT + 7),
                place * LADDER_ROW + LADDER_ROW // 2,
                LADDER_TICKS[step - 1],
                6 + step if rung.step else 7,
                SIGNS.get(rung.tone, "?"),
            )
        )
    return drawn


def cut(text: str, width: int) -> str:
    """`text` in at most `width` half-width characters; a Chinese one takes two."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > width:
            return text[: max(0, place - 1)].rstrip() + "…"
    return text
