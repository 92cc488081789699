from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from liuke import __version__
from liuke.cli import main
from liuke.cli.problems import Problem
from liuke.cli.tests.conftest import Liuke


def test_help_names_every_command_and_loads_none(liuke: Liuke) -> None:
    looked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from liuke.cli.main import build_parser; print(build_parser('').format_help()); "
            "print([m for m in ('django', 'pyarrow', 'numpy', 'duckdb', 'liuke.cli.serve') if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert looked.stdout.rstrip().endswith("[]")
    for name in main.COMMANDS:
        assert f"    {name}" in looked.stdout


def test_a_process_that_only_serves_pages_loads_no_analytics(liuke: Liuke) -> None:
    """Every command and each of the server's processes starts like this: a second more is a second for each."""
    done = liuke(
        "import sys; import liuke.config.urls; "
        "print([m for m in ('pandas', 'ibis', 'scipy', 'sklearn', 'openpyxl', 'opencc') if m in sys.modules])",
        module="liuke.cli.tests.inside",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip() == "[]"


@pytest.mark.parametrize("name", sorted(main.COMMANDS))
def test_a_command_says_what_it_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: liuke {name}" in capsys.readouterr().out


def test_no_command_is_an_error_that_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: liuke" in err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert capsys.readouterr().out == f"liuke {__version__}\n"


def test_what_goes_wrong_is_a_line_on_stderr_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(error: Exception) -> None:
        def run(name: str, words: object) -> int:
            raise error

        monkeypatch.setattr(main, "_run", run)

    fail(Problem("The file is empty.", "Take another.", code=3))
    assert main.main(["score"]) == 3
    assert capsys.readouterr().err == "✗ The file is empty.\n  Take another.\n"
    fail(RuntimeError("first line\nsecond line"))
    assert main.main(["score"]) == 1
    assert capsys.readouterr().err == "✗ RuntimeError: first line\n  LIUKE_DEBUG=1 shows where.\n"
    monkeypatch.setenv("LIUKE_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main.main(["score"])


@pytest.mark.first_start
def test_a_command_makes_the_database_that_it_needs(liuke: Liuke) -> None:
    done = liuke("work", "--once")
    assert done.returncode == 0, done.stderr
    told = json.loads(liuke("doctor", "--json").stdout)
    states = {check["check"]: check["state"] for check in told["checks"]}
    assert states["database"] == states["migrations"] == states["jobs"] == "ok"


def test_a_directory_that_cannot_be_written_is_said(liuke: Liuke, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = liuke("score", LIUKE_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "LIUKE_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_said(liuke: Liuke) -> None:
    done = liuke("score", DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "127.0.0.1:9/nothing cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
