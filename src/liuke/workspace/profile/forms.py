from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.platform.models import User
from liuke.platform.users.forms import NewPasswordForm, PasswordField
from liuke.platform.users.rules import zones


def zone_choices() -> list[tuple[str, str]]:
    return [("", gettext("the company's")), *zones()]


if TYPE_CHECKING:
    OfUser = forms.ModelForm[User]
else:
    OfUser = forms.ModelForm


class ProfileForm(OfUser):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=80)
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, required=False)

    class Meta:
        model = User
        fields = ("name", "email", "language", "theme", "zone")


class PasswordForm(NewPasswordForm):
    field_order = ("old", "password", "again")

    old = PasswordField(label=_("Present password"), autocomplete="current-password")
