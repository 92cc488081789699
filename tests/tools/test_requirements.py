"""docs/requirements.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = (ROOT / "docs" / "requirements.md").read_text()


def test_every_test_that_the_list_names_is_there() -> None:
    files = [file for folder in ("src", "tests") for file in (ROOT / folder).rglob("test_*.py")]
    there = set(re.findall(r"def (test_\w+)", "\n".join(file.read_text() for file in files)))
    there |= {file.stem for file in files}
    named = set(re.findall(r"\b(test_\w+)\b", LIST.replace("…", "")))
    assert {
        name for name in named if name not in there and not any(known.startswith(name) for known in there)
    } == set()
