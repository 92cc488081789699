"""The numbers of the papers that each model's docstring names.

A second implementation agrees: the R packages BTYD and CLVTools print the same parameters for this data, and
`benchmarks/insight_models.py` compares with the Python package lifetimes.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liuke.insight.models import BGNBD, MBGNBD, GammaGamma, ParetoNBD, PurchaseModel

PUBLISHED: list[tuple[type[PurchaseModel], tuple[float, ...], float, float]] = [
    (BGNBD, (0.2426, 4.4136, 0.7929, 2.4259), -9582.43, 1653.4),
    (MBGNBD, (0.525, 6.183, 0.891, 1.614), -9582.14, 1576.7),
    (ParetoNBD, (0.5532, 10.576, 0.6063, 11.672), -9594.98, 1665.5),
]


@pytest.mark.parametrize(("kind", "params", "log_likelihood", "expected"), PUBLISHED)
def test_sv04_cdnow_gives_the_published_fit(
    cdnow: pa.Table,
    kind: type[PurchaseModel],
    params: tuple[float, ...],
    log_likelihood: float,
    expected: float,
) -> None:
    model = kind().fit(cdnow)
    # the papers' optimisers stopped within a few 1e-4 of the top
    assert tuple(model.params_.values()) == pytest.approx(params, rel=7e-4)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=0.006)
    assert model.converged_
    assert model.gradient_norm_ < 1e-6
    assert model.boundary_ == ()
    assert model.expected_purchases(cdnow, horizon=39).sum() == pytest.approx(expected, abs=0.06)


def test_what_really_came_in_the_39_weeks_after(cdnow: pa.Table) -> None:
    assert pc.sum(cdnow["holdout"]).as_py() == 1882


@pytest.mark.filterwarnings("ignore::liuke.insight.errors.DependentSpend")
def test_gamma_gamma_on_cdnow(cdnow: pa.Table) -> None:
    model = GammaGamma().fit(cdnow)
    assert tuple(model.params_.values()) == pytest.approx((6.25, 3.74, 15.44), abs=0.006)
    assert model.log_likelihood_ == pytest.approx(-4055.92, abs=0.006)
    assert model.customers_ == 946


def test_the_worked_customer_of_the_bgnbd_note(cdnow: pa.Table) -> None:
    """Fader, Hardie and Lee (2005): x = 2, tx = 30.43, T = 38.86 expects 1.226 purchases in 39 weeks."""
    model = BGNBD().fit(cdnow)
    customer = {"frequency": [2], "recency": [30.43], "T": [38.86]}
    assert model.expected_purchases(customer, horizon=39)[0] == pytest.approx(1.226, abs=0.001)


def test_the_worked_customer_of_the_pareto_papers(cdnow: pa.Table) -> None:
    """BTYD's walk-through: x = 26, tx = 30.86, T = 31 has P(alive) .9979 and 25.46 purchases in 52 weeks."""
    model = ParetoNBD().fit(cdnow)
    customer = {"frequency": [26], "recency": [30.86], "T": [31.0]}
    assert model.probability_alive(customer)[0] == pytest.approx(0.9979, abs=0.0002)
    assert model.expected_purchases(customer, horizon=52)[0] == pytest.approx(25.46, abs=0.01)
