"""The parser of the command line: argparse, whose words are ours to translate and whose help is laid out for Chinese too."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liuke.cli.speech import LANGUAGES, OPTION, VARIABLE, gettext_noop
from liuke.cli.speech import gettext as _

# What argparse says by itself, so that the catalogues have it; it asks for the words when it says them.
OF_ARGPARSE: Final = (
    gettext_noop("usage: "),
    gettext_noop("positional arguments"),
    gettext_noop("options"),
    gettext_noop("show this help message and exit"),
    gettext_noop("show program's version number and exit"),
    gettext_noop("%(prog)s: error: %(message)s\n"),
    gettext_noop("argument %(argument_name)s: %(message)s"),
    gettext_noop("the following arguments are required: %s"),
    gettext_noop("unrecognized arguments: %s"),
    gettext_noop("expected one argument"),
    gettext_noop("expected at least one argument"),
    gettext_noop("invalid choice: %(value)r (choose from %(choices)s)"),
    gettext_noop("unknown parser %(parser_name)r (choices: %(choices)s)"),
    gettext_noop("ambiguous option: %(option)s could match %(matches)s"),
    gettext_noop("ignored explicit argument %r"),
    gettext_noop("not allowed with argument %s"),
)


class Help(argparse.HelpFormatter):
    """Lines that fit although a Chinese character takes two columns and its sentences have no blanks to break at."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(_lines(text, width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in _lines(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"formatter_class": Help, **more})


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--language`, which every command takes; `speech` has looked at it before."""
    parser.add_argument(
        OPTION,
        "--lang",
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help=_("what everything is told in (default: %(variable)s, else the locale's)")
        % {"variable": VARIABLE},
    )


def _lines(text: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if line and columns(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """What a line may end behind: a word with its blank, or a Chinese character with the mark that follows it."""
    piece = ""
    for letter in text:
        breaks = piece and (piece[-1] == " " or _is_wide(piece[-1]) or _is_wide(letter))
        if breaks and letter not in CLOSING and piece[-1] not in OPENING:
            yield piece
            piece = ""
        piece += letter
    yield piece


OPENING, CLOSING = "（“「《", "，。；：！？、）”」》 "


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def columns(text: str) -> int:
    return sum(1 + _is_wide(letter) for letter in text)


# The values of options


def day(text: str) -> date:
    try:
        return date.fromisoformat(unicodedata.normalize("NFKC", text).strip())
    except ValueError:
        told = _("%(text)s is no date; write it like 2026-03-31") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told) from None


def whole(text: str, *, low: int, high: int) -> int | None:
    """A whole number within its bounds, full-width digits too; None for anything else."""
    plain = text.strip()  # ² is a digit to Unicode, and no number to anybody
    found = int(plain) if plain.isdecimal() and len(plain) < 20 else None
    return found if found is not None and low <= found <= high else None


def days(text: str) -> int:
    if (found := whole(text, low=1, high=3650)) is None:
        told = _("%(text)s is no number of days from 1 to 3650") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told)
    return found


def zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        told = _("%(text)s is no time zone; write it like Asia/Shanghai") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told) from None
