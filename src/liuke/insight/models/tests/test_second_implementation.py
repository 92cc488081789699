"""A second implementation of each model of purchases: its story of one customer, summed over all customers there may be.

What a customer with purchase rate λ and leaving chance p (or leaving rate μ) does takes one line of the paper. The models
integrate it over everybody in closed form; here a plain sum over a fine grid does, which shares nothing with them.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
import pytest
from scipy.special import betaln, gammainc, gammaln

from liuke.insight.models import BGNBD, MBGCNBD, MBGNBD, ParetoNBD, PurchaseModel

HORIZON = 39.0
# never again, twice long ago, steadily until now, very often, new
CUSTOMERS = [(0, 0.0, 38.86), (2, 10.0, 38.86), (6, 37.5, 38.0), (26, 30.86, 31.0), (0, 0.0, 0.5)]
RATE = {"r": 0.55, "alpha": 10.6}
PARAMS: dict[type[PurchaseModel], dict[str, float]] = {
    BGNBD: {**RATE, "a": 0.79, "b": 2.43},
    MBGNBD: {**RATE, "a": 0.89, "b": 1.61},
    ParetoNBD: {**RATE, "s": 0.61, "beta": 11.7},
}


def gamma_grid(shape: float, scale: float) -> tuple[Any, Any]:
    """Values of Gamma(shape, rate `scale`) evenly spaced in their logarithm, and the share of customers at each."""
    at = np.arange(-40 / shape, 8, 0.05)
    log_share = shape * at + shape * np.log(scale) - scale * np.exp(at) - gammaln(shape)
    return np.exp(at), 0.05 * np.exp(log_share)


def beta_grid(a: float, b: float) -> tuple[Any, Any]:
    """The same of Beta(a, b), evenly spaced in log odds."""
    at = np.arange(-40 / a, 40 / b, 0.1)
    share = np.exp(-a * np.logaddexp(0, -at) - b * np.logaddexp(0, at) - betaln(a, b))
    return 1 / (1 + np.exp(-at)), 0.1 * share


def told(kind: type[PurchaseModel], x: int, tx: float, T: float) -> tuple[float, float, float]:
    """Likelihood, P(alive) and purchases expected within the horizon."""
    params = PARAMS[kind]
    rate, share = gamma_grid(params["r"], params["alpha"])
    rate, share = rate[:, None], share[:, None]
    if kind is ParetoNBD:
        leaving, of_leaving = gamma_grid(params["s"], params["beta"])
        share = share * of_leaving
        both = rate + leaving
        here = rate**x * np.exp(-both * T)
        gone = rate**x * leaving / both * (np.exp(-both * tx) - np.exp(-both * T))
        ahead = -rate / leaving * np.expm1(-leaving * HORIZON)
    else:
        chance, of_chance = beta_grid(params["a"], params["b"])
        share = share * of_chance
        chances = x + 1 if kind is MBGNBD else x  # to leave: MBG/NBD counts the first purchase too
        here = (1 - chance) ** chances * rate**x * np.exp(-rate * T)
        gone = chance * (1 - chance) ** (chances - 1) * rate**x * np.exp(-rate * tx) if chances else 0.0
        ahead = -np.expm1(-rate * chance * HORIZON) / chance
    all_of_it = (share * (here + gone)).sum()
    return all_of_it, (share * here).sum() / all_of_it, (share * here * ahead).sum() / all_of_it


def thirty(*columns: list[Any]) -> dict[str, list[Any]]:
    """The customers six times over, because a table of fewer has no likelihood."""
    return dict(
        zip(("frequency", "recency", "T", "log_gaps"), (column * 6 for column in columns), strict=False)
    )


@pytest.mark.parametrize("kind", PARAMS)
@pytest.mark.filterwarnings("ignore::liuke.insight.errors.OneTimeBuyers")
def test_a_plain_sum_over_all_customers_gives_the_same(kind: type[PurchaseModel]) -> None:
    model = kind.with_params(**PARAMS[kind])
    table = thirty(*map(list, zip(*CUSTOMERS, strict=True)))
    likelihood, alive, expected = np.array([told(kind, *customer) for customer in CUSTOMERS]).T
    assert model.log_likelihood(table) == pytest.approx(6 * np.log(likelihood).sum(), rel=1e-7)
    assert model.probability_alive(table)[:5] == pytest.approx(alive, rel=1e-5)
    assert model.expected_purchases(table, horizon=HORIZON)[:5] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_regular_buyers_too(k: int) -> None:
    """Gaps of k stages each: who hasn't come since tx is still within the k stages, or has left."""
    params = PARAMS[MBGNBD]
    model = MBGCNBD.with_params(**params)
    model.k_ = k
    rate, of_rate = gamma_grid(params["r"], params["alpha"])
    chance, of_chance = beta_grid(params["a"], params["b"])
    log_gaps, stays, leaves = [], [], []
    for x, tx, T in CUSTOMERS:
        gaps = np.full(x, tx / x) if x else np.empty(0)
        each = [rate**k * gap ** (k - 1) * np.exp(-rate * gap) / factorial(k - 1) for gap in gaps]
        bought = of_rate * np.prod(each, axis=0)
        waits = 1 - gammainc(k, rate * (T - tx))
        stays.append((bought * waits).sum() * (of_chance * (1 - chance) ** (x + 1)).sum())
        leaves.append(bought.sum() * (of_chance * chance * (1 - chance) ** x).sum())
        log_gaps.append(float(np.log(gaps).sum()))
    table = thirty(*map(list, zip(*CUSTOMERS, strict=True)), log_gaps)
    here, gone = np.array(stays), np.array(leaves)
    assert model.log_likelihood(table) == pytest.approx(6 * np.log(here + gone).sum(), rel=1e-7)
    assert model.probability_alive(table)[:5] == pytest.approx(here / (here + gone), rel=1e-5)
