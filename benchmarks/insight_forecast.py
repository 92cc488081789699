"""The forecast beside every simpler method on real logs, rolling origin, in one run.

    python benchmarks/insight_forecast.py [--folder DIR] [--logs cdnow retail] [--horizons 28 91] [--most N] [--json] [--check]
    python benchmarks/insight_forecast.py --invented [--seeds 1 2] …

Logs: `cdnow-master.txt` and `online-retail.parquet` in DIR (default ../shared/data). From each of the N latest days whose
horizon has ended, one horizon apart, the forecast and its rivals (recency rule, RFM, past value, rhythm rule, each
buy-till-you-die model, logistic, boosting) say who will buy, knowing only what had happened by then. Told are the means over
these days. `--check` fails where the forecast's mean log loss is more than 0.5 % above the best rival's, or its mean AUC more
than 0.5 % below.

With `--invented`, instead: logs made by rules that no model of the library follows (`invented_logs.py`; `--kinds` names
some), and 600 customers drawn from each of the two, for each seed. The log loss of a single log of
a hundred customers is off by more than the half per cent asked about, so there `--check` judges the mean over the seeds, told at
the end with its standard error (from log to log; with one seed, over resampled customers). It fails where the forecast is behind
the rival that is best in the mean by more than 0.5 % and by more than two standard errors, for that rival is the best of ten by
hindsight.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("LIUKE_SHARED", ROOT.parent / "shared" / "data"))
WITHIN = 0.005
FORECAST = "forecast"


SMALL = 600


def logs(asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """name -> purchases, one after the other."""
    from invented_logs import INVENTED, invented

    from liuke import insight

    real = {name: purchases_of(name, asked.folder) for name in asked.logs}
    if not asked.invented:
        yield from real.items()
        return
    for seed in asked.seeds:
        for name in asked.kinds or INVENTED:
            yield f"{name} {seed}", insight.read_purchases(invented(name, seed=seed))
        for name, purchases in real.items():
            yield f"{SMALL} of {name} {seed}", some_of(purchases, seed=seed)


def some_of(purchases: Any, *, seed: int) -> Any:
    """`SMALL` customers with all that they bought."""
    import numpy as np
    import pyarrow as pa

    from liuke import insight

    lines = purchases.engine.fetch(purchases.lines)
    everyone = sorted(lines["customer"].unique().to_pylist())
    drawn = set(np.random.default_rng(seed).choice(len(everyone), SMALL, replace=False).tolist())
    kept = {customer for place, customer in enumerate(everyone) if place in drawn}
    return insight.read_purchases(lines.filter(pa.array([c in kept for c in lines["customer"].to_pylist()])))


def purchases_of(name: str, folder: Path) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    from liuke import insight

    if name == "retail":
        return insight.read_purchases(folder / "online-retail.parquet")
    rows = [
        line.split() for line in (folder / "cdnow-master.txt").read_text().splitlines()[1:] if line.strip()
    ]
    customer, on, _, amount = (list(column) for column in zip(*rows, strict=True))
    day = pc.strptime(pa.array(on), format="%Y%m%d", unit="s").cast(pa.date32())
    table = pa.table({"customer": customer, "on": day, "amount": pa.array(map(float, amount))})
    return insight.read_purchases(table)


def compare(name: str, purchases: Any, horizon: int, most: int) -> dict[str, Any]:
    from liuke import insight

    start = time.process_time()
    rows = insight.backtest(purchases, horizons=(horizon,), most=most, draws=50).table.to_pylist()
    days = sorted({row["cutoff"] for row in rows})
    methods: dict[str, dict[str, float]] = {}
    for method in sorted({row["method"] for row in rows}):
        mine = [row for row in rows if row["method"] == method]
        if len(mine) == len(days):
            methods[method] = {
                score: sum(row[score] for row in mine) / len(mine)
                for score in (
                    "log_loss",
                    "auc",
                    "brier",
                    "calibration_error",
                    "lift",
                    "spend_captured",
                    "ratio",
                )
            }
    ours = methods[FORECAST]
    rivals = {method: scores for method, scores in methods.items() if method != FORECAST}
    best = min(rivals, key=lambda method: rivals[method]["log_loss"])
    apart = [
        (r["loss_to_forecast_high"] - r["loss_to_forecast_low"]) / 3.92 for r in rows if r["method"] == best
    ]
    error = sum(each**2 for each in apart) ** 0.5 / len(days)
    return {
        "log": name,
        "customers": rows[0]["customers"],
        "horizon_days": horizon,
        "cutoffs": [day.isoformat() for day in days],
        "methods": methods,
        "seconds_cpu": time.process_time() - start,
        "best": best,
        "log_loss_to_best": ours["log_loss"] / rivals[best]["log_loss"] - 1,
        "standard_error": error / rivals[best]["log_loss"],
        "auc_to_best": ours["auc"] / max(each["auc"] for each in rivals.values()) - 1,
    }


def say(found: dict[str, Any]) -> None:
    print(
        f"\n{found['log']}, {found['horizon_days']} days, {len(found['cutoffs'])} days of the past "
        f"({found['cutoffs'][0]} to {found['cutoffs'][-1]}), {found['seconds_cpu']:.0f} s of CPU"
    )
    print(f"  {'':<12} log loss     AUC   Brier  calibration  lift  spend  foretold/came")
    for method, each in sorted(found["methods"].items(), key=lambda item: item[1]["log_loss"]):
        print(
            f"  {method:<12} {each['log_loss']:8.4f} {each['auc']:7.4f} {each['brier']:7.4f} "
            f"{each['calibration_error']:12.4f} {each['lift']:5.2f} {each['spend_captured']:6.2f} {each['ratio']:14.3f}"
        )
    print(
        f"  forecast to the best: log loss {found['log_loss_to_best']:+.2%} (standard error {found['standard_error']:.2%}), "
        f"AUC {found['auc_to_best']:+.2%}"
    )


def pooled(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean of each kind and horizon over the seeds, beside the rival that is best in the mean."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for each in results:
        groups.setdefault((each["log"].rpartition(" ")[0] or each["log"], each["horizon_days"]), []).append(
            each
        )
    found = []
    for (kind, horizon), logs_of in groups.items():
        common = set.intersection(*(set(each["methods"]) for each in logs_of))
        mean = {
            (method, score): sum(each["methods"][method][score] for each in logs_of) / len(logs_of)
            for method in common
            for score in ("log_loss", "auc")
        }
        best = min(common - {FORECAST}, key=lambda method: mean[method, "log_loss"])
        apart = [
            each["methods"][FORECAST]["log_loss"] - each["methods"][best]["log_loss"] for each in logs_of
        ]
        middle = sum(apart) / len(apart)
        error = logs_of[0]["standard_error"]
        if len(apart) > 1:
            spread = sum((each - middle) ** 2 for each in apart) / (len(apart) - 1)
            error = (spread / len(apart)) ** 0.5 / mean[best, "log_loss"]
        found.append(
            {
                "log": kind,
                "horizon_days": horizon,
                "seeds": len(logs_of),
                "best": best,
                "log_loss": mean[FORECAST, "log_loss"],
                "log_loss_to_best": middle / mean[best, "log_loss"],
                "standard_error": error,
                "auc_to_best": mean[FORECAST, "auc"]
                / max(mean[method, "auc"] for method in common - {FORECAST})
                - 1,
            }
        )
    return found


def tell_pooled(found: list[dict[str, Any]]) -> None:
    print("\n| log | days | logs | best rival | log loss to it | standard error | AUC to the best |")
    print("|---|---|---|---|---|---|---|")
    for each in found:
        print(
            f"| {each['log']} | {each['horizon_days']} | {each['seeds']} | {each['best']} | "
            f"{each['log_loss_to_best']:+.2%} | {each['standard_error']:.2%} | {each['auc_to_best']:+.2%} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=DATA)
    parser.add_argument("--logs", nargs="*", choices=("cdnow", "retail"), default=["cdnow", "retail"])
    parser.add_argument("--horizons", type=int, nargs="*", default=[28, 91])
    parser.add_argument("--most", type=int, default=3)
    parser.add_argument("--invented", action="store_true", help="logs made by other rules, and small ones")
    parser.add_argument(
        "--kinds", nargs="*", default=[], help="of the invented logs, rather than all of them"
    )
    parser.add_argument("--seeds", type=int, nargs="*", default=[1])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        sys.exit(f"✗ {asked.folder} is not here")
    warnings.simplefilter("ignore")
    results = []
    for name, purchases in logs(asked):
        for horizon in asked.horizons:
            results.append(compare(name, purchases, horizon, asked.most))
            if not asked.json:
                say(results[-1])
    if asked.json:
        sys.stdout.write(json.dumps(results, default=str) + "\n")
    judged = pooled(results) if asked.invented else results
    if asked.invented and not asked.json:
        tell_pooled(judged)
    behind = [
        each for each in judged
        if each["log_loss_to_best"] > max(WITHIN, 2 * each["standard_error"] * asked.invented)
        or each["auc_to_best"] < -WITHIN * (1 + asked.invented)
    ]  # fmt: skip
    for each in behind:
        print(f"✗ {each['log']}, {each['horizon_days']} days: behind {each['best']}", file=sys.stderr)
    return 1 if asked.check and behind else 0


if __name__ == "__main__":
    sys.exit(main())
