"""The result of a visit: asked right after it, on a phone at the customer's door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from liuke.customers.timeline.rules import outcomes_of
from liuke.workspace.shell.forms import choices, day_field, end_of_work


class ResultForm(forms.Form):
    outcome = forms.ChoiceField(label=_("How it went"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What was said"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    next_on = day_field(_("Next contact on"), required=False)
    next_title = forms.CharField(label=_("What for"), required=False, max_length=200)
    is_right = forms.BooleanField(
        label=_("What the card says is right"), required=False, help_text=_("Noted as checked today.")
    )

    def __init__(self, *args: Any, may_edit: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = choices(outcomes_of("visit"))  # type: ignore[attr-defined]
        if not may_edit:
            del self.fields["is_right"]

    def given(self) -> dict[str, Any]:
        told = dict(self.cleaned_data)
        on = told.pop("next_on")
        return told | {"next_at": end_of_work(on) if on else None}
