"""Speed and size of the analytics library, each beside its peer or its limit, in one run.

    python benchmarks/insight.py [--parts summary fits analyse fold] [--customers N --purchases N] [--check] [--json]

`summary`   frequency, recency and T of 1,000,000 customers with 4,000,000 purchases: `insight.summarise` beside lifetimes'
            `summary_data_from_transaction_data` (bar: 5 times as fast) and beside DuckDB's plain group-by over the same
            Parquet file (bar: within 3 times; the group-by is the least that anybody could do).
`fits`      BG/NBD and Pareto/NBD beside lifetimes at 2,357 to 1,000,000 customers; see insight_models.py (bars: 40, 75).
`analyse`   `liuke analyse` from Parquet to scores and report, as a process of its own, with two cores and 6 GB, at a tenth
            of the size and at the size asked for (1,000,000 customers, 10,000,000 purchases): seconds (bar: 180), greatest
            memory (bar: 6 GiB), and how the time grew beside the rows (bar: 1.3 times as fast as they did).
`fold`      the newest 1/730 of such a log folded into kept state (`insight.State`) beside starting over with all of it, up to
            the summary and the features of every customer (bar: 2.5 times as fast); then `liuke analyse` of both, with the
            models, which are fitted anew, and the scores, which change for everybody with the day.

lifetimes is no dependency of ours; it is brought by `uv` into a throw-away environment for the parts that need it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DAYS = 730
FIRST = date(2024, 1, 1)
BAR = {"summary_peer": 5.0, "summary_limit": 3.0, "seconds": 180.0, "gib": 6.0, "growth": 1.3, "fold": 2.5}


def log_of(customers: int, purchases: int, path: Path, *, seed: int = 7) -> int:
    """A purchase log of mixed rhythms and life spans, as Parquet; the number of rows, close to `purchases`."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    born = rng.integers(0, DAYS - 30, customers)
    left = rng.gamma(0.6, 1.0, customers) + 0.02
    alive = np.minimum(rng.exponential(1 / (left / 700)), DAYS - born)
    pace = rng.gamma(0.9, 1.0, customers) * alive
    repeats = rng.poisson(pace * max(purchases - customers, 0) / pace.sum())
    who = np.repeat(np.arange(customers), repeats + 1)
    share = rng.random(len(who))
    share[np.concatenate([[0], np.cumsum(repeats + 1)[:-1]])] = 0.0
    day = born[who] + np.floor(share * alive[who])
    amount = np.round(np.exp(rng.normal(4.0, 0.5, customers))[who] * rng.gamma(4.0, 0.25, len(who)), 2)
    order = rng.permutation(len(who))  # a log is sorted by nothing that helps us
    on = (np.datetime64(FIRST) + day.astype("timedelta64[D]"))[order]
    table = pa.table(
        {"customer": pa.array(who[order]).cast(pa.string()), "on": pa.array(on), "amount": amount[order]}
    )
    pq.write_table(table, path, compression="zstd")
    return len(who)


def timed(action: Callable[[], Any], *, runs: int = 3) -> float:
    """Seconds of the quickest of several runs."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return min(found)


def summary(customers: int, purchases: int, folder: Path) -> dict[str, Any]:
    """Run where lifetimes is."""
    import duckdb
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    from liuke import insight

    path = folder / "summary.parquet"
    rows = log_of(customers, purchases, path)
    until = date.fromordinal(FIRST.toordinal() + DAYS)
    read = insight.read_purchases(path)
    ours = timed(lambda: insight.summarise(read, as_of=until))
    frame = pd.read_parquet(path)
    frame["on"] = pd.to_datetime(frame["on"])
    peer = timed(
        lambda: summary_data_from_transaction_data(
            frame, "customer", "on", monetary_value_col="amount", observation_period_end=pd.Timestamp(until)
        ),
        runs=1,
    )
    bench = duckdb.connect()
    bench.execute("CREATE TABLE log AS SELECT * FROM read_parquet(?)", [str(path)])
    limit = timed(
        lambda: bench.execute(
            'SELECT customer, count(DISTINCT "on") - 1, max("on") - min("on"), sum(amount) FROM log GROUP BY customer'
        ).to_arrow_table()
    )
    return {
        "customers": customers,
        "rows": rows,
        "liuke_s": ours,
        "lifetimes_s": peer,
        "group_by_s": limit,
        "times_lifetimes": peer / ours,
        "times_group_by": ours / limit,
    }


def analyse(customers: int, purchases: int, folder: Path) -> dict[str, Any]:
    """`liuke analyse` as its user starts it; the greatest memory is the process's own."""
    path = folder / f"log-{customers}.parquet"
    rows = log_of(customers, purchases, path)
    return {**analysed(path, folder), "rows": rows}


