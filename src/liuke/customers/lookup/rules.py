"""The index of the search box: which threes of letters stand in a line, so that only lines that may hold a word are read.

A word stands in a line only if all its threes do; the reverse is looked at. A word of one or two letters, which in Chinese
is a whole word, is the beginning of a three: a line ends with a line break, and is read as if with one more, so that its
last letter begins one as well. No database.

Beside its threes a line is known by what its names have in common with themselves mistyped (`near_keys`): each Latin word
with one letter left out, each three Chinese letters with the middle one left open. A word and the same word with a letter
wrong, missing, surplus or two swapped share such a key, so a slip costs a dozen looks into the index (`text__near`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from liuke.customers.spelling.rules import is_pinyin

LENGTH = 3
HIDDEN_FROM_HERE: Final = "@"  # part of a line: what follows are ways to reach him, which not everybody sees
WORD: Final = re.compile(r"(?<![a-z0-9])[a-z]{4,14}(?![a-z0-9])")
LATIN: Final = re.compile("[a-z]{4,30}")  # of a question: a letter surplus, or the pinyin of a whole name
RUN: Final = re.compile("[㐀-鿿]{3,}")
LEAST_PINYIN, PINYIN_TRIES = 5, 24  # of four letters too many are a slip apart: wang, fang, yang


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
        len(_TOKENS) > 200_000
    ):  # of a million customers' names; a process that lives long forgets the oldest way
        _TOKENS.clear()
    return " ".join([*map(_TOKENS.__getitem__, threes(text)), *_near_tokens(text)])


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


# --- a slip of the finger -------------------------------------------------------------------------------


def opening(line: str) -> str:
    """The part of a line that everybody may be found by: number, names, persons."""
    return line.partition(f"\n{HIDDEN_FROM_HERE}\n")[0]


def _near_tokens(line: str) -> set[str]:
    """`near_token` of each of `line_keys`. The words of names come again and again: an import asks each of them once."""
    open_part = opening(line)
    found: set[str] = set()
    for word in WORD.findall(open_part):
        found.update(_of_word(word))
    for run in RUN.findall(open_part):
        found.update(_of_run(run))
    return found


@lru_cache(20_000)
def _of_word(word: str) -> tuple[str, ...]:
    return tuple(map(near_token, shortened(word)))


@lru_cache(20_000)
def _of_run(run: str) -> tuple[str, ...]:
    return tuple(map(near_token, _gapped(run)))


def line_keys(line: str) -> set[str]:
    """The near keys of a line; PostgreSQL's function says the same (migration near_keys)."""
    open_part = opening(line)
    keys = {key for word in WORD.findall(open_part) for key in shortened(word)}
    return keys.union(*(_gapped(run) for run in RUN.findall(open_part)))


def shortened(word: str) -> set[str]:
    """The word, and the word with one letter left out."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _gapped(run: str) -> set[str]:
    return {f"{run[place]}?{run[place + 2]}" for place in range(len(run) - 2)}


def near_token(key: str) -> str:
    """As SQLite's tokeniser takes it; none begins like a three."""
    return f"y{key}" if key.isascii() else "y" + "z".join(f"{ord(letter):x}" for letter in key)


def near_lexeme(key: str) -> str:
    """As PostgreSQL has it: longer than any three."""
    return f"~{key}"


Case = list[tuple[str, bool]]  # of what all must be there: (near key, True), or (a word to hold, False)


def near_question(word: str) -> list[Case]:
    """The cases in which a line may hold the word but for a slip; one that is so is enough.

    None for a word that tolerates no slip: digits, three Latin letters, two Chinese ones.
    """
    if LATIN.fullmatch(word):
        slipped: list[Case] = [[(slip, False)] for slip in pinyin_slips(word)]
        return [*([(key, True)] for key in sorted(shortened(word))), *slipped]
    if not RUN.fullmatch(word):
        return []
    cases = [[(word[1:], False)], [(word[:-1], False)]]
    for place in range(1, len(word) - 1):
        kept = [(f"{word[place - 1]}?{word[place + 1]}", True)]
        kept += [(half, False) for half in (word[:place], word[place + 1 :]) if len(half) > 1]
        cases.append(kept)
    return cases


@lru_cache(64)  # each line that the index names is looked at for them
def pinyin_slips(word: str) -> tuple[str, ...]:
    """What can be read as pinyin, where the name goes on in one word: mingda in yiwumingdalipin, from mignda."""
    if len(word) < LEAST_PINYIN:
        return ()
    return tuple(
        islice(
            (slip for slip in dict.fromkeys(slips(word)) if slip != word and is_pinyin(slip)), PINYIN_TRIES
        )
    )


def near_match(cases: Iterable[Case]) -> str:
    """The question to SQLite's index."""
    return " OR ".join(
        "("
        + " AND ".join(
            near_token(key) if near else match_text([key]).replace(" ", " AND ") for key, near in case
        )
        + ")"
        for case in cases
    )


def near_tsquery(cases: Iterable[Case]) -> str:
    """The question to PostgreSQL's index."""
    return " | ".join(
        "(" + " & ".join(f"'{near_lexeme(key)}'" if near else tsquery_text([key]) for key, near in case) + ")"
        for case in cases
    )


def nearness(word: str, line: str) -> int:
    """Whether a name of the line is the word but for one slip: 2, inside what a name is in pinyin 1, or not 0.

    Looked at where the index has named a line: words of which two differ by one letter each share a key as well.
    """
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - only who searches near needs it

    open_part = opening(line)
    if RUN.fullmatch(word):
        windows = (window for run in RUN.findall(open_part) for window in _windows(run, len(word)))
        return 2 * any(_one_apart(word, window) for window in windows)
    if any(OSA.distance(word, one, score_cutoff=1) == 1 for one in WORD.findall(open_part)):
        return 2
    return int(any(slip in open_part for slip in pinyin_slips(word)))


def _windows(run: str, length: int) -> Iterator[str]:
    return (run[place : place + length] for place in range(len(run) - length + 1))


def _one_apart(one: str, other: str) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=True)) == 1


def slips(word: str) -> Iterator[str]:
    """All words from which `word` comes by one slip, two letters swapped first, which happens most."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
    for place in range(len(word) + 1):
        yield from (word[:place] + letter + word[place:] for letter in letters)
    for place in range(len(word)):
        yield from (word[:place] + letter + word[place + 1 :] for letter in letters)
