"""`liuke demo`: played once, kept until somebody begins again. The play itself is a stand-in here; tests/stories plays it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from liuke.cli import demo
from liuke.cli.main import build_parser
from liuke.cli.problems import Problem


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """How many customers each play was asked for."""
    played: list[int] = []

    class Player:
        def __init__(self, *, customers: int, **_: Any) -> None:
            self.customers = customers

        def play(self) -> None:
            played.append(self.customers)

    monkeypatch.setenv("LIUKE_HOME", str(tmp_path))
    monkeypatch.setattr("liuke.demo.play.Player", Player)
    return played


def test_pl09_a_second_start_plays_nothing_and_keeps_what_was_done(plays: list[int]) -> None:
    home = demo._home("yiwu", fresh=False)
    demo.build(home, "yiwu", 30)
    (home / "liuke.sqlite3").write_text("what a visitor has done")
    again = demo._home("yiwu", fresh=False)
    demo.build(again, "yiwu", 30)
    assert plays == [30]
    assert (again / "liuke.sqlite3").read_text() == "what a visitor has done"


def test_pl09_fresh_begins_again(plays: list[int]) -> None:
    home = demo._home("yiwu", fresh=False)
    demo.build(home, "yiwu", 30)
    (home / "liuke.sqlite3").write_text("what a visitor has done")
    demo.build(demo._home("yiwu", fresh=True), "yiwu", 30)
    assert plays == [30, 30]
    assert not (home / "liuke.sqlite3").exists()


def test_a_play_that_was_cut_short_is_no_company(plays: list[int]) -> None:
    home = demo._home("yiwu", fresh=False)
    (home / "liuke.sqlite3").write_text("half of it")
    assert not (demo._home("yiwu", fresh=False) / "liuke.sqlite3").exists()


def test_a_company_of_yesterday_says_how_it_ends_today(
    plays: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    home = demo._home("yiwu", fresh=False)
    demo.build(home, "yiwu", 30)
    assert (home / demo.DONE).read_text().strip() == timezone.localdate().isoformat()
    (home / demo.DONE).write_text("2026-01-01\n")
    demo.build(home, "yiwu", 30)
    assert "--fresh lets it end today" in capsys.readouterr().err
    assert plays == [30]


def test_two_at_once_are_told_apart(plays: list[int]) -> None:
    with demo._alone("yiwu"):
        with demo._alone("cdnow"):
            pass
        with pytest.raises(Problem, match="running already"), demo._alone("yiwu"):
            pass


def test_there_are_two_companies(plays: list[int]) -> None:
    with pytest.raises(Problem, match="no company 'acme'"):
        demo.run(build_parser("demo").parse_args(["demo", "--company", "acme"]))


@pytest.mark.parametrize("count", ["19", "1000001", "x", "-5"])
def test_a_company_has_a_size(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser("demo").parse_args(["demo", "--customers", count])
    assert "customers" in capsys.readouterr().err
