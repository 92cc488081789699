"""`liuke score` as it is typed: one JSON object on stdout, or one line that says what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from liuke.cli.tests.conftest import Liuke

ORDERS = "".join(
    f"SO-{customer}{place},2026-{place:02d}-0{customer},C{customer},{customer * 10}.00\n"
    for customer in (1, 2, 3)
    for place in range(1, 7)
)


def test_what_was_brought_in_is_judged_and_told_as_json(liuke: Liuke, tmp_path: Path) -> None:
    empty = liuke("score", "--json")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "There are no purchases yet." in empty.stderr
    assert "liuke import purchases FILE" in empty.stderr

    file = tmp_path / "orders.csv"
    file.write_text(f"order number,date,customer number,amount\n{ORDERS}")
    assert liuke("import", "purchases", str(file), "--json").returncode == 0
    judged = liuke("score", "--as-of", "2026-06-30", "--horizon", "30", "--json")
    assert judged.returncode == 0, judged.stderr
    told = json.loads(judged.stdout)
    assert (told["as_of"], told["horizon_days"], told["customers"]) == ("2026-06-30", 30, 3)
    assert sum(told["grades"].values()) == 3
    assert told["fallback"]  # three customers carry no model, and it says so
    assert told["seconds"] > 0
    assert {"at_risk", "value_at_risk", "track_record"} <= set(told)


def test_purchases_in_a_currency_without_a_rate_are_named(liuke: Liuke, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"order number,date,customer number,amount\n{ORDERS}")
    liuke("import", "purchases", str(file), "--currency", "JPY")
    refused = liuke("score")
    assert refused.returncode == 1
    assert "18 in JPY" in refused.stderr
    assert "exchange rate" in refused.stderr


def test_a_day_that_is_none_is_refused(liuke: Liuke) -> None:
    assert "is no date" in liuke("score", "--as-of", "2026-02-30").stderr
    assert "number of days" in liuke("score", "--horizon", "0").stderr


def test_the_summary_names_every_grade_in_order_every_band_and_the_ungraded(
    liuke: Liuke, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"order number,date,customer number,amount\n{ORDERS}X-1,2019-01-01,C9,5.00\n")
    liuke("import", "purchases", str(file), "--json")
    judged = liuke("score", "--as-of", "2026-06-30", "--horizon", "30")
    assert judged.returncode == 0, judged.stderr
    assert re.search(r"grades: Platinum \d+, Gold \d+, Iron \d+, Lead \d+, ungraded 1\n", judged.stdout)
    bands = re.search(r"churn risk: High (\d+), Medium (\d+), Low (\d+), Lost (\d+)\n", judged.stdout)
    assert bands
    assert sum(map(int, bands.groups())) == 4
    assert re.search(r"money at risk: [\d,]+ CNY of \d+ customers? at high risk", judged.stdout)
    assert judged.stderr.splitlines()[-1] == "5/5 done"
