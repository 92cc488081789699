from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from liuke.platform.users.forms import NewPasswordForm
from liuke.platform.users.rules import NAME_LENGTH


class WelcomeForm(NewPasswordForm):
    field_order = ("code", "company", "name", "username", "password", "again")

    code = forms.CharField(
        label=gettext_lazy("Code from the terminal"),
        max_length=40,
        help_text=gettext_lazy("`liuke serve` prints it where it was started, such as KF7M-2QXA-9TRE."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )
    company = forms.CharField(
        label=gettext_lazy("Company"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("You sign in with it. Letters, digits and . _ - @ +"),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
