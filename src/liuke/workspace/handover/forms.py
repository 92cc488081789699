from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.handovers.rules import RULES
from liuke.platform.access.rules import Right, Scope
from liuke.platform.models import User
from liuke.workspace.shell.forms import day_field

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
else:
    UserField = forms.ModelChoiceField


def may_follow(user: User) -> bool:
    """Whether customers may be given to him: at work, and in a role that works with them."""
    return user.may(Right.WORK_FOLLOWUPS) and user.role.write_scope != Scope.NONE.value


def who_may_follow(by: User) -> list[int]:
    """Colleagues whom `by` sees and to whom customers may be given: rights are a list, no database looks into it."""
    found = User.objects.active().visible_to(by).select_related("role")
    return [user.pk for user in found if may_follow(user)]


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


class PlanForm(forms.Form):
    """Whose customers, to whom, by which rule: what the proposal is made of. Asked by GET, sent along with the plan."""

    person = forms.TypedChoiceField(label=_("Whose customers"))
    to = forms.TypedMultipleChoiceField(
        label=_("Successors"), required=False, widget=forms.CheckboxSelectMultiple
    )
    by = forms.ChoiceField(label=_("Shared out"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Everybody is read once: fields that choose rows by themselves would ask six times for the same people."""
        super().__init__(*args, **kwargs)
        found = User.objects.visible_to(user).select_related("role").order_by("name", "pk")
        people = {str(one.pk): one for one in found}
        person, to, by = (cast("Any", self.fields[name]) for name in ("person", "to", "by"))
        person.coerce = to.coerce = people.__getitem__
        gone, whose = gettext("has left"), self.data.get("person") if self.is_bound else None
        person.choices = [
            ("", _("Choose…")),
            *((pk, str(one) if one.is_active else f"{one} ({gone})") for pk, one in people.items()),
        ]
        to.choices = [(pk, str(one)) for pk, one in people.items() if may_follow(one) and pk != whose]
        by.choices, by.initial = [(code, _(name)) for code, name in RULES.items()], "turn"


class DepartureForm(forms.Form):
    """The rest of the plan; who gets which group or customer is read from the fields beside (`chosen`)."""

    leaves = forms.BooleanField(label=_("Leaves the company: out at once, on every device"), required=False)
    reason = forms.CharField(label=_("Reason, for the customers' timelines"), max_length=200, required=False)


def chosen(data: QueryDict, prefix: str) -> dict[str, int]:
    """`prefix:key` -> the successor chosen there."""
    return {
        name[len(prefix) + 1 :]: int(value)
        for name, value in data.items()
        if name.startswith(f"{prefix}:") and isinstance(value, str) and value.isdecimal() and len(value) < 19
    }
