"""The command line speaks the language that is asked for, from its help to its refusals; its JSON keeps its names."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from liuke.cli import main, parsing, speech
from liuke.cli.tests.conftest import Liuke

ENGLISH = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){3,}")  # four words in a row are a sentence


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", speech.VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        (["doctor", "--language", "zh-Hant"], {"LIUKE_LANGUAGE": "en"}, "zh-Hant"),
        (["doctor", "--language=en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["analyse", "--lang", "zh-Hans"], {}, "zh-Hans"),
        (["doctor"], {"LIUKE_LANGUAGE": "zh_TW", "LANG": "en_GB.UTF-8"}, "zh-Hant"),
        (["doctor"], {"LC_ALL": "zh_HK.UTF-8", "LANG": "en_GB.UTF-8"}, "zh-Hant"),
        (["doctor"], {"LANG": "zh_CN.GB18030"}, "zh-Hans"),
        (["doctor"], {"LANG": "C"}, "en"),
        (["doctor"], {"LANG": "fr_FR.UTF-8", "LIUKE_LANGUAGE": "klingon"}, "en"),
        (["doctor", "--language"], {}, "en"),
    ],
)
def test_sc11_the_option_wins_then_the_variable_then_the_locale(
    monkeypatch: pytest.MonkeyPatch, words: list[str], environment: dict[str, str], language: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert speech.language_of(words) == language


@pytest.mark.parametrize("name", ["", *sorted(main.COMMANDS)])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_sc11_help_is_in_chinese_to_the_last_line(
    name: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main.main([*([name] if name else []), "--language", language, "--help"])
    told = capsys.readouterr().out
    assert told.startswith("用法：")
    assert not ENGLISH.search(told), told
    # `liuke --help` takes two columns for a Chinese character, as the terminal does
    width = int(os.environ.get("COLUMNS", 80))
    options = told.partition(":\n")[2].splitlines()
    assert all(parsing.columns(line) <= width for line in options)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["frobnicate"], "没有 'frobnicate' 这个选择"),
        (["import"], "缺少参数：customers|purchases, FILE"),
        (["backup", "--fast", "x"], "不认识的参数：--fast"),
        (["serve", "--port"], "后面要有一个值"),
        (["serve", "--port", "０"], "不是端口"),
        (["score", "--as-of", "2026-02-30"], "不是日期"),
        (["undo", "x"], "不是导入批次的编号"),
        (["import", "purchases", "x.csv", "--zone", "Mars/Olympus"], "不是时区"),
    ],
)
def test_what_the_parser_refuses_is_told_in_chinese(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(
            [*words, "--language", "zh-Hans"]
            if "--port" not in words[-1:]
            else ["--language", "zh-Hans", *words]
        )
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "错误：" in said
    assert told in said


def test_full_width_digits_are_digits(capsys: pytest.CaptureFixture[str]) -> None:
    args = main.build_parser("score").parse_args(
        ["score", "--as-of", "２０２６-０３-３１", "--horizon", "９０"]
    )
    assert (args.as_of.isoformat(), args.horizon) == ("2026-03-31", 90)
    assert main.build_parser("serve").parse_args(["serve", "--port", "８０８０"]).port == 8080
    for text in ("²", "9" * 30, "", "-1", "1.5"):
        with pytest.raises(argparse.ArgumentTypeError):
            parsing.days(text)


@pytest.mark.first_start
def test_the_doctor_speaks_chinese_and_his_json_keeps_its_names(liuke: Liuke) -> None:
    done = liuke("doctor", LIUKE_LANGUAGE="zh-Hans", DATABASE_URL="")
    assert "数据目录" in done.stdout
    assert "尚未创建" in done.stdout
    told = json.loads(liuke("doctor", "--json", LIUKE_LANGUAGE="zh-Hans", DATABASE_URL="").stdout)
    assert [check["check"] for check in told["checks"]] == ["python", "home", "disk", "database"]
    assert {check["state"] for check in told["checks"]} == {"ok"}


def test_a_backup_and_its_refusals_speak_chinese(liuke: Liuke, tmp_path: Path) -> None:
    gone = liuke("restore", str(tmp_path / "gone.tar.zst"), LANG="zh_CN.UTF-8")
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "没有这个文件或文件夹" in gone.stderr
    assert "请检查文件名和权限" in gone.stderr
    made = liuke("backup", str(tmp_path / "b.tar.zst"), LANG="zh_TW.UTF-8")
    assert made.returncode == 0, made.stderr
    assert "已試恢復一次並核對" in made.stdout
    again = liuke("backup", str(tmp_path / "b.tar.zst"), "--language", "zh-Hans")
    assert "已经存在" in again.stderr
    assert "--force" in again.stderr


def test_a_closed_pipe_and_closed_streams_leave_no_traceback(environment: dict[str, str]) -> None:
    def sh(line: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", line.replace("liuke", f"{sys.executable} -m liuke", 1)]
        return subprocess.run(
            command, env={**environment, "DATABASE_URL": ""}, capture_output=True, text=True, check=False
        )

    piped = sh("liuke doctor | true; exit ${PIPESTATUS[0]}")
    assert (piped.returncode, piped.stderr) == (141, "")
    for closed in (">&-", "2>&-"):
        done = sh(f"liuke doctor --json {closed}")
        assert (done.returncode, done.stderr) == (0, "")
    refused = sh("liuke restore gone.tar.zst 2>&-")
    assert (refused.returncode, refused.stdout) == (1, "")  # what is meant for stderr is not told on stdout


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_run", interrupted)
    assert main.main(["score"]) == 130
    assert capsys.readouterr().err == "\n"
