from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReturnForm(forms.Form):
    """What a supervisor misses on a card."""

    note = forms.CharField(label=_("What is to be completed"), max_length=200)
