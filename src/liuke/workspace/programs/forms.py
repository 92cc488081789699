from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.timeline.rules import FILTERS
from liuke.platform.models import User
from liuke.platform.tokens.rules import LIFETIMES, NAME_LENGTH, READ_ONLY, RESOURCES
from liuke.platform.users.forms import PasswordField


def lifetimes() -> list[tuple[int, str]]:
    return [(days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days}) for days in LIFETIMES]


class TokenForm(forms.Form):
    """A token of one's own: what it is for, resource by resource, and for how long."""

    halves: ClassVar[frozenset[str]] = frozenset({"name", "days"})

    name = forms.CharField(
        label=_("What it is for"),
        max_length=NAME_LENGTH,
        help_text=_("For example the name of the program that will use it."),
    )
    days = forms.TypedChoiceField(label=_("Valid for"), coerce=int, choices=lifetimes, initial=90)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        for name, label in RESOURCES.items():
            choices = [("", gettext("nothing")), ("read", gettext("read"))]
            if name not in READ_ONLY:
                choices.append(("write", gettext("read and write")))
            self.fields[name] = forms.ChoiceField(label=gettext(label), choices=choices, required=False)
        if not settings.DEMO:  # in the invented company nobody has typed a password
            self.fields["password"] = PasswordField(
                label=gettext("Present password"), autocomplete="current-password"
            )

    def clean_password(self) -> str:
        """A token outlives the session: whoever makes one shows that he is who signed in."""
        typed: str = self.cleaned_data["password"]
        if not self.by.check_password(typed):
            raise ValidationError(gettext("This is not your present password."))
        return ""

    @property
    def scopes(self) -> list[str]:
        return [f"{name}:{how}" for name in RESOURCES if (how := self.cleaned_data.get(name))]

    @property
    def resources(self) -> list[forms.BoundField]:
        return [self[name] for name in RESOURCES]

    def refuse(self, error: ValidationError) -> None:
        refuse(self, error)


class WebhookForm(forms.Form):
    """Where it is told, and of what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Its host must be among those that the company's settings allow."),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    topics = forms.MultipleChoiceField(label=_("Told of"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = [(code, str(label)) for code, (label, _kinds) in FILTERS.items()]  # type: ignore[attr-defined]

    def refuse(self, error: ValidationError) -> None:
        refuse(self, error)


def refuse(form: forms.Form, error: ValidationError) -> None:
    """Shows what the action found wrong beside the field that it is about."""
    known = hasattr(error, "error_dict") and set(error.error_dict) <= set(form.fields)
    form.add_error(None, error if known else ValidationError(error.messages))
