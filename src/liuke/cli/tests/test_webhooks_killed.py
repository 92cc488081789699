"""kill -9 while something is noted and while a webhook is told of it: nothing is lost, and who is told twice knows it."""

from __future__ import annotations

import json

from liuke.cli.tests.conftest import Liuke


def test_at_every_statement_and_commit_every_fact_is_told(liuke: Liuke) -> None:
    done = liuke(module="liuke.cli.tests.killing_webhooks")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["wrong"] == []
    assert told["noting"] >= 10
    assert told["sending"] >= 20
