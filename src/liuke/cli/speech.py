"""What the command line speaks: the language that is asked for, else the one that the environment names, else English.

The standard library's gettext reads the catalogues that Django reads, so that a command that starts without Django speaks
too; and argparse with it, which asks the same library for its words.
"""

from __future__ import annotations

import gettext as library
import locale
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
OPTION: Final = "--language"
VARIABLE: Final = "LIUKE_LANGUAGE"
TRADITIONAL: Final = ("zh_hant", "zh_tw", "zh_hk", "zh_mo")  # beginnings of locales
DOMAIN: Final = "django"  # what Django calls its catalogues
FOLDERS: Final = (
    "platform",
    "customers",
)  # the first has our own words, the second those of files that are read
SOURCE: Final = Path(__file__).resolve().parent.parent

_spoken: Language = "en"


def spoken() -> Language:
    return _spoken


def speak(language: Language) -> None:
    """From here on, argparse included."""
    global _spoken
    _spoken = language
    library.bindtextdomain(DOMAIN, str(SOURCE / FOLDERS[0] / "locale"))
    library.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = _folder(language)  # where the library looks first


def gettext(message: str) -> str:
    return _catalogue(_spoken).gettext(message)


def ngettext(single: str, several: str, number: int) -> str:
    return _catalogue(_spoken).ngettext(single, several, number)


def pgettext(context: str, message: str) -> str:
    return _catalogue(_spoken).pgettext(context, message)


def in_every_language(message: str) -> list[str]:
    return [_catalogue(language).gettext(message) for language in LANGUAGES]


def gettext_noop(message: str) -> str:
    """Marks a text for the catalogues that is translated when it is told."""
    return message


def language_of(words: Sequence[str]) -> Language:
    """What a call asks for; a machine that names no language that we speak is answered in English."""
    named = _asked_for(words) or os.environ.get(VARIABLE, "")
    return language_named(named) or language_named(machine()) or "en"


def language_named(name: str) -> Language | None:
    """zh-Hans, zh_CN.UTF-8, en_GB …; None for any other."""
    plain = name.lower().replace("-", "_")
    if plain.startswith("zh"):
        return "zh-Hant" if plain.startswith(TRADITIONAL) else "zh-Hans"
    return "en" if plain.startswith("en") else None


def machine() -> str:
    """The locale that whoever sits at the terminal has set."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return named or locale.getlocale()[0] or ""


def _asked_for(words: Sequence[str]) -> str:
    """The option's value, found before there is a parser: what the parser says is already told in it."""
    for place, word in enumerate(words):
        option, sign, value = word.partition("=")
        if len(option) > len("--l") and OPTION.startswith(option):
            return value if sign else next(iter(words[place + 1 :]), "")
    return ""


def _folder(language: Language) -> str:
    return language.replace("-", "_")


@cache
def _catalogue(language: Language) -> library.NullTranslations:
    """The first folder's words, with the others' behind them; English needs none."""
    found = library.NullTranslations()
    for folder in reversed(FOLDERS):
        one = library.translation(
            DOMAIN, str(SOURCE / folder / "locale"), languages=[_folder(language)], fallback=True
        )
        one.add_fallback(found)
        found = one
    return found


def size_text(size: int) -> str:
    """How large a file is, as people say it."""
    return f"{size / 1e3:.1f} KB" if size < 1e6 else f"{size / 1e6:.1f} MB"
