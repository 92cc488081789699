"""A Spark cluster beside DuckDB on the same logs, in one run: when is it time to change over?

    python benchmarks/insight_spark.py [--customers 2000 50000 500000] [--memory 1g] [--minutes 60] [--json] [--check]

It starts a standalone master and two workers of one core each on this machine (needs `liuke[spark]` and Java 17), makes a log
of ten purchases a customer for each size, and judges it with a horizon of 90 days as `liuke analyse` does, once by DuckDB with
two threads and once by the cluster, each as a process of its own that writes the scores as Parquet.

Told of each: seconds of the clock, seconds of processor time of the process that started it and of the workers, its greatest
memory, and of Spark in bytes what came to the starting process, went between the workers and lay on their disks. Then a line
through the sizes (fixed cost and cost of a million purchases) and, by that line, what 1,000,000,000 purchases of 100,000,000
customers need, and the table of docs/insight/engines.md. Processor time counts: on one machine the clock says little about a
cluster.

After `--minutes` in all it stops: an engine that is still at it is ended, its size is left out, and the sizes before it are told.

`--check` fails unless the scores are the same to the last count and cent, and unless what comes to the starting process stays
below a tenth of the scores at the largest size.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from insight import DAYS, FIRST, log_of

ROOT = Path(__file__).resolve().parent.parent
PER_CUSTOMER = 10
TARGET = {"customers": 100_000_000, "purchases": 1_000_000_000}
NIGHT_HOURS = 4
SCORE_BYTES = 400  # a customer's scores with their reasons, in memory
MOST_BROUGHT = 0.1  # of the scores, at the largest size
SUMMED = {"p_alive", "p_buy", "expected_purchases"}
MIB = 2**20


class TimeUp(Exception):
    """`--minutes` are over."""


def one(path: Path, master: str, memory: str, out: Path) -> dict[str, Any]:
    """Run in a process of its own: reads, judges and writes."""
    from liuke import insight
    from liuke.insight.engines import DuckEngine

    start = time.perf_counter()
    if master:
        from liuke.insight.engines.spark import SparkEngine

        settings = {"spark.ui.enabled": "false", "spark.driver.memory": "1g", "spark.executor.memory": memory}
        engine: Any = SparkEngine(master, settings=settings)
    else:
        engine = DuckEngine(threads=2)
    seconds = {"starting": time.perf_counter() - start}
    start = time.perf_counter()
    purchases = insight.read_purchases(path, engine=engine)
    seconds["reading"] = time.perf_counter() - start
    start = time.perf_counter()
    judgement = insight.judge(
        purchases, as_of=FIRST + timedelta(days=DAYS), horizon_days=90, out=str(out), rows=False
    )
    seconds["judging"] = time.perf_counter() - start
    found = {"customers": judgement.counts["customers"], "rows": purchases.reading.rows, "seconds": seconds}
    if master:
        found["traffic"] = asdict(engine.traffic())
        engine.close()
    return found


def used(sessions: set[int]) -> tuple[float, float]:
    """Processor seconds of all processes of these sessions, with those that have ended and been asked after, and the MiB that
    they hold now."""
    ticks = pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) in sessions:
            ticks += sum(map(int, fields[11:15]))
            pages += int(fields[21])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / MIB


def measured(
    path: Path, out: Path, *, master: str = "", memory: str = "", workers: set[int], until: float
) -> dict[str, Any]:
    """`one` from outside: its clock, its processor time and the workers', its greatest memory; `TimeUp` past `until`."""
    if time.monotonic() >= until:
        raise TimeUp
    command = [sys.executable, __file__, "--one", str(path), "--out", str(out)]
    command += ["--master", master, "--memory", memory] if master else []
    there, most = used(workers)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:  # it says one line at the end
        if time.monotonic() >= until:
            process.kill()
            process.communicate()
            raise TimeUp
        time.sleep(0.5)
        most = max(most, used(workers)[1])
    told, wrong = process.communicate()
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"✗ {master or 'duckdb'} failed: {wrong[-3000:]}")
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    found["clock_s"] = clock
    found["here_s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found["workers_s"], found["workers_mib"] = used(workers)[0] - there, most
    return found


def same(ours: Path, theirs: Path) -> list[str]:
    """The columns in which the scores differ."""
    import numpy as np
    import pyarrow.parquet as pq

    there, here = pq.read_table(ours).sort_by("customer"), pq.read_table(theirs)
    if len(there) != len(here):
        return [f"{len(there)} rows instead of {len(here)}"]
    differing = []
    for name in here.column_names:
        if name in SUMMED:
            equal = np.allclose(there[name].to_numpy(), here[name].to_numpy(), rtol=1e-9, atol=0)
        else:
            equal = there[name].combine_chunks().equals(here[name].combine_chunks())
        if not equal:
            differing.append(name)
    return differing


def line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Fixed cost and slope of the least squares through the points."""
    import numpy as np

    slope, fixed = np.polyfit(*zip(*points, strict=True), 1) if len(points) > 1 else (0.0, points[0][1])
    return float(fixed), float(slope)


def run(asked: argparse.Namespace, folder: Path) -> int:
    from liuke.insight.engines.tests.cluster import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    until = time.monotonic() + 60 * asked.minutes
    found, wrong = [], []
    for customers in asked.customers:
        try:
            each, differing = size(customers, asked, folder, until)
        except TimeUp:
            print(f"time is up at {customers:,} customers; told are the sizes before", file=sys.stderr)
            break
        found.append(each)
        wrong += [f"{customers:,} customers: other scores in {', '.join(differing)}"] if differing else []
        tell(asked, each)
    if not found:
        sys.exit("✗ time was up before the first size was done: give it more --minutes")
    largest = found[-1]
    if largest["spark"]["traffic"]["brought"] > MOST_BROUGHT * SCORE_BYTES * largest["customers"]:
        wrong.append("too much came to the starting process")
    result = {"sizes": found, "lines": lines(found), "wrong": wrong}
    if asked.json:
        print(json.dumps(result))
    else:
        if len(found) > 1:  # one size tells no line
            arithmetic(result["lines"])
        print("\n" + table(found))
    for text in wrong:
        print(f"✗ {text}", file=sys.stderr)
    return 1 if wrong and asked.check else 0


def size(
    customers: int, asked: argparse.Namespace, folder: Path, until: float
) -> tuple[dict[str, Any], list[str]]:
    """Both engines on a log of so many customers, and the columns in which their scores differ."""
    from liuke.insight.engines.tests.cluster import Cluster

    path = folder / f"log-{customers}.parquet"
    log_of(customers, PER_CUSTOMER * customers, path)
    here, there = folder / f"duck-{customers}.parquet", folder / f"spark-{customers}.parquet"
    duck = measured(path, here, workers=set(), until=until)
    (folder / str(customers)).mkdir()
    with closing(Cluster(folder / str(customers), memory_mb=asked.worker_mb)) as cluster:
        workers = set(cluster.groups)
        spark = measured(path, there, master=cluster.url, memory=asked.memory, workers=workers, until=until)
    found = {
        "customers": customers,
        "duckdb": duck,
        "spark": spark,
        "scores_bytes": sum(part.stat().st_size for part in there.glob("*.parquet")),
        "log_bytes": path.stat().st_size,
    }
    return found, same(there, here)


def table(found: list[dict[str, Any]]) -> str:
    """The sizes as a table of Markdown, ready for docs/insight/engines.md."""
    rows = [
        "| log | engine | clock | starting process | workers | memory of both | brought here, between workers |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in found:
        duck, spark = each["duckdb"], each["spark"]
        log, moved = f"{each['customers']:,} customers, {duck['rows']:,} purchases", spark["traffic"]
        rows += [
            f"| {log} | DuckDB | {duck['clock_s']:.0f} s | {duck['here_s']:.0f} s | | {duck['mib'] / 1024:.1f} GB | |",
            f"| | Spark | {spark['clock_s']:.0f} s | {spark['here_s']:.0f} s | {spark['workers_s']:.0f} s | "
            f"{spark['mib'] / 1024:.1f} GB + {spark['workers_mib'] / 1024:.1f} GB | "
            f"{moved['brought'] / MIB:.1f} MB, {moved['shuffled'] / MIB:.0f} MB |",
        ]
    return "\n".join(rows)


def lines(found: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """figure -> (fixed, per million purchases)."""

    def through(engine: str, *path: str) -> tuple[float, float]:
        points = []
        for each in found:
            value: Any = each[engine]
            for name in path:
                value = value[name]
            points.append((each[engine]["rows"] / 1e6, float(value)))
        return line(points)

    return {
        "duckdb_clock_s": through("duckdb", "clock_s"),
        "duckdb_s": through("duckdb", "here_s"),
        "spark_clock_s": through("spark", "clock_s"),
        "spark_here_s": through("spark", "here_s"),
        "spark_workers_s": through("spark", "workers_s"),
        "brought": through("spark", "traffic", "brought"),
        "shuffled": through("spark", "traffic", "shuffled"),
    }


def tell(asked: argparse.Namespace, each: dict[str, Any]) -> None:
    if asked.json:
        return
    duck, spark = each["duckdb"], each["spark"]
    moved = spark["traffic"]
    print(
        f"{each['customers']:,} customers, {duck['rows']:,} purchases ({each['log_bytes'] / MIB:.0f} MiB of Parquet)"
    )
    for name, one_of in (("DuckDB", duck), ("Spark", spark)):
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in one_of["seconds"].items())
        print(f"  {name}: {one_of['clock_s']:.0f} s ({steps}), {one_of['here_s']:.0f} s of processor time here, "
              f"{one_of['workers_s']:.0f} s in workers, {one_of['mib']:.0f} MiB here, "
              f"{one_of['workers_mib']:.0f} there")  # fmt: skip
    print(f"  brought {moved['brought'] / MIB:.1f} MiB (most by a stage {moved['most_brought'] / MIB:.2f}), "
          f"shuffled {moved['shuffled'] / MIB:.0f}, spilled {moved['spilled'] / MIB:.0f}, held at the end "
          f"{moved['in_memory'] / MIB:.0f} in memory and {moved['on_disk'] / MIB:.0f} on disk", flush=True)  # fmt: skip


def arithmetic(found: dict[str, tuple[float, float]]) -> None:
    for name, (fixed, slope) in found.items():
        unit = 1.0 if name.endswith("_s") else MIB
        print(f"{name}: {fixed / unit:.1f} + {slope / unit:.2f} for each million purchases")
    millions = TARGET["purchases"] / 1e6
    work = found["spark_workers_s"][0] + millions * found["spark_workers_s"][1]
    print(
        f"{TARGET['customers']:,} customers, {TARGET['purchases']:,} purchases: {work / 3600:.1f} hours of processor time "
        f"in workers, so {work / 3600 / NIGHT_HOURS:.1f} cores for a night of {NIGHT_HOURS} hours; "
        f"{found['shuffled'][1] * millions / 2**30:.0f} GiB between workers; DuckDB would take "
        f"{(found['duckdb_clock_s'][0] + millions * found['duckdb_clock_s'][1]) / 3600:.1f} hours, if it had the memory"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, nargs="*", default=[2_000, 50_000, 500_000])
    parser.add_argument("--minutes", type=float, default=60.0, help="after which it stops")
    parser.add_argument("--memory", default="1g", help="of each worker's executor")
    parser.add_argument("--worker-mb", type=int, default=1536, help="that a worker may give away")
    parser.add_argument(
        "--check", action="store_true", help="fail when the engines differ or too much is brought"
    )
    parser.add_argument("--json", action="store_true")
    for name in ("--one", "--out", "--master"):
        parser.add_argument(name, default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        told = one(Path(asked.one), asked.master, asked.memory, Path(asked.out))
        told["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(told))
        return 0
    with tempfile.TemporaryDirectory(prefix="liuke-benchmark-") as name:
        return run(asked, Path(name))


if __name__ == "__main__":
    sys.exit(main())
