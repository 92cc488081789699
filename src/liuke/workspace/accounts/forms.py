"""A key account as forms: its plan, who works on it, its review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.accounts.models import KeyAccount
from liuke.customers.accounts.rules import PLAN_LIMIT, REVIEW_DAYS, ROLES
from liuke.customers.records.rules import Unfit
from liuke.platform.kit.rules import major, minor_digits
from liuke.platform.models import User

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
else:
    UserField = forms.ModelChoiceField


class AccountForm(forms.Form):
    def refuse(self, error: Unfit) -> None:
        """Shows what the action found wrong beside the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, ValidationError(error.text))


class PlanForm(AccountForm):
    goals = forms.CharField(
        label=_("What we want to reach"),
        max_length=PLAN_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    projects = forms.CharField(
        label=_("What we do together"),
        max_length=PLAN_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    target = forms.DecimalField(
        label=_("Target: sales of twelve months"),
        min_value=0,
        max_digits=15,
        decimal_places=2,
        required=False,
    )
    review_days = forms.TypedChoiceField(label=_("Reviewed every"), coerce=int)
    next_review_on = forms.DateField(
        label=_("Next review"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, sent: Any = None, *, account: KeyAccount) -> None:
        self.account = account
        shown = {
            name: getattr(account, name)
            for name in ("goals", "projects", "review_days", "next_review_on", "version")
        }
        if account.target_minor is not None:
            shown["target"] = major(account.target_minor, account.currency)
        super().__init__(sent, initial=shown)
        self.fields["review_days"].choices = [  # type: ignore[attr-defined]
            (days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days}) for days in REVIEW_DAYS
        ]

    def given(self) -> dict[str, Any]:
        held = dict(self.cleaned_data)
        target = held.pop("target")
        held.pop("version")
        minor = None if target is None else int(target.scaleb(minor_digits(self.account.currency)))
        return held | {"target_minor": minor}


class MemberForm(AccountForm):
    user = UserField(User.objects.none(), label=_("Colleague"), empty_label=_("Choose…"))
    role = forms.ChoiceField(label=_("Part on the account"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.visible_to(by).active().order_by("name")  # type: ignore[attr-defined]
        self.fields["role"].choices = [(code, gettext(name)) for code, name in ROLES.items()]  # type: ignore[attr-defined]


class ReviewForm(AccountForm):
    note = forms.CharField(
        label=_("What came of the review"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )


class ReasonForm(AccountForm):
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
