"""What contact policies are worth on a real campaign, ours beside treat all, the response model and two libraries, in one run.

    python benchmarks/insight_uplift.py [FILE] [--folds N] [--json] [--check]

FILE is Hillstrom's e-mail campaign as CSV (default ../shared/data/hillstrom-a.csv): customers drawn at random for the men's
mail, the women's or none, and who visited, bought, spent. Every policy is learnt on the other folds and valued on its own by
the same doubly robust scores; a mail is priced at about what it brings, where choosing matters most. The libraries econml and
scikit-uplift are no dependency of ours: where they are not installed, the script starts itself again in a throw-away
environment that `uv` makes. `--check` fails where our choice is worse than treat all, treat none or the response model beyond
noise (95 %, paired) in any of the six comparisons.
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
DATA = Path(os.environ.get("LIUKE_SHARED", ROOT.parent / "shared" / "data")) / "hillstrom-a.csv"
PEERS = ("econml==0.17.0", "scikit-uplift==0.5.1")
FEATURES = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]
CONTROL = "No E-Mail"
COSTS = {"visit": 0.04, "conversion": 0.003, "spend": 0.4}
Learn = Callable[[Any, Any, Any], Callable[[Any], Any]]  # (x, y, treated) -> a function from x to increments


def with_peers() -> None:
    """Start again where the libraries are, unless that is here."""
    if find_spec("econml") and find_spec("sklift"):
        return
    uv = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
    if not Path(uv).exists():
        sys.exit("✗ uv is needed to bring econml and scikit-uplift: run `make setup` first")
    command = [uv, "run", "--quiet", "--no-project", "--python", sys.executable]
    for package in (
        *PEERS,
        "numpy>=2",
        "scipy>=1.15",
        "scikit-learn>=1.6",
        "pyarrow>=20",
        "pandas",
        "threadpoolctl",
    ):
        command += ["--with", package]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    os.execve(uv, [*command, "python", __file__, *sys.argv[1:]], environment)


def peers() -> dict[str, Learn]:
    """Learners of increments of the two libraries, at the settings their manuals begin with."""
    import numpy as np
    from econml.dml import CausalForestDML
    from econml.dr import DRLearner, LinearDRLearner
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LassoCV, RidgeCV
    from sklift.models import SoloModel, TwoModels

    shape = {"max_iter": 60, "max_leaf_nodes": 8, "min_samples_leaf": 100, "random_state": 0}

    def trees() -> Any:
        return HistGradientBoostingRegressor(**shape)

    def trees_for(y: Any) -> Any:
        """scikit-uplift asks for classes where the outcome is yes or no."""
        return HistGradientBoostingClassifier(**shape) if len(np.unique(y)) == 2 else trees()

    def econml(make: Callable[[], Any]) -> Learn:
        def learn(x: Any, y: Any, treated: Any) -> Callable[[Any], Any]:
            model = make().fit(y, treated, X=x)
            return lambda new: np.ravel(model.effect(new))

        return learn

    def sklift(make: Callable[[Any], Any]) -> Learn:
        def learn(x: Any, y: Any, treated: Any) -> Callable[[Any], Any]:
            model = make(y).fit(x, y, treated)
            return lambda new: np.ravel(model.predict(new))

        return learn

    drawn = DummyClassifier(strategy="prior")  # the arms were drawn, so their shares are all there is to know
    return {
        "econml LinearDRLearner": econml(
            lambda: LinearDRLearner(model_propensity=drawn, model_regression=RidgeCV(), cv=3, random_state=0)
        ),
        "econml DRLearner (trees, lasso)": econml(
            lambda: DRLearner(
                model_propensity=drawn,
                model_regression=trees(),
                model_final=LassoCV(cv=3),
                cv=3,
                random_state=0,
            )
        ),
        "econml CausalForestDML": econml(
            lambda: CausalForestDML(
                model_y=trees(),
                model_t=drawn,
                discrete_treatment=True,
                n_estimators=200,
                min_samples_leaf=50,
                cv=3,
                n_jobs=1,
                random_state=0,
            )
        ),
        "scikit-uplift TwoModels": sklift(lambda y: TwoModels(trees_for(y), trees_for(y), method="vanilla")),
        "scikit-uplift SoloModel": sklift(lambda y: SoloModel(trees_for(y))),
    }


def compare(table: Any, arm: str, outcome: str, cost: float, folds: int) -> dict[str, Any]:
    """Policies and rankings of one arm and outcome, all on the same folds and scores."""
    import numpy as np

    from liuke.insight import experiments as ex
    from liuke.insight.experiments.covariates import Covariates

    names = {"outcome": outcome, "arm": "segment", "control": CONTROL}
    scores = ex.robust_scores(table, features=FEATURES, folds=folds, **names)
    x = Covariates(FEATURES).fit(table).transform(table)
    y = table[outcome].to_numpy().astype(float)
    treated = (np.array(table["segment"].to_pylist()) == arm).astype(int)
    made: dict[str, Any] = {}
    ranked: dict[str, Any] = {}
    seconds: dict[str, float] = {}

    def put(where: dict[str, Any], name: str, held: Any, values: Any) -> None:
        where.setdefault(name, np.zeros(len(y), dtype=np.asarray(values).dtype))[held] = values

    for k in range(folds):
        held, rest = np.flatnonzero(scores.folds == k), np.flatnonzero(scores.folds != k)
        start = time.process_time()
        ours = ex.Uplift(features=FEATURES, cost=cost, **names).fit(table.take(rest))
        choices = ours.choices(table.take(held))
        increments = ours.candidates_.increments(ours.covariates_.transform(table.take(held)))
        seconds["liuke"] = seconds.get("liuke", 0.0) + time.process_time() - start
        put(made, "liuke", held, choices[ours.chosen_])
        put(ranked, "liuke (blend)", held, increments["blend"][:, 0])
        for name in ("treat none", f"treat all: {arm}", "response"):
            put(made, name, held, choices[name])
        put(ranked, "response", held, increments["response"][:, 0])
        for name, learn in peers().items():
            start = time.process_time()
            found = learn(x[rest], y[rest], treated[rest])(x[held])
            seconds[name] = seconds.get(name, 0.0) + time.process_time() - start
            put(made, name, held, (found > cost).astype(int))
            put(ranked, name, held, found)
    values = {
        name: ex.policy_value(scores, choice, costs=cost, against=made["liuke"], name=name)
        for name, choice in made.items()
    }
    curves = {name: ex.qini(score, scores.gains(), groups=scores.folds) for name, score in ranked.items()}
    return {
        "arm": arm,
        "outcome": outcome,
        "cost": cost,
        "policies": {name: vars(each) for name, each in values.items()},
        "qini": {
            name: {"qini": each.qini, "low": each.low, "high": each.high} for name, each in curves.items()
        },
        "seconds": seconds,
        "fair": all(
            values[name].against_low <= 0 for name in ("treat none", f"treat all: {arm}", "response")
        ),
    }


def say(found: dict[str, Any]) -> None:
    print(f"\n{found['arm']}, {found['outcome']}, a mail at {found['cost']}")
    print(
        f"  {'policy':<32} {'value':>9} {'contacted':>9}   less liuke's (95 %)             Qini (95 %)           CPU s"
    )
    for name, each in sorted(found["policies"].items(), key=lambda item: -item[1]["value"]):
        curve = found["qini"].get("liuke (blend)" if name == "liuke" else name)
        area = f"{curve['qini']:+.5f} ({curve['low']:+.5f} {curve['high']:+.5f})" if curve else ""
        gap = f"{each['against']:+.5f} ({each['against_low']:+.5f} {each['against_high']:+.5f})"
        took = f"{found['seconds'][name]:6.1f}" if name in found["seconds"] else ""
        print(f"  {name:<32} {each['value']:9.5f} {each['contacted']:9.0%}   {gap:<30} {area:<31} {took}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=DATA)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if not asked.file.exists():
        sys.exit(f"✗ {asked.file} is not here")
    with_peers()

    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv

    warnings.simplefilter("ignore")
    campaign = pyarrow.csv.read_csv(asked.file)
    results = []
    for arm in ("Mens E-Mail", "Womens E-Mail"):
        table = campaign.filter(pc.is_in(campaign["segment"], value_set=pa.array([CONTROL, arm])))
        for outcome, cost in COSTS.items():
            results.append(compare(table, arm, outcome, cost, asked.folds))
            if not asked.json:
                say(results[-1])
    if asked.json:
        sys.stdout.write(json.dumps(results) + "\n")
    return 1 if asked.check and not all(each["fair"] for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
