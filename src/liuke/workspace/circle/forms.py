"""What surrounds a customer, as forms: departments, relations, days to remember, what he owns, background notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.background.rules import FIELDS, LIMIT
from liuke.customers.holdings.rules import kinds_for, pack_of
from liuke.customers.models import Contact, Customer
from liuke.customers.occasions.rules import FIRST_YEAR, LAST_YEAR, MOST_NOTICE_DAYS
from liuke.customers.occasions.rules import KINDS as OCCASIONS
from liuke.customers.records.rules import Unfit
from liuke.customers.relations.rules import BETWEEN_FIRMS
from liuke.customers.relations.rules import KINDS as RELATIONS
from liuke.customers.vcards.rules import LARGEST, Card, read
from liuke.platform.preferences.actions import get
from liuke.workspace.shell.forms import day_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liuke.platform.models import User

    PersonField = forms.ModelChoiceField[Contact]
else:
    PersonField = forms.ModelChoiceField

ALIKE = 5  # customers of one name that are offered


def named(table: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, gettext(name)) for code, name in table.items()]


class CircleForm(forms.Form):
    def refuse(self, error: Unfit) -> None:
        """Shows what the action found wrong beside the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, ValidationError(error.text))


class DepartmentForm(CircleForm):
    name = forms.CharField(label=_("Department"), max_length=80)
    office = forms.CharField(label=_("Its office"), max_length=120, required=False)
    note = forms.CharField(label=_("Note"), max_length=240, required=False)


class RelationForm(CircleForm):
    """Whom one may read is found by name or number; of anybody else the form knows nothing."""

    halves: ClassVar[frozenset[str]] = frozenset({"contact", "person"})

    whom = forms.CharField(
        label=_("Which customer"), max_length=120, help_text=_("By name or customer number.")
    )
    kind = forms.ChoiceField(label=_("What they are to this customer"))
    contact = PersonField(
        Contact.objects.none(), label=_("Person here"), required=False, empty_label=_("Not given")
    )
    person = forms.CharField(label=_("Person there"), max_length=80, required=False)
    note = forms.CharField(label=_("Note"), max_length=240, required=False)

    def __init__(self, *args: Any, customer: Customer, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer, self.by = customer, by
        # Nothing is chosen beforehand: a firm's relation must not become "family" because nobody looked.
        firm = customer.kind != "individual"
        known = named(RELATIONS)
        apt = [choice for choice in known if (choice[0] in BETWEEN_FIRMS) == firm]
        rest = [choice for choice in known if choice not in apt]
        self.fields["kind"].choices = [("", gettext("Please choose")), *apt, *rest]  # type: ignore[attr-defined]
        self.fields["contact"].queryset = customer.contacts.all()  # type: ignore[attr-defined]

    def clean_whom(self) -> Customer:
        words: str = self.cleaned_data["whom"]
        mine = Customer.objects.for_user(self.by).exclude(pk=self.customer.pk)
        exact = list(mine.filter(number=words)[:1]) or list(mine.filter(name=words)[:2])
        found = exact or list(mine.search(words, by=self.by)[: ALIKE + 1])
        if not found:
            raise ValidationError(gettext("You have no other customer of this name or number."))
        if len(found) > 1:
            names = ", ".join(f"{one.name} ({one.number})" for one in found[:ALIKE])
            raise ValidationError(
                gettext("Several are called so. Please give the number: %(names)s") % {"names": names}
            )
        return found[0]

    def clean(self) -> None:
        super().clean()
        name, whom = self.cleaned_data.pop("person", ""), self.cleaned_data.get("whom")
        if not name or whom is None:
            return
        person = whom.contacts.filter(name=name).first()
        if person is None:
            self.add_error("person", ValidationError(gettext("No person of this name is noted there.")))
        self.cleaned_data["their_contact"] = person


class DateForm(CircleForm):
    halves: ClassVar[frozenset[str]] = frozenset({"kind", "name", "month", "day", "year", "notice_days"})

    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=_("Called"), max_length=80, required=False)
    contact = PersonField(
        Contact.objects.none(), label=_("Of"), required=False, empty_label=_("The customer")
    )
    month = forms.IntegerField(label=_("Month"), min_value=1, max_value=12)
    day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31)
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    notice_days = forms.IntegerField(
        label=_("Days ahead"),
        min_value=0,
        max_value=MOST_NOTICE_DAYS,
        initial=7,
        help_text=_("When a follow-up asks."),
    )
    is_lunar = forms.BooleanField(label=_("By the lunar calendar"), required=False)
    is_leap_month = forms.BooleanField(label=_("In the leap month"), required=False)
    is_yearly = forms.BooleanField(label=_("Every year"), required=False, initial=True)
    note = forms.CharField(label=_("Note"), max_length=240, required=False)

    def __init__(self, *args: Any, customer: Customer, fresh: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = named(OCCASIONS)  # type: ignore[attr-defined]
        self.fields["contact"].queryset = customer.contacts.all()  # type: ignore[attr-defined]
        if not fresh:
            del self.fields["contact"]


class HoldingForm(CircleForm):
    halves: ClassVar[frozenset[str]] = frozenset(
        {
            "kind",
            "name",
            "serial",
            "plate",
            "bought_on",
            "mileage_km",
            "warranty_until",
            "service_on",
            "insured_until",
            "replace_on",
        }
    )

    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=_("What it is"), max_length=120)
    serial = forms.CharField(label=_("Serial number or VIN"), max_length=60, required=False)
    plate = forms.CharField(label=_("Number plate"), max_length=20, required=False)
    bought_on = day_field(_("Bought on"), required=False)
    mileage_km = forms.IntegerField(label=_("Kilometres"), min_value=0, max_value=9_999_999, required=False)
    is_from_us = forms.BooleanField(label=_("Bought from us"), required=False)
    warranty_until = day_field(_("Warranty until"), required=False)
    service_on = day_field(_("Next service"), required=False)
    insured_until = day_field(_("Insured until"), required=False)
    replace_on = day_field(
        _("Replacement expected"), required=False, help_text=_("Left empty: after the usual years.")
    )
    note = forms.CharField(label=_("Note"), max_length=240, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = kinds_for(pack_of(get("holdings.pack")))
        self.fields["kind"].choices = named(first)  # type: ignore[attr-defined]


class VCardForm(CircleForm):
    file = forms.FileField(
        label=_("vCard file"),
        help_text=_("From a telephone or an address book, up to 1 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".vcf,text/vcard"}),
    )

    def clean_file(self) -> list[Card]:
        given = self.cleaned_data["file"]
        if given.size > LARGEST:
            raise ValidationError(gettext("This file is larger than 1 MB."))
        try:
            return read(given.read())
        except Unfit as error:
            raise ValidationError(error.text) from error


class BackgroundForm(CircleForm):
    consent = forms.CharField(
        label=_("How the person agreed"),
        max_length=240,
        help_text=_("For example: said so on the telephone on 3 March. Without consent nothing is kept."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in FIELDS.items():
            box = forms.Textarea(attrs={"rows": 2})
            self.fields[name] = forms.CharField(
                label=gettext(label), max_length=LIMIT, required=False, widget=box
            )
        self.order_fields([*FIELDS, "consent"])

    def notes(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in FIELDS}
