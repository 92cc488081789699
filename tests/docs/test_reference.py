"""The reference of insight says what the docstrings say, and the docstrings say what a reader needs."""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

# by its folder: "tools" alone may be tests/tools, whichever is collected first
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
reference = import_module("reference")

ENTRIES = reference.entries()


def test_the_page_is_what_the_docstrings_say() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run: python tools/reference.py"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_public_name_tells_shapes_units_errors_formula_and_source(entry: Any) -> None:
    """Of a record of figures, every field."""
    assert entry.lacks() == []


def test_no_two_public_things_share_a_name() -> None:
    homes = defaultdict(list)
    for entry in ENTRIES:
        homes[entry.name.rpartition(".")[2]].append(entry.name)
    assert [names for names in homes.values() if len(names) > 1] == []


def test_what_is_missing_is_found() -> None:
    def bare(value: float) -> float:
        return value

    def half(value: float) -> float:
        """Half of it: value / 2, in money. Errors: none."""
        return value / 2

    assert reference.Entry("insight.bare", bare).lacks() == ["docstring"]
    assert reference.Entry("insight.half", half).lacks() == ["shapes", "source"]
