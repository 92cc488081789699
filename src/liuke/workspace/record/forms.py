"""The customer's record as forms: each scope with its own fields (SC07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.customers.fields.forms import ASKED, HALVES, ask, given
from liuke.customers.fields.forms import initial as own_initial
from liuke.customers.fields.rules import Definition
from liuke.customers.models import Contact, ContactPoint, Customer
from liuke.customers.places.rules import split_address
from liuke.customers.records.models import kinds, point_kinds, purposes, scopes, stages
from liuke.customers.records.rules import (
    ATTITUDES,
    CONTACT_ROLES,
    DECISION_POWERS,
    LEAST_INFLUENCE,
    MOST_INFLUENCE,
    PROFILE,
    NewContact,
    ProfileField,
    Unfit,
    normal_point,
)
from liuke.customers.sources.rules import in_words
from liuke.customers.stages.rules import MOVES
from liuke.customers.standings.rules import EXPECTED
from liuke.customers.wording.rules import country_code
from liuke.platform.kit.rules import country_text
from liuke.platform.models import User
from liuke.platform.preferences.actions import get
from liuke.workspace.record.actions import NEXT, Opening, needs_grade
from liuke.workspace.shell.forms import day_field

if TYPE_CHECKING:
    UserField = forms.ModelChoiceField[User]
    PersonField = forms.ModelChoiceField[Contact]
else:
    UserField = PersonField = forms.ModelChoiceField

FIELDS = ("name", "kind", "scope", "purpose", "source", "country", "province", "city", "address", "note")


class Refusable(forms.Form):
    def refuse(self, error: Unfit) -> None:
        """Shows what the action found wrong beside the field that it is about."""
        name = error.field.replace("profile.", "profile_")
        aliases = {"points": "value" if "value" in self.fields else "phone"}
        name = aliases.get(name, name)
        self.add_error(name if name in self.fields else None, ValidationError(error.text))


class CustomerForm(Refusable):
    # Two of these stand side by side.
    halves: frozenset[str] = frozenset({"kind", "scope", "purpose", "source", "country", "province", "city"})

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=kinds, initial="enterprise")
    scope = forms.ChoiceField(
        label=_("Scope"),
        choices=scopes,
        initial="b2b",
        help_text=_("Each scope has fields of its own; they change with it after saving."),
    )
    purpose = forms.ChoiceField(label=_("Purchase purpose"), choices=purposes, required=False)
    source = forms.CharField(
        label=_("Source"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "sources"}),
    )
    country = forms.CharField(
        label=_("Country"),
        max_length=60,
        required=False,
        help_text=_("By its name or two letters, such as CN."),
    )
    province = forms.CharField(label=_("Province"), max_length=60, required=False)
    city = forms.CharField(label=_("City"), max_length=60, required=False)
    address = forms.CharField(label=_("Address"), max_length=240, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        *args: Any,
        by: User,
        scope: str = "",
        own: Sequence[Definition] = (),
        kept: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`own` are the company's fields for such a customer, `kept` what he has in them."""
        super().__init__(*args, **kwargs)
        self.profile_of, self.by, self.own = scope, by, own
        self.values: dict[str, Any] = {}
        for one in PROFILE.get(scope, ()):
            self.fields[f"profile_{one.name}"] = _profile_field(one)
        ask(self, own, kept)
        self.initial = {**self.initial, **own_initial(own, kept or {}, by=by)}
        self.initial["source"] = in_words(self.initial.get("source", ""))
        self.initial["country"] = _country_name(self.initial.get("country", ""))
        self.halves = self.halves | {one.name for one in own if one.type in HALVES}

    def clean_country(self) -> str:
        written: str = self.cleaned_data["country"]
        code = country_code(written)
        if written and code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(gettext("There is no country of this name."))
        return code

    def clean(self) -> None:
        """The company's own fields, each by its type; an address that names its province or city fills these where empty."""
        super().clean()
        self.values = given(self, self.own, by=self.by)
        data = self.cleaned_data
        if data.get("address") and not data.get("province") and not data.get("city"):
            place = split_address(data["address"])
            if place.province or place.city:
                data |= {"province": place.province, "city": place.city}
                data["address"] = place.district + place.rest

    def record(self) -> dict[str, Any]:
        """The record's fields as `edit` and `register` take them."""
        given: dict[str, Any] = {
            name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data
        }
        if self.profile_of and self.profile_of == given.get("scope"):
            given["profile"] = {
                one.name: value
                for one in PROFILE[self.profile_of]
                if (value := self.cleaned_data.get(f"profile_{one.name}")) not in (None, "")
            }
        return given


