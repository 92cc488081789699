from __future__ import annotations

import subprocess
import sys

import pytest

from liuke import insight


@pytest.mark.parametrize("name", insight.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(insight, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="fortune"):
        _ = insight.fortune  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("statement", "unloaded"),
    [
        ("from liuke import insight", {"numpy", "ibis", "duckdb", "sklearn"}),
        ("from liuke.insight import JudgeSettings, grade", {"ibis", "duckdb", "sklearn", "scipy"}),
        (
            "from liuke.insight import economics, grading; economics.owner_value",
            {"ibis", "duckdb", "sklearn", "scipy"},
        ),
        ("from liuke.insight import plots", {"matplotlib"}),
    ],
)
def test_nothing_is_loaded_before_it_is_used(statement: str, unloaded: set[str]) -> None:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not unloaded & set(loaded)
