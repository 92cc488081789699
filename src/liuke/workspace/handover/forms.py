from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.rules import Right, Scope
from liuke.platform.models import User

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
else:
    UserField = forms.ModelChoiceField


def day_field(label: Any, **more: Any) -> forms.DateField:
    box = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=box, **more)


def who_may_follow(by: User) -> list[int]:
    """Colleagues whom `by` sees and whose role works with customers: roles are few, and their rights are a list."""
    found = User.objects.active().visible_to(by).select_related("role")
    return [
        user.pk
        for user in found
        if user.may(Right.WORK_FOLLOWUPS) and user.role.write_scope != Scope.NONE.value
    ]


class LeaveForm(forms.Form):
    person = UserField(label=_("Who is away"), queryset=User.objects.none(), empty_label=_("Choose…"))
    delegate = UserField(label=_("Who stands in"), queryset=User.objects.none(), empty_label=_("Choose…"))
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.active().visible_to(by).order_by("name", "pk")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["delegate"].queryset = people.filter(pk__in=who_may_follow(by))  # type: ignore[attr-defined]

    def refuse(self, error: ValidationError) -> None:
        """Shows what the action found wrong at the field it is about."""
        for name, errors in error.error_dict.items():
            self.add_error(name, errors)
