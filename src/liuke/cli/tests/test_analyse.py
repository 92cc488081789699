from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from liuke.cli import analyse
from liuke.cli.main import build_parser
from liuke.cli.problems import Problem
from liuke.cli.speech import Language, language_of, speak
from liuke.insight.report.words import Words
from liuke.insight.tests.logs import shop


def called(*words: str) -> int:
    speak(language_of(words))
    args = build_parser("analyse").parse_args(["analyse", *words])
    code: int = args.run(args)
    return code


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "orders.csv"
    pyarrow.csv.write_csv(shop(120), path)
    return path


def test_the_example_needs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, page = tmp_path / "scores.parquet", tmp_path / "report.html"
    assert called("--example", "--json", "--out", str(out), "--report", str(page), "--lang", "en") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["customers"] == 2357
    assert told["customers"] == pq.read_table(out).num_rows
    assert {"customers", "purchases", "seconds", "models", "forecast"} <= told.keys()
    assert set(told["models"]["ParetoNBD"]) >= {"params", "log_likelihood"}
    assert {"weights", "backtest"} <= told["forecast"].keys()
    assert "CDNOW" in page.read_text(encoding="utf-8")


def test_scores_in_csv_with_the_columns_promised(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.csv"
    assert called(str(log), "--as-of", "2026-01-31", "--horizon", "30", "--out", str(out)) == 0
    assert "judged as of 2026-01-31" in capsys.readouterr().out
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    promised = [
        "customer",
        "first_on",
        "last_on",
        "purchases",
        "total",
        "mean_value",
        "grade",
        "rfm",
        "p_alive",
        "p_buy",
        "expected_purchases",
        "expected_value",
        "clv",
        "risk",
        "next_on",
        "reasons",
    ]
    assert set(promised) <= rows[0].keys()
    assert json.loads(rows[0]["reasons"])


def test_a_customer_named_like_a_formula_is_harmless_in_csv(tmp_path: Path) -> None:
    source, out = tmp_path / "log.csv", tmp_path / "scores.csv"
    source.write_text('customer,date,amount\n"=cmd|calc",2026-01-01,5\n', encoding="utf-8")
    assert called(str(source), "--out", str(out)) == 0
    assert not out.read_text(encoding="utf-8").splitlines()[1].lstrip('"').startswith("=")


def test_columns_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "log.csv"
    source.write_text("k,d,x,y\nA,2026-01-01,5,7\nA,2026-02-01,5,7\n", encoding="utf-8")
    called(str(source), "--json", "--map", "customer=k", "--map", "on=d", "--map", "amount=y")
    assert json.loads(capsys.readouterr().out)["columns"] == {"customer": "k", "at": "d", "amount": "y"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Name one purchase log"),
        (("{log}", "--example"), "Name one purchase log"),
        (("{log}", "--out", "scores.xls"), "parquet or .csv"),
        (("{log}", "--report", "/no/such/place/report.html"), "no directory"),
        (("{log}", "--map", "amount"), "FIELD=COLUMN"),
        (("gone.csv",), "gone.csv"),
        (("{log}", "--as-of", "2020-01-01"), "before the first purchase"),
        (("{log}", "--map", "amount=gone"), "gone"),
        (("{log}", "--master", "spark://host:7077"), "--engine spark"),
        (("{log}", "--removed", "gone.csv"), "--removed is of --state"),
        (("--example", "--state", "kept"), "neither with --example nor --engine spark"),
        (("{log}", "--engine", "spark", "--state", "kept"), "neither with --example nor --engine spark"),
        (("{log}", "--state", "/no/such/place/state"), "no directory"),
        (("{log}", "--set", "spark.executor.memory=2g"), "--engine spark"),
        (("{log}", "--engine", "spark", "--set", "spark.executor.memory"), "NAME=VALUE"),
    ],
)
def test_what_cannot_be_done_is_said(words: tuple[str, ...], message: str, log: Path) -> None:
    with pytest.raises(Problem, match=message):
        called(*(word.format(log=log) for word in words))


