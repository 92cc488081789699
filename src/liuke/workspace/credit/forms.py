from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from liuke.customers.credit.rules import LONGEST_DAYS


class CreditForm(forms.Form):
    limit = forms.DecimalField(label=_("Credit limit"), min_value=0, max_digits=14, decimal_places=2)
    days = forms.IntegerField(
        label=_("Pays within days"),
        min_value=0,
        max_value=LONGEST_DAYS,
        help_text=_("0: before delivery."),
    )
    note = forms.CharField(label=_("Reason"), max_length=200, required=False)
