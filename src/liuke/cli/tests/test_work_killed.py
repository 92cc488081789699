"""kill -9 at any point: nothing that was acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import json
from typing import Any

from liuke.cli.tests.conftest import Liuke


def outcome(liuke: Liuke, *words: str) -> Any:
    done = liuke(*words, module="liuke.cli.tests.killing")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_at_every_statement_and_commit(liuke: Liuke) -> None:
    told = outcome(liuke, "at-every-event")
    assert told["wrong"] == []
    assert told["asking"] >= 10
    assert told["working"] >= 80


def test_at_random_with_several_workers_at_once(liuke: Liuke) -> None:
    told = outcome(liuke, "at-random")
    assert told["wrong"] == []
    assert told["killed"] >= 5


def test_the_check_finds_fault_where_the_guard_is_off(liuke: Liuke) -> None:
    told = outcome(liuke, "at-every-event", "--without-guard")
    assert any("twice" in one for one in told["wrong"])