def test_a_days_rows_are_folded_into_kept_state(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *lines = log.read_text(encoding="utf-8").splitlines()
    late, first = tmp_path / "late.csv", tmp_path / "first.csv"
    first.write_text("\n".join([head, *lines[300:]]), encoding="utf-8")
    late.write_text("\n".join([head, *lines[:300]]), encoding="utf-8")
    kept, out, anew = (str(tmp_path / name) for name in ("state", "kept.parquet", "anew.parquet"))
    judged = ("--as-of", "2026-06-01", "--horizon", "30", "--json")
    assert called(str(first), "--state", kept, *judged) == 0
    capsys.readouterr()
    assert called(str(late), "--state", kept, *judged, "--out", out) == 0
    folded = json.loads(capsys.readouterr().out)
    assert (folded["state"]["generation"], folded["state"]["rows"]) == (2, 300)
    assert called(str(log), *judged, "--out", anew) == 0
    whole = json.loads(capsys.readouterr().out)
    for name in ("customers", "purchases", "rows", "models"):
        assert folded[name] == whole[name]
    one, other = pq.read_table(out), pq.read_table(anew)
    for name in (
        "customer",
        "purchases",
        "total",
        "grade",
        "rfm",
        "risk",
        "value_at_risk",
        "next_on",
        "reasons",
    ):
        assert one[name] == other[name]


def test_the_kept_log_is_judged_without_new_rows_and_a_batch_counts_once(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = str(tmp_path / "state")
    assert called(str(log), "--state", kept) == 0
    assert called(str(log), "--state", kept) == 0
    assert "orders.csv was there already and changed nothing" in capsys.readouterr().out
    gone = tmp_path / "gone.csv"
    gone.write_text("customer\nC0001\n", encoding="utf-8")
    assert called("--state", kept, "--removed", str(gone), "--horizon", "60", "--json") == 0
    assert json.loads(capsys.readouterr().out)["customers"] == 119


def test_a_cluster_without_spark_or_java_names_what_brings_them(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Problem, match="apt-get install openjdk-17-jre-headless"):
        called(str(log), "--engine", "spark")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Problem, match=r"pip install 'liuke\[spark\]'"):
        called(str(log), "--engine", "spark")


@pytest.mark.parametrize(
    "words", [("--horizon", "0"), ("--horizon", "x"), ("--as-of", "31.3.2026"), ("--lang", "fr")]
)
def test_bad_options_are_refused_by_the_parser(words: tuple[str, ...], log: Path) -> None:
    with pytest.raises(SystemExit):
        called(str(log), *words)


@pytest.mark.parametrize(
    ("lang", "language"),
    [
        ("en_GB.UTF-8", "en"),
        ("zh_CN.UTF-8", "zh-Hans"),
        ("zh_TW.UTF-8", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("C", "zh-Hans"),
        ("fr_FR", "zh-Hans"),
    ],
)
def test_the_report_speaks_the_locales_language(
    monkeypatch: pytest.MonkeyPatch, lang: str, language: str
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", lang)
    assert analyse.of_report(argparse.Namespace()) == language


@pytest.mark.parametrize(
    ("lang", "chosen", "said"),
    [
        ("C", None, "at high risk: 1,234 customers"),
        ("zh_TW.UTF-8", None, "高流失風險：1,234 位客戶"),
        ("zh_CN.UTF-8", None, "高流失风险：1,234 位客户"),
        ("en_GB.UTF-8", "zh-Hant", "高流失風險：1,234 位客戶"),
    ],
)
def test_sc11_the_terminal_is_told_in_the_same_language(
    monkeypatch: pytest.MonkeyPatch, lang: str, chosen: Language | None, said: str
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", lang)
    language = language_of(["--language", chosen] if chosen else [])
    assert Words(language)("told_high", customers="1,234") == said
