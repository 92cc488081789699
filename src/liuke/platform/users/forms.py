from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from liuke.platform.users.rules import NAME_LENGTH


def _rules_of_passwords() -> str:
    return " ".join(password_validators_help_texts())


PASSWORD_HELP = lazy(_rules_of_passwords, str)()


class PasswordField(forms.CharField):
    """Never stripped, never shown again; `autocomplete` tells a password manager what to offer."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=200, widget=widget, **kwargs)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = PasswordField(label=gettext_lazy("Password"), autocomplete="current-password")


class NewPasswordForm(forms.Form):
    """Twice, because nobody sees what he types; the rules of passwords are checked where it is set."""

    password = PasswordField(
        label=gettext_lazy("New password"), autocomplete="new-password", help_text=PASSWORD_HELP
    )
    again = PasswordField(label=gettext_lazy("New password, again"), autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("This is not the same password."))
        return cleaned

    def refuse(self, error: ValidationError) -> None:
        """Shows what the action found wrong at the field it is about."""
        self.add_error("password" if not hasattr(error, "error_dict") else None, error)
