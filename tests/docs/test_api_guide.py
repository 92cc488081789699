"""docs/api.md says what happens: each of its requests is sent, in their order, and its answer compared."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program
from liuke.platform.models import User

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("guide", ["api.md", "api.zh.md"])
def test_every_request_of_the_guide_is_answered_as_it_says(alice: User, now: datetime, guide: str) -> None:
    for name in ("Harbour Gifts", "Lantern Ltd"):
        register(by=alice, now=now, name=name)
    program = Program(alice)
    known: dict[str, str] = {"token": program.secret}
    blocks = BLOCK.findall((DOCS / guide).read_text())
    assert len(blocks) >= 7
    for block in blocks:
        play(block, program, known)


def play(block: str, program: Program, known: dict[str, str]) -> None:
    asked, *more = block.strip().split("\n\n")
    sent, answered = (more[0], more[1]) if len(more) == 2 else (None, more[0])
    first, *lines = filled(asked, known).split("\n")
    method, url = first.split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines)
    response = program.client.generic(
        method,
        url,
        filled(sent, known).encode() if sent else b"",
        content_type="application/json",
        headers={"Accept-Language": "en", **headers},
    )
    status, _line, body = answered.partition("\n")
    assert response.status_code == int(status), f"{first}: {response.content.decode()}"
    if body:
        compare(json.loads(filled(body, known)), json.loads(response.content), known, first)


def filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def compare(wanted: Any, got: Any, known: dict[str, str], where: str) -> None:
    """What the guide shows must be there; what it calls {name} is learnt from the answer."""
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            compare(value, got[name], known, f"{where} {name}")
    elif isinstance(wanted, list):
        for value, there in zip(wanted, got, strict=False):
            compare(value, there, known, where)
        assert len(wanted) <= len(got), where
    elif isinstance(wanted, str) and (learnt := re.fullmatch(r"\{(\w+)\}", wanted)):
        known[learnt[1]] = str(got)
    else:
        assert got == wanted, where
