"""The report's words in Simplified and Traditional Chinese and English, and how each writes figures, money and dates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from liuke.insight.report.texts import TEXTS

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def traditional() -> dict[str, str]:
    found: dict[str, str] = json.loads(files(__package__).joinpath("texts.zh_Hant.json").read_text("utf-8"))
    return found


@dataclass(frozen=True)
class Words:
    """Texts and figures of one language; `currency` is put before money when the log names one."""

    language: Language
    currency: str | None = None

    def __call__(self, name: str, **figures: object) -> str:
        """The text of this name with its figures filled in."""
        if self.language == "zh-Hant":
            return traditional()[name].format(**figures)
        chinese, english = TEXTS[name]
        return (chinese if self.chinese else english).format(**figures)

    @property
    def chinese(self) -> bool:
        return self.language != "en"

    def count(self, number: float) -> str:
        return f"{round(number):,}"

    def decimal(self, number: float) -> str:
        """One decimal where it tells something."""
        return f"{number:,.0f}" if abs(number) >= 10 or float(number).is_integer() else f"{number:,.1f}"

    def share(self, number: float, *, digits: int = 0) -> str:
        return f"{100 * number:.{digits}f}%"

    def money(self, amount: float) -> str:
        """Whole units from 100 on, two decimals below."""
        written = f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:,.2f}"
        if written in {"-0", "-0.00"}:
            written = written[1:]
        return f"{self.currency} {written}" if self.currency else written

    def day(self, day: date) -> str:
        if self.chinese:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def short_day(self, day: date) -> str:
        if self.chinese:
            return f"{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]}"

    def month(self, day: date) -> str:
        if self.chinese:
            return f"{day.year}年{day.month}月"
        return f"{_MONTHS[day.month - 1]} {day.year}"

    def quarter(self, day: date) -> str:
        number = (day.month + 2) // 3
        return f"{day.year}年第{number}季" if self.chinese else f"Q{number} {day.year}"
