"""A fit that stops short of the optimum says so: by a typed warning, in what it learned and in its explanation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liuke.insight.datasets import donors
from liuke.insight.errors import NotConverged
from liuke.insight.models import (
    BGBB,
    BGNBD,
    MBGNBD,
    DiscreteHazard,
    GammaGamma,
    ParetoNBD,
    ShiftedBetaGeometric,
    at_risk,
    contracts_from_survivors,
    hazard,
    optimum,
)

CONTRACTS = contracts_from_survivors([500, 430, 380, 350, 331, 320])


@pytest.fixture
def one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gets further than a step, and the helper gives back what it was given."""
    monkeypatch.setattr(optimum, "NEWTON_STEPS", 1)
    monkeypatch.setattr(optimum, "minimize", lambda downhill, start, **_: SimpleNamespace(x=np.array(start)))
    monkeypatch.setattr(hazard, "STEPS", 1)


@pytest.mark.usefixtures("one_step")
@pytest.mark.filterwarnings("ignore::liuke.insight.errors.BoundaryFit")
@pytest.mark.filterwarnings("ignore::liuke.insight.errors.DependentSpend")
@pytest.mark.filterwarnings("ignore::liuke.insight.errors.OneTimeBuyers")
@pytest.mark.parametrize(
    ("model", "table"),
    [
        (BGNBD(), "cdnow"),
        (MBGNBD(), "cdnow"),
        (ParetoNBD(), "cdnow"),
        (GammaGamma(), "cdnow"),
        (BGBB(), donors()),
        (ShiftedBetaGeometric(), CONTRACTS),
        (DiscreteHazard(), at_risk(CONTRACTS)),
    ],
    ids=lambda given: type(given).__name__,
)
def test_no_fit_stops_short_in_silence(model: Any, table: Any, cdnow: pa.Table) -> None:
    with pytest.warns(NotConverged):
        model.fit(cdnow if isinstance(table, str) else table)
    assert not model.converged_
    assert "NOT proved" in model.explain()
