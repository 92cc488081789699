"""The index of the search box: which pairs of letters stand in a line, so that only lines that may hold a word are read.

A word stands in a line only if all its pairs do; the reverse is looked at. Pairs serve Chinese, where two letters are a
word, as well as pinyin and telephone numbers. A line ends with a line break, so that its last letter begins a pair as well.
No database.
"""

from __future__ import annotations

from collections.abc import Iterable


class _Tokens(dict[str, str]):
    """A pair of letters as a word that every tokeniser leaves alone; a firm's lines have some ten thousand of them."""

    def __missing__(self, pair: str) -> str:
        token = self[pair] = "z".join(f"{ord(letter):x}" for letter in pair)
        return token


_TOKENS = _Tokens()
MOST_PAIRS = 12  # of a word that are asked for: more leave out hardly anybody, and each is a list to be read


def pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}


def tokens(text: str) -> str:
    """What SQLite's index keeps of a line."""
    return " ".join(map(_TOKENS.__getitem__, pairs(text)))


def asked_pairs(words: Iterable[str]) -> list[str]:
    """The pairs of letters that all must be there; a word of one letter is the beginning of a pair."""
    found: dict[str, None] = {}
    for word in words:
        some = [word[place : place + 2] for place in range(len(word) - 1)] or [word]
        step = max(1, len(some) // MOST_PAIRS)
        found.update(dict.fromkeys(some[::step]))
    return list(found)


def match_text(words: Iterable[str]) -> str:
    """The question to SQLite's index."""
    return " ".join(_TOKENS[pair] if len(pair) == 2 else f"{ord(pair):x}z*" for pair in asked_pairs(words))


def tsquery_text(words: Iterable[str]) -> str:
    """The question to PostgreSQL's index."""
    parts = []
    for pair in asked_pairs(words):
        plain = pair.replace("\\", "\\\\").replace("'", "''")
        parts.append(f"'{plain}'" + ("" if len(pair) == 2 else ":*"))
    return " & ".join(parts)
