from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from liuke.platform.models import User
from liuke.platform.users.forms import NewPasswordForm, PasswordField


def zones() -> list[tuple[str, str]]:
    places = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    return [("", _("the company's")), *((zone, zone.replace("_", " ")) for zone in places)]  # type: ignore[list-item]


if TYPE_CHECKING:
    OfUser = forms.ModelForm[User]
else:
    OfUser = forms.ModelForm


class ProfileForm(OfUser):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=80)
    zone = forms.ChoiceField(label=_("Time zone"), choices=zones, required=False)

    class Meta:
        model = User
        fields = ("name", "email", "language", "theme", "zone")


class PasswordForm(NewPasswordForm):
    field_order = ("old", "password", "again")

    old = PasswordField(label=_("Present password"), autocomplete="current-password")
