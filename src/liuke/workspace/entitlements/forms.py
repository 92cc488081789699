"""What a grade entitles to, as a form: money in whole units of the company's currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from liuke.platform.kit.rules import minor_digits
from liuke.scores.policy.rules import Entitlement

MONEY: Mapping[str, tuple[Any, Any]] = {
    "goodwill_minor": (_("Goodwill per case"), _("May be given without asking")),
    "gift_minor": (_("Gifts per year"), ""),
}


class EntitlementForm(forms.Form):
    contact_days = forms.IntegerField(
        label=_("Contact every"),
        min_value=1,
        max_value=3650,
        help_text=_("Days. Later than that is a contact gap on Today."),
    )
    response_hours = forms.IntegerField(
        label=_("Answer within"), min_value=1, max_value=720, help_text=_("Hours")
    )
    routing_priority = forms.IntegerField(
        label=_("Turn"), min_value=1, max_value=9, help_text=_("1 is served first when several wait")
    )
    account_manager = forms.BooleanField(label=_("Has a colleague of their own"), required=False)

    def __init__(
        self, typed: Mapping[str, Any] | None, *, grade: str, current: Entitlement, currency: str
    ) -> None:
        self.grade, self.current, self._digits = grade, current, minor_digits(currency)
        # A grade that was not sent is not changed.
        sent = typed is not None and any(f"{grade}-{name}" in typed for name in Entitlement._fields)
        super().__init__(typed if sent else None, prefix=grade, initial=self._shown(current))
        for name, (label, tip) in MONEY.items():
            self.fields[name] = forms.DecimalField(
                label=f"{label} ({currency})",
                help_text=tip,
                min_value=0,
                max_digits=12,
                decimal_places=self._digits,
            )
        self.order_fields(Entitlement._fields)

    def _shown(self, current: Entitlement) -> dict[str, Any]:
        money = {
            name: format(Decimal(getattr(current, name)).scaleb(-self._digits).normalize(), "f")
            for name in MONEY
        }
        return current._asdict() | money

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from what holds now; only of a form that is valid."""
        chosen = dict(self.cleaned_data)
        for name in MONEY:
            chosen[name] = int(chosen[name].scaleb(self._digits).to_integral_value())
        return {name: value for name, value in chosen.items() if value != getattr(self.current, name)}
