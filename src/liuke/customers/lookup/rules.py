"""The index of the search box: which threes of letters stand in a line, so that only lines that may hold a word are read.

A word stands in a line only if all its threes do; the reverse is looked at. A word of one or two letters, which in Chinese
is a whole word, is the beginning of a three: a line ends with a line break, and is read as if with one more, so that its
last letter begins one as well. No database.
"""

from __future__ import annotations

from collections.abc import Iterable

LENGTH = 3


class _Tokens(dict[str, str]):
    """Three letters as a word that every tokeniser leaves alone; a firm's lines have some ten thousand of them."""

    def __missing__(self, three: str) -> str:
        token = self[three] = "z".join(f"{ord(letter):x}" for letter in three)
        return token


_TOKENS = _Tokens()
MOST = 12  # threes of a word that are asked for: more leave out hardly anybody, and each is a list to be read


def threes(text: str) -> set[str]:
    text += "\n"
    return {text[place : place + LENGTH] for place in range(len(text) - LENGTH + 1)}


def tokens(text: str) -> str:
    """What SQLite's index keeps of a line."""
    if (
        len(_TOKENS) > 500_000
    ):  # of a million customers' names; a process that lives long forgets the oldest way
        _TOKENS.clear()
    return " ".join(map(_TOKENS.__getitem__, threes(text)))


def asked_threes(words: Iterable[str]) -> list[str]:
    """The threes that all must be there; a shorter word as it is, for the beginning of one."""
    found: dict[str, None] = {}
    for word in words:
        some = [word[place : place + LENGTH] for place in range(len(word) - LENGTH + 1)] or [word]
        step = max(1, len(some) // MOST)
        found.update(dict.fromkeys(some[::step]))
    return list(found)


def match_text(words: Iterable[str]) -> str:
    """The question to SQLite's index."""
    return " ".join(
        _TOKENS[three] if len(three) == LENGTH else f"{_TOKENS[three]}z*" for three in asked_threes(words)
    )


def tsquery_text(words: Iterable[str]) -> str:
    """The question to PostgreSQL's index."""
    parts = []
    for three in asked_threes(words):
        plain = three.replace("\\", "\\\\").replace("'", "''")
        parts.append(f"'{plain}'" + ("" if len(three) == LENGTH else ":*"))
    return " & ".join(parts)
