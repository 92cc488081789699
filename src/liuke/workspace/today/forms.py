from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from liuke.platform.models import User

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
else:
    UserField = forms.ModelChoiceField

LATER = (
    (1, _("tomorrow")),
    (3, _("in 3 days")),
    (7, _("in a week")),
    (14, _("in two weeks")),
    (30, _("in a month")),
)
WHY_LATER = (
    _("Not reached"),
    _("Customer asked for it"),
    _("Waiting for goods or a quote"),
    _("Something more urgent"),
)
WHY_NOT = (
    _("Ordered already, elsewhere in our books"),
    _("Seasonal: normal for this customer"),
    _("Closed down or no need any more"),
    _("Wrong suggestion"),
)


class CompletionForm(forms.Form):
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


class PostponementForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("Until"), choices=LATER, coerce=int, initial=1, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=_("or on this day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"list": "why-later"})
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day after today."))
        return until

    def day(self) -> Any:
        return self.cleaned_data["until"] or timezone.localdate() + timedelta(days=self.cleaned_data["days"])


class AssignmentForm(forms.Form):
    to = UserField(User.objects.none(), label=_("Give to"), empty_label=_("Choose…"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, by: User, held_by: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.visible_to(by).active().exclude(pk=held_by or 0).order_by("name")
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


class DismissalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"list": "why-not"})
    )
