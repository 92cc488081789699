"""kill -9 while a call of the API is answered: sent again with its key, it has been done once."""

from __future__ import annotations

import json
from typing import Any

from liuke.cli.tests.conftest import Liuke


def outcome(liuke: Liuke, *words: str) -> Any:
    done = liuke(*words, module="liuke.cli.tests.killing_calls")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_at_every_statement_and_commit_a_call_is_done_once(liuke: Liuke) -> None:
    told = outcome(liuke)
    assert told["wrong"] == []
    assert told["events"] >= 20


def test_without_a_key_the_check_finds_fault(liuke: Liuke) -> None:
    assert outcome(liuke, "--without-key")["wrong"]
