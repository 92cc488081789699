from __future__ import annotations

import argparse
import getpass
import io
import json
import sys

import pytest

from liuke.cli import createowner
from liuke.platform.models import User

pytestmark = pytest.mark.django_db
GOOD = "quite a good one 9"


def call(*words: str) -> int:
    parser = argparse.ArgumentParser()
    createowner.add_parser(parser.add_subparsers())
    args = parser.parse_args(["createowner", *words])
    code: int = args.run(args)
    return code


def test_the_password_comes_from_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GOOD}\n"))
    assert call("olga", "--name", "Olga", "--company", "Yiwu Gifts", "--password-stdin", "--json") == 0
    owner = User.objects.get()
    assert owner.check_password(GOOD)
    assert json.loads(capsys.readouterr().out) == {"id": owner.pk, "username": "olga", "team": "Yiwu Gifts"}


def test_or_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([GOOD, "another"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt, stream: next(answers))
    assert call("olga") == 1
    assert not User.objects.exists()
    assert "same password" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "password"), [("olga", "12345"), ("o l g a", GOOD)])
def test_what_is_unfit_is_said_and_leaves_nothing(
    name: str, password: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password))
    assert call(name, "--password-stdin", "--json") == 1
    out, err = capsys.readouterr()
    assert (out, bool(err)) == ("", True)
    assert not User.objects.exists()


def test_ctrl_d_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert call() == 1
    assert not User.objects.exists()
