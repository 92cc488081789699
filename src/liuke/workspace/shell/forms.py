"""What forms share: days, choices, and the contact form that every page brings along for when there is no server (MB01)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from liuke.customers.timeline.rules import CHANNELS, OUTCOMES, outcomes_of

WORK_ENDS = 18  # o'clock


def end_of_work(day: date) -> datetime:
    """A day as an instant: by when what is planned for it is to be done."""
    return timezone.make_aware(datetime.combine(day, time(WORK_ENDS)))


def choices(table: Any) -> list[tuple[str, Any]]:
    return [(code, _(label)) for code, label in dict(table).items()]


def outcome_choices() -> list[tuple[str, str | SafeString]]:
    """Each outcome in the words of every channel; the style sheet shows those of the channel chosen, scripts or none."""
    found: list[tuple[str, str | SafeString]] = []
    for code in OUTCOMES:
        words: dict[str, list[str]] = {}
        for channel in CHANNELS:
            words.setdefault(str(outcomes_of(channel)[code]), []).append(channel)
        if len(words) == 1:
            found.append((code, next(iter(words))))
            continue
        told = ((" ".join(channels), text) for text, channels in words.items())
        found.append((code, format_html_join(" ", '<span data-by="{}">{}</span>', told)))
    return found


def day_field(label: Any, **more: Any) -> forms.DateField:
    # A browser's date box takes the day as ISO writes it; in the reader's own form it stays empty.
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


class SaidForm(forms.Form):
    """What any contact is told by, whoever it was with: the card's form and the spare one are this and more."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        initial="phone",
        widget=forms.RadioSelect,
        help_text=_("Visit: at the customer's. Meeting: with us, at a fair or online."),
    )
    # Nothing is preset: what was not chosen by anybody would stand on the timeline as said.
    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What was said"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = choices(CHANNELS)  # type: ignore[attr-defined]
        self.fields["outcome"].choices = outcome_choices()  # type: ignore[attr-defined]


class SpareContactForm(SaidForm):
    """The part of the card's contact form that needs nothing of the customer."""

    direction = forms.CharField(initial="out", widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "spare_%s", **kwargs})