def analysed(path: Path, folder: Path, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "liuke", "analyse", str(path), "--json", *more]
    command += ["--out", str(folder / "scores.parquet"), "--report", str(folder / "report.html")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"✗ liuke analyse failed: {done.stderr}")
    return {
        "customers": json.loads(done.stdout)["customers"],
        "seconds": seconds,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "gib": after.ru_maxrss / 2**20,
    }


def fold(customers: int, purchases: int, folder: Path) -> dict[str, Any]:
    """A day's rows onto kept state, and all rows anew."""
    import pyarrow.parquet as pq

    from liuke import insight
    from liuke.insight.features.snapshot import everyone_of

    whole, before, day = (folder / f"{name}.parquet" for name in ("whole", "before", "day"))
    rows = log_of(customers, purchases, whole)
    table = pq.read_table(whole).sort_by("on")
    news = rows // DAYS
    pq.write_table(table.slice(0, rows - news), before, compression="zstd")
    pq.write_table(table.slice(rows - news), day, compression="zstd")
    del table
    state = insight.State(folder / "state")
    started = time.perf_counter()
    state.fold(before)
    built = time.perf_counter() - started
    shutil.copytree(folder / "state", folder / "copy")
    until = date.fromordinal(FIRST.toordinal() + DAYS)

    def known(purchases: Any) -> None:
        insight.summarise(purchases, as_of=until)
        found = everyone_of(purchases, as_of=until, horizon_days=90)
        purchases.engine.drop(purchases.engine.keep(found, "everyone"))

    def folded() -> None:
        kept = insight.State(folder / "state")
        kept.fold(day)
        known(kept.purchases())

    ours = timed(folded, runs=1)
    anew = timed(lambda: known(insight.read_purchases(whole)), runs=1)
    commands = analysed(day, folder, "--state", str(folder / "copy")), analysed(whole, folder)
    size = sum(file.stat().st_size for file in (folder / "copy").glob("*.parquet"))
    return {
        "rows": rows,
        "new_rows": news,
        "built_s": built,
        "state_mb": size / 1e6,
        "fold_s": ours,
        "anew_s": anew,
        "times": anew / ours,
        "analyse_fold_s": commands[0]["seconds"],
        "analyse_anew_s": commands[1]["seconds"],
        "analyse_times": commands[1]["seconds"] / commands[0]["seconds"],
    }


def in_peers_environment(part: str, asked: argparse.Namespace) -> dict[str, Any]:
    """This script again, where lifetimes is."""
    uv = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
    if not Path(uv).exists():
        sys.exit("✗ uv is needed to bring lifetimes: run `make setup` first")
    command = [uv, "run", "--quiet", "--no-project", "--python", sys.executable]
    wanted = ("lifetimes==0.11.3", "numpy>=2", "scipy>=1.15", "pyarrow>=20", "pandas<3", "duckdb", "ibis-framework[duckdb]",
              "scikit-learn", "threadpoolctl", "python-calamine", "charset-normalizer", "xlsxwriter", "babel")  # fmt: skip
    for package in wanted:
        command += ["--with", package]
    command += ["python", __file__, "--inner", part]
    command += ["--customers", str(asked.customers), "--purchases", str(asked.purchases)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"✗ {part}: {done.stderr}")
    return dict(json.loads(done.stdout))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="*", default=["summary", "fits", "analyse", "fold"])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--purchases", type=int, default=0, help="of the summary; default four per customer")
    parser.add_argument("--check", action="store_true", help="fail below a bar")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inner", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.purchases = asked.purchases or 4 * asked.customers
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="liuke-benchmark-") as name:
        if asked.inner:
            print(json.dumps(summary(asked.customers, asked.purchases, Path(name))))
            return 0
        return run(asked, Path(name))


