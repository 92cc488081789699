"""Columns of text: trimmed, composed (NFC), and free of what must not reach a database or a screen unseen."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

import re
import unicodedata
from typing import Final

from liuke.tabular.arrow import Array, Column, compute, pa, words
from liuke.tabular.values.parsing import Parsed, no_codes, per_distinct
from liuke.tabular.values.writing import as_text

# Embeddings, overrides and isolates can make text read other than it is; plain marks (LRM, RLM) belong to names.
BIDI_CONTROLS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BIDI: Final = rf"[{BIDI_CONTROLS}]"
_EDGES: Final = r"^[\s\x{00A0}\x{3000}\x{200B}\x{FEFF}]+|[\s\x{00A0}\x{3000}\x{200B}\x{FEFF}]+$"
# What databases and spreadsheets write for "no value". Not "null": it is somebody's name.
_NO_VALUE: Final = ("NULL", "\\N", "(null)", "#N/A")
_CONTROL: Final = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"


def parse_text(
    column: Column,
    *,
    limit: int = 255,
    required: bool = False,
    one_line: bool = False,
    identifier: bool = False,
) -> Parsed:
    """Text as it may be stored; blank is null. Texts longer than `limit` characters are refused, not cut.

    `identifier` is for numbers by which things and people are known: 17850.0, as some programs write 17850, loses its
    ending, and 1.38E+10, of which digits are lost, is refused.
    """
    found = per_distinct(as_text(column), lambda text: _clean(text, limit, one_line, identifier))
    codes = found.codes
    if required:
        blank = compute.and_(compute.is_null(found.values), compute.is_null(codes))
        if compute.any(blank).as_py():
            codes = compute.if_else(blank, "blank_required", codes)
    return Parsed(found.values, codes, {"limit": limit})


def _clean(text: Array, limit: int, one_line: bool, identifier: bool) -> Parsed:
    text = compute.utf8_trim_whitespace(compute.replace_substring_regex(text, _CONTROL, ""))
    codes = no_codes(len(text))
    if not compute.all(compute.string_is_ascii(text)).as_py():
        text = compute.utf8_normalize(compute.replace_substring_regex(text, _EDGES, ""), "NFC")
        codes = _marked(codes, compute.match_substring_regex(text, _BIDI), "bidi_control")
    text = compute.if_else(compute.is_in(text, words(*_NO_VALUE)), pa.scalar(None, pa.string()), text)
    nul = compute.match_substring(text, "\0")
    text = compute.replace_substring_regex(text, r"\r\n?", "\n")
    if one_line:
        text = compute.replace_substring_regex(text, r"\s*\n\s*", " ")
    long = compute.greater(compute.utf8_length(text), limit)
    codes = _marked(_marked(codes, long, "text_too_long"), nul, "nul_character")
    refused = compute.fill_null(compute.or_(compute.or_(nul, long), compute.equal(text, "")), True)
    if identifier:
        text = compute.replace_substring_regex(text, r"^([0-9]{4,})\.0$", r"\1")
        shortened = compute.match_substring_regex(text, r"^[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{2,3}$")
        codes = _marked(codes, shortened, "digits_lost")
        refused = compute.or_(refused, compute.fill_null(shortened, False))
    return Parsed(compute.if_else(refused, pa.scalar(None, pa.string()), text), codes)


def _marked(codes: Array, where: Array, code: str) -> Array:
    where = compute.fill_null(where, False)
    return compute.if_else(where, code, codes) if compute.any(where).as_py() else codes


def is_storable(text: str) -> bool:
    """Whether a text from outside a file, such as a name typed into a form, has no NUL and no lone surrogate."""
    return "\0" not in text and not re.search("[\ud800-\udfff]", text)


def composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
