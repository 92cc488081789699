"""Are the arms as large as the drawing made them? If not, the comparison is off, whatever it says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import chdtrc, gammaln, xlogy

from liuke.insight.errors import SampleRatioMismatch
from liuke.insight.experiments.trial import shares_of

ALARM: Final = 0.001
STRENGTH: Final = 100.0  # of the prior in the always-valid test, in customers


@dataclass(frozen=True)
class SampleRatio:
    """`counts` and `expected` customers per arm; `p` of the chi-square test at one look; `p_always` however often one looks;
    `mismatch`, whether to distrust the experiment.
    """

    counts: dict[Any, int]
    expected: dict[Any, float]
    p: float
    p_always: float
    mismatch: bool


def sample_ratio(
    counts: Mapping[Any, int],
    shares: Mapping[Any, float],
    *,
    alarm: float = ALARM,
    peeking: bool = False,
) -> SampleRatio:
    """Test whether counts (arm -> customers) fit the planned shares; warns `SampleRatioMismatch` where they don't.

        χ² = Σ (nₖ - n θₖ)²/(n θₖ),   p = P(χ²₍ₖ₋₁₎ > χ²)                                       at one look
        p_always = min(1, 1/B),  B = Γ(Σα)/Γ(Σα + n) · Π Γ(αₖ + nₖ)/Γ(αₖ) / Π θₖⁿᵏ,  αₖ = 100 θₖ   at any look

    With `peeking` the alarm goes by the second, which stays below `alarm` for ever with probability 1 - `alarm`.
    Errors: `ValueError` for shares that don't fit the arms, counts that are negative or not whole, or nobody at all.

    Source: Fabijan et al. (2019), Diagnosing Sample Ratio Mismatch, KDD; Lindon & Malek (2022), Anytime-Valid Inference for
    Multinomial Count Data, NeurIPS.
    """
    planned = shares_of(shares, arms=list(counts))
    arms = list(planned)
    n = np.array([float(counts[arm]) for arm in arms])
    if not np.isfinite(n).all() or (n < 0).any() or (n != np.floor(n)).any() or n.sum() == 0:
        raise ValueError(f"counts must be whole, 0 or more, and not all 0: {dict(counts)}")
    theta = np.array([planned[arm] for arm in arms])
    expected = n.sum() * theta
    chi_square = float(((n - expected) ** 2 / expected).sum())
    p = float(chdtrc(len(arms) - 1, chi_square)) if len(arms) > 1 else 1.0
    alpha = STRENGTH * theta
    log_factor = float(
        gammaln(alpha.sum())
        - gammaln(alpha.sum() + n.sum())
        + (gammaln(alpha + n) - gammaln(alpha) - xlogy(n, theta)).sum()
    )
    always = float(np.exp(min(-log_factor, 0.0)))
    mismatch = (always if peeking else p) < alarm
    found = SampleRatio(
        {arm: int(counts[arm]) for arm in arms},
        dict(zip(arms, expected.tolist(), strict=True)),
        p,
        always,
        mismatch,
    )
    if mismatch:
        warnings.warn(
            f"arms have {found.counts} customers where the drawing makes "
            f"{ {arm: round(value) for arm, value in found.expected.items()} } (p = {p:.1g}): find the cause first",
            SampleRatioMismatch,
            stacklevel=2,
        )
    return found
