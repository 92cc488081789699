"""Gamma-Gamma for customers whose spend goes with how often they buy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from liuke.insight.models.columns import Floats, read_columns
from liuke.insight.models.gammagamma import FREE_COORDINATES, GammaGamma, Spend
from liuke.insight.models.optimum import Optimum


class FrequencyGammaGamma(GammaGamma):
    """Gamma-Gamma without its assumption that spend does not depend on frequency.

    A customer with x repeat purchases spends as in `GammaGamma`, times growth^log2(1 + x): each time 1 + x doubles, the
    amounts grow by the factor `growth`. With m* = m / growth^log2(1 + x),

        E[M | m, x] = growth^log2(1 + x) p (γ + m* x) / (p x + q - 1).

    growth = 1 is Gamma-Gamma; `dependence_gain_` is the log-likelihood gained over it, and `fit_spend` chooses between the
    two. Parameters `params_`: p, q, growth (pure numbers), gamma (in the unit of money).

    Source: the assumption and how to test it in Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research
    42(4), 415-430, section "Monetary value"; the power of the frequency is this library's own way to lift it.
    """

    param_names = ("p", "q", "gamma", "growth")
    coordinates = FREE_COORDINATES

    def _let_free(self, scaled: Spend, optimum: Optimum) -> None:
        edge = self._climb(scaled, [optimum.log_params], FREE_COORDINATES.held(3, 0.0))
        self.spend_growth_ = float(np.exp(optimum.log_params[3]))
        self.dependence_gain_ = max(0.0, optimum.log_likelihood - edge.log_likelihood)

    def expected_value(self, summary: Any) -> Floats:
        """E[amount of the next purchase | m, x] of each customer, shape (n,), in the unit of money."""
        self._require_fit()
        columns = read_columns(summary, ("frequency", "monetary"))
        factor = self._factor(columns["frequency"])
        return factor * super().expected_value({**columns, "monetary": columns["monetary"] / factor})

    def simulate(self, frequency: Any, *, seed: int) -> pa.Table:
        """Draw the mean spend of customers who bought `frequency` times; see `GammaGamma.simulate`."""
        table = super().simulate(frequency, seed=seed)
        spend = table["monetary"].to_numpy() * self._factor(table["frequency"].to_numpy().astype(np.float64))
        return table.set_column(2, "monetary", pa.array(spend))

    def _explain_dependence(self) -> str:
        return (
            f"When purchases double, spend changes by the factor {self.spend_growth_:.2f}; allowing for that gains "
            f"{self.dependence_gain_:.1f} of log-likelihood."
        )

    def _factor(self, x: Floats) -> Floats:
        factor: Floats = self.params_["growth"] ** np.log2(1 + x)
        return factor


def fit_spend(summary: Any, *, min_customers: int = 30) -> GammaGamma:
    """Return a fitted `GammaGamma`, or a `FrequencyGammaGamma` where the data contradict independence.

    The choice is by `GammaGamma.spend_depends`; the model's `explain` says which it is and why. Errors and warnings as
    in `GammaGamma.fit`; where the dependence is modelled it is not warned of.

    Columns: frequency (count) and monetary (money), one row per customer. Formula and source: see `GammaGamma` and
    `FrequencyGammaGamma`.
    """
    spend = FrequencyGammaGamma(min_customers=min_customers).fit(summary)
    return spend if spend.spend_depends else GammaGamma(min_customers=min_customers).fit(summary)
