"""What is written on the card: a contact, a note, a follow-up or promise, a complaint and its answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.customers.attachments.rules import LIMIT_BYTES, MOST_FILES
from liuke.customers.models import Contact, Customer, FollowUp
from liuke.customers.timeline.rules import DIRECTIONS
from liuke.platform.models import User
from liuke.workspace.shell.forms import SaidForm, choices

if TYPE_CHECKING:
    ContactField = forms.ModelChoiceField[Contact]
    UserField = forms.ModelChoiceField[User]
else:
    ContactField = UserField = forms.ModelChoiceField

LONGEST_KEPT_DAYS = 90


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


def _limits() -> str:
    text = gettext("Photos or documents, up to %(count)s of %(most)s MB each.")
    return text % {"count": MOST_FILES, "most": LIMIT_BYTES >> 20}


class FilesField(forms.FileField):
    """Several files at once; whether each can be kept is for the action to say."""

    widget = FilesInput

    def __init__(self) -> None:
        super().__init__(
            label=_("Files"), required=False, allow_empty_file=True, help_text=lazy(_limits, str)()
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return [one(each, initial) for each in data or () if each is not None]


class ContactForm(SaidForm):
    """A contact that has happened, and what comes next. Five taps on a phone: outcome, note, next, save."""

    direction = forms.ChoiceField(label=_("Direction"), initial="out", widget=forms.RadioSelect)
    settles = forms.BooleanField(label=_("With this it is done"), required=False)
    contact = ContactField(
        Contact.objects.none(), label=_("Spoke with"), required=False, empty_label=_("Not given")
    )
    next_on = forms.DateField(
        label=_("Next contact on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    next_title = forms.CharField(label=_("What for"), required=False, max_length=200)
    attachments = FilesField()
    # What a device that was offline adds: its own key, so that nothing is noted twice, and when it was written.
    key = forms.RegexField(r"^[0-9a-f-]{8,40}$", required=False, widget=forms.HiddenInput, initial=uuid4)
    at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    field_order = ("channel", "direction", "outcome", "settles", "note")

    def __init__(self, *args: Any, customer: Customer, about: FollowUp | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A suggestion to get in touch is settled by having done so; what was promised or planned may be more than a word.
        if about is None or about.kind not in {"promise", "task"}:
            del self.fields["settles"]
        self.fields["direction"].choices = choices(DIRECTIONS)  # type: ignore[attr-defined]
        people = customer.contacts.all()
        self.fields["contact"].queryset = people  # type: ignore[attr-defined]

    def clean_at(self) -> datetime | None:
        """Clocks of devices are a little off; what was kept for a quarter of a year is a mistake."""
        at: datetime | None = self.cleaned_data["at"]
        if at is None:
            return None
        now = timezone.now()
        if not timedelta(days=-LONGEST_KEPT_DAYS) < at - now < timedelta(minutes=10):
            raise ValidationError(_("This was written on another day than the device says; log it anew."))
        return min(at, now)


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    attachments = FilesField()


class FollowUpForm(forms.Form):
    """Something to do, or something promised."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("task", _("Follow-up")), ("promise", _("Promise"))],
        initial="task",
        widget=forms.RadioSelect,
    )
    title = forms.CharField(label=pgettext_lazy("follow-up", "What"), max_length=200)
    due_on = forms.DateField(
        label=_("Due"),
        # A browser's date box takes the day as ISO writes it; in the reader's own form it stays empty.
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    assignee = UserField(User.objects.none(), label=_("Who does it"), empty_label=None)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = User.objects.visible_to(by).active().order_by("name")  # type: ignore[attr-defined]
        self.fields["assignee"].initial = by.pk
        self.fields["due_on"].initial = timezone.localdate() + timedelta(days=1)
        if self.get_initial_for_field(self.fields["kind"], "kind") == "promise":
            self.fields["title"].label = pgettext_lazy("promise", "What")


class TextForm(forms.Form):
    text = forms.CharField(
        label=_("What happened"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    attachments = FilesField()
