"""What a customer needs and how he is kept, as forms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.catalog.models import Product
from liuke.customers.keeping.rules import OUTCOMES, STANDARD_REVIEW_DAYS
from liuke.customers.models import Need
from liuke.customers.needs.rules import ENDINGS, LEVELS, MONEY, STRENGTHS
from liuke.customers.records.rules import Unfit
from liuke.platform.models import User
from liuke.workspace.shell.forms import choices, day_field

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
else:
    UserField = forms.ModelChoiceField


class KeepingForm(forms.Form):
    def refuse(self, error: Unfit) -> None:
        """Shows what the action found wrong beside the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, ValidationError(error.text))

    def _pick(self, name: str, table: Any) -> None:
        self.fields[name].choices = choices(table)  # type: ignore[attr-defined]

    def _people(self, name: str, by: User) -> None:
        self.fields[name].queryset = User.objects.visible_to(by).active().order_by("name")  # type: ignore[attr-defined]
        self.fields[name].initial = by.pk


class NeedForm(KeepingForm):
    what = forms.CharField(label=_("What they need"), max_length=200)
    level = forms.ChoiceField(
        label=_("How far it has come"),
        initial="need",
        widget=forms.RadioSelect,
        help_text=_(
            "A need: something is lacking. A want: they have something in mind. A demand: they can pay."
        ),
    )
    money = forms.ChoiceField(
        label=_("The money for it"), required=False, initial="", widget=forms.RadioSelect
    )
    strength = forms.ChoiceField(
        label=_("How large the need is"), required=False, initial="", widget=forms.RadioSelect
    )
    product = forms.CharField(
        label=_("Product that serves it"),
        max_length=200,
        required=False,
        help_text=_("By its code or name, where it is one of ours."),
    )
    source = forms.CharField(label=_("Learnt from"), max_length=80, required=False)
    noted_on = day_field(_("Learnt on"))

    def __init__(self, sent: Any = None, *, held: Need | None = None) -> None:
        names = ("what", "level", "money", "strength", "source", "noted_on")
        shown: dict[str, Any] = {name: getattr(held, name) for name in names} if held else {}
        if held and held.product:
            shown["product"] = held.product.code
        super().__init__(sent, initial=shown)
        self._pick("level", LEVELS)
        self._pick("money", MONEY)
        self._pick("strength", STRENGTHS)
        if held is None:
            self.fields["noted_on"].initial = timezone.localdate()

    def clean_product(self) -> Product | None:
        words = self.cleaned_data["product"].strip()
        if not words:
            return None
        found = list(Product.objects.filter(Q(code=words) | Q(name__iexact=words)).order_by("code")[:2])
        if not found:
            raise ValidationError(gettext("There is no product of this code or name."))
        exact = [one for one in found if one.code == words] or found
        if len(exact) > 1:
            raise ValidationError(gettext("Several products are called so. Please give the code."))
        return exact[0]


class EndingForm(KeepingForm):
    how = forms.ChoiceField(label=_("How it ended"), initial="met", widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pick("how", ENDINGS)


class PlanForm(KeepingForm):
    goal = forms.CharField(
        label=_("What we want to reach"),
        max_length=200,
        help_text=_("For example: every order of this year, and an introduction to the sister company."),
    )
    owner = UserField(User.objects.none(), label=_("Who answers for it"), empty_label=None)
    review_on = day_field(_("Looked at again on"))
    step = forms.CharField(label=_("First step"), max_length=200)
    step_due_on = day_field(pgettext_lazy("first step of a plan", "Due"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people("owner", by)
        today = timezone.localdate()
        self.fields["review_on"].initial = today + timedelta(days=STANDARD_REVIEW_DAYS)
        self.fields["step_due_on"].initial = today + timedelta(days=7)


class StepForm(KeepingForm):
    title = forms.CharField(label=pgettext_lazy("follow-up", "What"), max_length=200)
    assignee = UserField(User.objects.none(), label=_("Who does it"), empty_label=None)
    due_on = day_field(_("Due"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people("assignee", by)
        self.fields["due_on"].initial = timezone.localdate() + timedelta(days=7)


class ClosureForm(KeepingForm):
    outcome = forms.ChoiceField(label=_("What came of it"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In words"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("It goes on the timeline. Steps that are still open are let go."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pick("outcome", OUTCOMES)
