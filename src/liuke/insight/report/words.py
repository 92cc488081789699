"""The report's words in Simplified Chinese and English, and how each writes figures, money and dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from liuke.insight.report.texts import TEXTS

Language = Literal["zh-Hans", "en"]
LANGUAGES: Final = ("zh-Hans", "en")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Words:
    """Texts and figures of one language; `currency` is put before money when the log names one."""

    language: Language
    currency: str | None = None

    def __call__(self, name: str, **figures: object) -> str:
        """The text of this name with its figures filled in."""
        chinese, english = TEXTS[name]
        return (chinese if self.language == "zh-Hans" else english).format(**figures)

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
        if self.language == "zh-Hans":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def short_day(self, day: date) -> str:
        if self.language == "zh-Hans":
            return f"{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]}"

    def month(self, day: date) -> str:
        if self.language == "zh-Hans":
            return f"{day.year}年{day.month}月"
        return f"{_MONTHS[day.month - 1]} {day.year}"

    def quarter(self, day: date) -> str:
        number = (day.month + 2) // 3
        return f"{day.year}年第{number}季" if self.language == "zh-Hans" else f"Q{number} {day.year}"
