from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.rules import Right
from liuke.platform.models import User
from liuke.scores.models import Segment

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
    SegmentField = forms.ModelChoiceField[Segment]
else:
    UserField = SegmentField = forms.ModelChoiceField


class AssignForm(forms.Form):
    """Who looks after them from now on, and why."""

    owner = UserField(User.objects.none(), label=_("New owner"), empty_label=_("Choose…"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(by).active().order_by("name")  # type: ignore[attr-defined]


class PickForm(forms.Form):
    """Into which segment by hand, or out of it whatever its rule says."""

    segment = SegmentField(Segment.objects.none(), label=_("Segment"), empty_label=_("Choose…"))
    how = forms.ChoiceField(
        label=_("By hand"),
        choices=[("in", _("take them in")), ("out", _("keep them out")), ("rule", _("leave it to the rule"))],
        initial="in",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach = Segment.objects.for_user(by)
        offered = reach if by.may(Right.SHARE_SEGMENTS) else reach.filter(owner=by)
        self.fields["segment"].queryset = offered  # type: ignore[attr-defined]


class ViewForm(forms.Form):
    """The name under which the list as it stands is kept."""

    name = forms.CharField(label=_("Name of the view"), max_length=60)
    shared = forms.BooleanField(label=_("For everybody"), required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("What you need them for"), min_length=4, max_length=200)
