from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.holdings.rules import PACKS


class TradeForm(forms.Form):
    pack = forms.ChoiceField(label=_("Trade"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pack"].choices = [(code, gettext(one.name)) for code, one in PACKS.items()]  # type: ignore[attr-defined]
