"""kill -9 while a list of customers comes in and while it is taken back: nothing is lost, nothing is there twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liuke.cli.tests.conftest import Liuke


def outcome(liuke: Liuke, *words: str) -> Any:
    done = liuke(*words, module="liuke.cli.tests.killing_imports")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_at_points_all_over_the_import_and_its_undo(liuke: Liuke) -> None:
    told = outcome(liuke)
    assert told["wrong"] == []
    assert told["killed"] >= 30
    assert (told["counts"]["created"], told["counts"]["updated"], told["counts"]["joined"]) == (15, 1, 6)


@pytest.mark.long
def test_the_check_finds_fault_where_the_cursor_goes_before_the_rows(liuke: Liuke) -> None:
    assert any("differs" in one for one in outcome(liuke, "--cursor-first")["wrong"])
