from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from liuke.customers.presets.rules import NAME_LIMIT


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_LIMIT)
