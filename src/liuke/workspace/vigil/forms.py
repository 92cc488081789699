from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class WhyForm(forms.Form):
    reason = forms.CharField(label=_("What you read so many pages for"), min_length=4, max_length=200)
