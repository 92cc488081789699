from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

WHY = (
    _("The customer asked to be called"),
    _("To answer a complaint"),
    _("To arrange a visit"),
    _("To check the record"),
)


class RevealForm(forms.Form):
    reason = forms.CharField(
        label=_("What you need it for"), max_length=200, widget=forms.TextInput(attrs={"list": "why-reveal"})
    )
