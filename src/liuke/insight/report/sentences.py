"""Reasons told to a person: codes with figures become sentences in the report's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from liuke.insight.report.texts import TEXTS
from liuke.insight.report.words import Words


def sentences(reasons: str, words: Words, *, limit: int = 3) -> str:
    """The first `limit` reasons of the JSON list as one line; codes without a text are left out."""
    told = [sentence(reason, words) for reason in json.loads(reasons)]
    text = words("join").join([part for part in told if part][:limit])
    return text[:1].upper() + text[1:]


def refused_for(forecast: Mapping[str, Any], words: Words) -> str:
    """Why the data carry no model, with what was counted."""
    refusal = forecast.get("refusal") or {}
    code = f"why_{refusal.get('code')}"
    if refusal.get("counted") == "repeaters":
        code += "_repeaters"
    return words(code if code in TEXTS else "why_other", **refusal)


def sentence(reason: Mapping[str, Any], words: Words) -> str:
    """One reason; "" for a code that has no text."""
    code = str(reason.get("code"))
    if code not in TEXTS:
        return ""
    write = words.money if code.startswith("basket") else words.decimal
    if code.startswith("discount"):
        write = words.share
    figures: dict[str, str] = {}
    for name, value in reason.items():
        if name == "code":
            continue
        if name == "kind":
            figures[name] = str(value)
        elif name == "amount":
            figures[name] = words.money(value)
        elif name == "share":
            figures[name] = words.share(value)
        elif name in {"from", "to"}:
            figures["from_" if name == "from" else name] = write(value)
        else:
            figures[name] = words.count(value)
    return words(code, **figures)