def run(asked: argparse.Namespace, folder: Path) -> int:
    found: dict[str, Any] = {}
    missed: list[str] = []
    if "summary" in asked.parts:
        one = (
            summary(asked.customers, asked.purchases, folder)
            if find_spec("lifetimes")
            else in_peers_environment("summary", asked)
        )
        found["summary"] = one
        missed += [text for text, bad in (
            ("summary beside lifetimes", one["times_lifetimes"] < BAR["summary_peer"]),
            ("summary beside the group-by", one["times_group_by"] > BAR["summary_limit"]),
        ) if bad]  # fmt: skip
        tell(asked, f"summary of {one['customers']:,} customers, {one['rows']:,} purchases: {one['liuke_s']:.2f} s; "
             f"lifetimes {one['lifetimes_s']:.1f} s ({one['times_lifetimes']:.0f} times); DuckDB's plain group-by "
             f"{one['group_by_s']:.2f} s ({one['times_group_by']:.1f} times that)")  # fmt: skip
    if "fits" in asked.parts:
        sizes = ["2357", "23570", "100000", "1000000"]
        command = [
            sys.executable,
            str(ROOT / "benchmarks/insight_models.py"),
            "--score",
            "0",
            "--sizes",
            *sizes,
        ]
        code = subprocess.run([*command, *(["--check"] if asked.check else [])], check=False).returncode
        missed += ["fits beside lifetimes"] if code else []
    if "analyse" in asked.parts:
        sizes_asked = (asked.customers // 10, asked.customers)
        found["analyse"] = [analyse(size, 10 * size, folder) for size in sizes_asked]
        for one in found["analyse"]:
            tell(asked, f"liuke analyse, {one['customers']:,} customers, {one['rows']:,} purchases: {one['seconds']:.0f} s "
                 f"({one['cpu_s']:.0f} s of CPU), {one['gib']:.1f} GiB")  # fmt: skip
        small, large = found["analyse"]
        growth = (large["seconds"] / small["seconds"]) / (large["rows"] / small["rows"])
        tell(asked, f"ten times the rows: {growth:.2f} times the time in proportion")
        missed += [text for text, bad in (
            ("analyse: seconds", large["seconds"] > BAR["seconds"]),
            ("analyse: memory", large["gib"] > BAR["gib"]),
            ("analyse: growth", growth > BAR["growth"]),
        ) if bad]  # fmt: skip
    if "fold" in asked.parts:
        one = found["fold"] = fold(asked.customers, 10 * asked.customers, folder)
        tell(asked, f"{one['new_rows']:,} new rows of {one['rows']:,} folded into kept state, summary and features: "
             f"{one['fold_s']:.1f} s; starting over {one['anew_s']:.1f} s ({one['times']:.1f} times); whole liuke analyse "
             f"{one['analyse_fold_s']:.0f} s beside {one['analyse_anew_s']:.0f} s ({one['analyse_times']:.2f} times); "
             f"the state was built in {one['built_s']:.0f} s and takes {one['state_mb']:.0f} MB")  # fmt: skip
        missed += ["fold beside starting over"] if one["times"] < BAR["fold"] else []
    if asked.json:
        print(json.dumps({**found, "missed": missed}))
    for text in missed:
        print(f"✗ below the bar: {text}", file=sys.stderr)
    return 1 if missed and asked.check else 0


def tell(asked: argparse.Namespace, text: str) -> None:
    if not asked.json:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
