"""How fast the models fit and score, against the Python package lifetimes on the very same tables, in one run.

    python benchmarks/insight_models.py [--sizes N …] [--pareto-up-to N] [--score N] [--json] [--check]

lifetimes is no dependency of ours: where it is not installed, the script starts itself again in a throw-away environment
that `uv` makes (`uv run --with lifetimes`). 2,357 customers are the CDNOW sample in weeks; larger tables are drawn from the
Pareto/NBD fitted to it, on whole days. Both are timed alternately, the best of several runs each, and told with it is how
much log-likelihood lifetimes left below our optimum. `--check` fails below the bars: 40 times for BG/NBD, 75 for Pareto/NBD.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BARS = {"BGNBD": 40.0, "ParetoNBD": 75.0}


def with_lifetimes() -> None:
    """Start again where lifetimes is, unless that is here."""
    if find_spec("lifetimes"):
        return
    uv = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
    if not Path(uv).exists():
        sys.exit("✗ uv is needed to bring lifetimes: run `make setup` first")
    command = [uv, "run", "--quiet", "--no-project", "--python", sys.executable]
    for package in ("lifetimes==0.11.3", "numpy>=2", "scipy>=1.15", "pyarrow>=20", "pandas"):
        command += ["--with", package]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    os.execve(uv, [*command, "python", __file__, *sys.argv[1:]], environment)


def cdnow() -> dict[str, Any]:
    import numpy as np

    from liuke.insight.datasets import cdnow_sample

    log = cdnow_sample()
    day = log["on"].to_numpy().astype("datetime64[D]")
    customer = np.array(log["customer"].to_pylist())
    seen = day <= np.datetime64("1997-09-30")
    names, index = np.unique(customer[seen], return_inverse=True)
    pairs = np.unique(np.stack([index, day[seen].astype(int)]), axis=1)
    first, last = (np.zeros(len(names), dtype=int) for _ in range(2))
    last[pairs[0]] = pairs[1]
    first[pairs[0][::-1]] = pairs[1][::-1]
    end = np.datetime64("1997-09-30").astype(int)
    return {"frequency": np.bincount(pairs[0]) - 1.0, "recency": (last - first) / 7, "T": (end - first) / 7}


def drawn(model: Any, customers: int, lengths: Any) -> dict[str, Any]:
    """Customers of the fitted kind, on whole days as a summary of a purchase log would have them."""
    import numpy as np

    rng = np.random.default_rng(1)
    table = model.simulate(rng.choice(lengths, customers), seed=1)
    x, recency, T = (table[name].to_numpy().astype(float) for name in ("frequency", "recency", "T"))
    days = np.maximum(np.round(recency * 7), x > 0)
    return {"frequency": np.minimum(x, days), "recency": days / 7, "T": T}


def best(action: Callable[[], Any], seconds: float, most: int) -> float:
    """The quickest of several runs, within a budget."""
    times: list[float] = []
    while not times or (len(times) < most and sum(times) < seconds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(kind: type[Any], peer: type[Any], summary: dict[str, Any]) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    table = pa.table({"customer": np.arange(len(summary["T"])), **summary})
    columns = (summary["frequency"], summary["recency"], summary["T"])
    ours = best(lambda: kind().fit(table), 0.5, 7)
    other = peer()
    theirs = best(lambda: other.fit(*columns), 2.0, 3)
    ours = min(ours, best(lambda: kind().fit(table), 0.5, 7))
    model = kind().fit(table)
    reached = kind.with_params(**{name: float(other.params_[name]) for name in kind.param_names})
    return {
        "customers": table.num_rows,
        "model": kind.__name__,
        "liuke_ms": 1000 * ours,
        "lifetimes_ms": 1000 * theirs,
        "times": theirs / ours,
        "log_likelihood_left_by_lifetimes": model.log_likelihood_ - reached.log_likelihood(table),
    }


def scoring(kind: type[Any], base: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    model = kind().fit(base)
    asked: list[tuple[str, Callable[[], Any]]] = [
        ("probability_alive", lambda: model.probability_alive(summary)),
        ("expected_purchases", lambda: model.expected_purchases(summary, horizon=13)),
        ("probability_of_purchase", lambda: model.probability_of_purchase(summary, horizon=13)),
    ]
    return {"model": kind.__name__, **{name: best(action, 2.0, 2) for name, action in asked}}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=[2357, 23_570, 100_000])
    parser.add_argument("--pareto-up-to", type=int, default=23_570, help="lifetimes needs minutes beyond")
    parser.add_argument("--score", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    with_lifetimes()

    import lifetimes
    import pyarrow as pa

    from liuke.insight.models import BGNBD, MBGNBD, ParetoNBD

    warnings.simplefilter("ignore")
    sample = cdnow()
    source = ParetoNBD().fit(pa.table(sample))
    pairs = (
        (BGNBD, lifetimes.BetaGeoFitter),
        (MBGNBD, lifetimes.ModifiedBetaGeoFitter),
        (ParetoNBD, lifetimes.ParetoNBDFitter),
    )
    fits = []
    for size in asked.sizes:
        summary = sample if size == 2357 else drawn(source, size, sample["T"])
        for kind, peer in pairs:
            if kind is ParetoNBD and size > asked.pareto_up_to:
                continue
            fits.append(compare(kind, peer, summary))
            if not asked.json:
                say(fits[-1])
    scores = []
    if asked.score:
        summary = drawn(source, asked.score, sample["T"])
        scores = [scoring(kind, sample, summary) for kind, _ in pairs]
    if asked.json:
        sys.stdout.write(
            json.dumps({"fits": fits, "scoring": {"customers": asked.score, "seconds": scores}}) + "\n"
        )
    for row in [] if asked.json else scores:
        print(
            f"scoring {asked.score:,} customers by {row.pop('model')}: "
            + ", ".join(f"{k} {v:.2f} s" for k, v in row.items())
        )
    slow = [row for row in fits if row["times"] < BARS.get(row["model"], 0)]
    return 1 if asked.check and slow else 0


def say(row: dict[str, Any]) -> None:
    left = row["log_likelihood_left_by_lifetimes"]
    print(
        f"{row['customers']:>9,} customers  {row['model']:<10} {row['liuke_ms']:8.1f} ms  lifetimes {row['lifetimes_ms']:9.0f} ms"
        f"  {row['times']:6.0f} times  (it stops {left:.1e} of log-likelihood below)"
    )


if __name__ == "__main__":
    sys.exit(main())
