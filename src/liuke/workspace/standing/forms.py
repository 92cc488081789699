from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from liuke.customers.standings.rules import SERIES

LABELS = {
    "level": _("Relation level"),
    "attitude": _("Attitude"),
    "relation": _("Relationship"),
    "expected": _("Provisional grade"),
    "decline": _("Why they buy less"),
}
HELP = {
    "level": _("Each level has its steps after a sale; they show up on Today."),
    "attitude": _("Whoever has turned against us is asked for on Today."),
    "decline": _(
        "Asked for when a valuable customer has fallen; the report of all reasons is part of Insight."
    ),
    "expected": _("What this customer may become. It stands until the night judges what they buy."),
    "relation": _("Reckoned anew every night unless somebody knows better."),
}
UNDECIDED = {
    "level": _("not decided"),
    "attitude": _("not known"),
    "decline": _("not known"),
    "expected": _("not decided"),
    "relation": _("as reckoned at night"),
}


class StandingForm(forms.Form):
    value = forms.ChoiceField(required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, what: str, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        value: Any = self.fields["value"]
        value.label, value.help_text, value.initial = LABELS[what], HELP[what], current
        value.choices = [("", UNDECIDED[what]), *SERIES[what].items()]
        if what == "relation":
            self.fields["reason"].help_text = _("Needed when you set the relationship yourself.")
