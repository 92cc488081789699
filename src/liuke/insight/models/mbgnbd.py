"""MBG/NBD: customers may leave after each purchase, the first one included."""

from __future__ import annotations

from liuke.insight.models.bgnbd import LeavesAfterPurchase


class MBGNBD(LeavesAfterPurchase):
    """Modified beta-geometric / NBD model: BG/NBD in which one may also leave after the first purchase.

    With λ ~ Gamma(r, α), p ~ Beta(a, b), the likelihood of x purchases, the last at tx, seen until T is

        L = B(a, b+x+1)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+T)^(r+x)) + B(a+1, b+x)/B(a, b) Γ(r+x) α^r / (Γ(r)
        (α+tx)^(r+x)) P(alive) = 1 / (1 + a/(b+x) ((α+T)/(α+tx))^(r+x))

    so a one-time buyer's P(alive) falls with time as everybody else's. Parameters `params_`: r, a, b (pure
    numbers), alpha (in the unit of time of the table).

    Source: Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for
    customer base analysis, International Journal of Research in Marketing 24(3), 201-209; the same model as
    the central variant of Hoppe and Wagner (2007).
    """

    first_counts = 1

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        a, b = self.params_["a"], self.params_["b"]
        lines = [
            "MBG/NBD: buying at a steady rate, with a chance of leaving after every purchase.",
            self._explain_rate(),
            f"After a purchase, the first included, {100 * a / (a + b):.3g} % leave on average.",
            *self._explain_fit(),
        ]
        return "\n".join(lines)