def _country_name(code: str) -> str:
    """As people write it, where it reads back as the same country; else the code."""
    name = country_text(code, get_language() or "")
    return name if country_code(name) == code else code


def _profile_field(one: ProfileField) -> forms.Field:
    label = gettext(one.label)
    if one.kind == "whole":
        return forms.IntegerField(label=label, required=False, min_value=1, max_value=one.limit)
    if one.kind == "date":
        return forms.CharField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
    return forms.CharField(label=label, required=False, max_length=one.limit)


class NewCustomerForm(CustomerForm):
    """A customer with the first ways to reach him, in one go."""

    halves: frozenset[str] = CustomerForm.halves | {
        *("phone", "email", "contact", "owner", "number", "birthday", "grade", "next_by", "next_on")
    }

    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=120, required=False)
    contact = forms.CharField(label=_("Contact person"), max_length=80, required=False)
    birthday = day_field(_("Birthday"), required=False)
    grade = forms.ChoiceField(
        label=_("Provisional grade"),
        required=False,
        help_text=_("What this customer may become. It stands until the night judges what they buy."),
    )
    next_by = forms.ChoiceField(label=_("Next contact by"))
    next_on = day_field(_("Next contact on"))
    owner = UserField(User.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody"))
    number = forms.CharField(
        label=_("Customer number"),
        max_length=40,
        required=False,
        help_text=_("Leave empty for the next free one."),
    )
    anyway = forms.BooleanField(label=_("It is another customer: save it all the same"), required=False)

    field_order = (
        "name",
        "phone",
        "email",
        "contact",
        "birthday",
        "kind",
        "scope",
        "grade",
        "next_by",
        "next_on",
        "purpose",
        "source",
        "country",
        "city",
    )

    def __init__(self, *args: Any, by: User, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(by).active().order_by("name")  # type: ignore[attr-defined]
        self.fields["owner"].initial = by.pk
        if not self.data.get("anyway"):
            self.fields["anyway"].widget = forms.HiddenInput()
        self.fields["grade"].choices = [("", gettext("Please choose")), *EXPECTED.items()]  # type: ignore[attr-defined]
        self.fields["grade"].required = needs_grade(kind)
        self.fields["next_by"].choices = list(NEXT.items())  # type: ignore[attr-defined]
        self.fields["next_by"].initial = next(iter(NEXT))
        first = get("card.first_grade")
        self.fields["grade"].initial = first if first in EXPECTED else ""
        self.fields["next_on"].initial = timezone.localdate() + timedelta(days=get("card.first_contact_days"))
        self.fields["kind"].initial = kind
        self.fields["kind"].widget = forms.HiddenInput()  # the tabs above the form have asked it
        self.fields["scope"].initial = self.profile_of
        for name in ("province", "address", "note", "birthday" if kind == "enterprise" else ""):
            self.fields.pop(name, None)

    def clean(self) -> None:
        """Each way to reach him is judged by itself, so that the error stands beside it."""
        super().clean()
        for kind, name in (("mobile", "phone"), ("email", "email")):
            try:
                if value := self.cleaned_data.get(name):
                    normal_point(kind, value, self.cleaned_data.get("country", ""))
            except Unfit as error:
                self.add_error(name, ValidationError(error.text))

    def offer_anyway(self) -> None:
        """Somebody like that is there already: only now is there something to answer."""
        self.fields["anyway"].widget = forms.CheckboxInput()

    def opening(self) -> Opening:
        data = self.cleaned_data
        return Opening(data["next_by"], data["next_on"], data["grade"], data.get("birthday"))

    def points(self) -> list[tuple[str, str]]:
        given = (("mobile", self.cleaned_data["phone"]), ("email", self.cleaned_data["email"]))
        return [(kind, value) for kind, value in given if value]


class CompletionForm(CustomerForm):
    """Only what the card still lacks: asked as in the whole form, saved with the rest as it is."""

    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=120, required=False)
    wechat = forms.CharField(label=_("WeChat"), max_length=120, required=False)
    contact = forms.CharField(label=_("Contact person"), max_length=80, required=False)
    grade = forms.ChoiceField(label=_("Provisional grade"), required=False)

    def __init__(self, *args: Any, customer: Customer, missing: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, scope=customer.scope, **kwargs)
        self.customer = customer
        self.fields["grade"].choices = [("", gettext("Please choose")), *EXPECTED.items()]  # type: ignore[attr-defined]
        asked = {*missing, *(f"profile_{name}" for name in missing), ASKED}
        for name in [name for name in self.fields if name not in asked]:
            del self.fields[name]
        self.fields[ASKED].initial = ",".join(one.name for one in self.own if one.name in asked)

    def clean(self) -> None:
        super().clean()
        for kind, name in WAYS:
            try:
                if value := self.cleaned_data.get(name):
                    normal_point(kind, value, self.customer.country)
            except Unfit as error:
                self.add_error(name, ValidationError(error.text))

    def record(self) -> dict[str, Any]:
        """What was filled in; a blank leaves the card as it is."""
        given = {name: self.cleaned_data[name] for name in FIELDS if self.cleaned_data.get(name)}
        filled = {
            one.name: value
            for one in PROFILE[self.customer.scope]
            if (value := self.cleaned_data.get(f"profile_{one.name}")) not in (None, "")
        }
        return given | ({"profile": self.customer.profile | filled} if filled else {})

    def points(self) -> list[tuple[str, str]]:
        return [(kind, value) for kind, name in WAYS if (value := self.cleaned_data.get(name))]


WAYS = (("mobile", "phone"), ("email", "email"), ("wechat", "wechat"))


class ContactForm(Refusable):
    """A person at the customer: who he is, how he is reached, and what he has to say there (CT01, CT03)."""

    halves: ClassVar[frozenset[str]] = frozenset(
        {"name", "title", "department", "office", "phone", "email", "influence", "attitude"}
    )

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=80)
    title = forms.CharField(label=_("Position"), max_length=80, required=False)
    department = forms.CharField(
        label=_("Department"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "departments"}),
    )
    office = forms.CharField(label=_("Its office"), max_length=120, required=False)
    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=120, required=False)
    influence = forms.TypedChoiceField(label=_("Influence"), required=False, coerce=int, empty_value=None)
    attitude = forms.ChoiceField(label=_("Attitude to us"), required=False)
    decision_power = forms.ChoiceField(
        label=_("Say in the decision"),
        required=False,
        help_text=_(
            "Who can really command the spending? Power is what makes others comply within a duty: by office, by"
            " money, or by faith and standing. Often it is not the one who signs."
        ),
    )
    note = forms.CharField(label=_("Note"), max_length=240, required=False)
    primary = forms.BooleanField(label=_("Primary contact"), required=False)
    anyway = forms.BooleanField(label=_("They work there too: save it all the same"), required=False)

    def __init__(self, *args: Any, fresh: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.data.get("anyway"):
            self.fields["anyway"].widget = forms.HiddenInput()
        chosen: Mapping[str, list[tuple[Any, str]]] = {
            "roles": [(code, gettext(name)) for code, name in CONTACT_ROLES.items()],
            "influence": [("", gettext("not known")), *_influences()],
            "attitude": _known(ATTITUDES),
            "decision_power": _known(DECISION_POWERS),
        }
        for name, options in chosen.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
        if not fresh:
            del self.fields["phone"], self.fields["email"], self.fields["anyway"]

    def offer_anyway(self) -> None:
        """One of the numbers is noted elsewhere: only now is there something to answer."""
        self.fields["anyway"].widget = forms.CheckboxInput()

    def new(self) -> NewContact:
        data = self.cleaned_data
        given = (("mobile", data.get("phone")), ("email", data.get("email")))
        points = tuple((kind, value) for kind, value in given if value)
        told = ("department", "office", "influence", "decision_power", "attitude")
        more = {name: data[name] for name in told}
        return NewContact(data["name"], data["title"], data["roles"], data["note"], points, **more)


def _known(table: Mapping[str, str]) -> list[tuple[Any, str]]:
    return [("", gettext("not known")), *((code, gettext(name)) for code, name in table.items())]


def _influences() -> list[tuple[Any, str]]:
    steps = range(LEAST_INFLUENCE, MOST_INFLUENCE + 1)
    ends = {LEAST_INFLUENCE: gettext("1, little"), MOST_INFLUENCE: gettext("5, a great deal")}
    return [(step, ends.get(step, str(step))) for step in steps]


class PointForm(Refusable):
    kind = forms.ChoiceField(label=_("Kind"), choices=point_kinds)
    value = forms.CharField(label=_("Number or address"), max_length=ContactPoint.LONGEST)
    contact = PersonField(
        Contact.objects.none(), label=_("Of"), required=False, empty_label=_("The customer")
    )
    preferred = forms.BooleanField(label=_("Preferred"), required=False)

    def __init__(self, *args: Any, customer: Customer, fresh: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = customer.contacts.all()  # type: ignore[attr-defined]
        if not fresh:
            del self.fields["kind"], self.fields["contact"]


class StageForm(Refusable):
    stage = forms.ChoiceField(label=_("Stage"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(stages())
        reached = [code for code in names if code in MOVES[customer.stage]]
        self.fields["stage"].choices = [(code, names[code]) for code in reached]  # type: ignore[attr-defined]
