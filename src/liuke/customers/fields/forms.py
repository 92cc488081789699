"""The company's own fields in a form: asked as their type is, kept as their rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext

from liuke.customers.fields.rules import LARGEST, LONG_LIMIT, TEXT_LIMIT, Definition, clean
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit

if TYPE_CHECKING:
    from liuke.platform.models import User

ASKED = "own"  # which of them a form has asked: one that was added since is not emptied by an older page
HALVES = frozenset(
    {"whole", "decimal", "money", "date", "flag", "one", "phone", "email", "identity", "customer"}
)


def ask(form: forms.Form, known: Sequence[Definition], kept: Mapping[str, Any] | None = None) -> None:
    """Adds the fields to `form`, and the note of what is asked. `kept` are the values: a choice that is no longer
    offered may stay where it was made."""
    language = get_language() or ""
    for one in known:
        form.fields[one.name] = _field(
            one, one.label(language), one.help(language), (kept or {}).get(one.name)
        )
    names = ",".join(one.name for one in known)
    form.fields[ASKED] = forms.CharField(required=False, widget=forms.HiddenInput, initial=names)


def initial(known: Sequence[Definition], values: Mapping[str, Any], *, by: User) -> dict[str, Any]:
    """What is kept, as the fields show it; one statement for all other customers that are referred to."""
    referred = [values[one.name] for one in known if one.type == "customer" and one.name in values]
    reach = Customer.objects.for_user(by).filter(pk__in=referred)
    numbers = dict(reach.values_list("pk", "number")) if referred else {}
    return {one.name: _shown(one, values[one.name], numbers) for one in known if one.name in values}


def _shown(known: Definition, value: Any, numbers: Mapping[int, str]) -> Any:
    match known.type:
        case "money":
            return format(Decimal(value).scaleb(-known.decimals), "f")
        case "flag":
            return "1" if value else "0"
        case "date":
            return value.isoformat()
        case "customer":
            return numbers.get(value, "")
        case _:
            return value


def given(form: forms.Form, known: Sequence[Definition], *, by: User) -> dict[str, Any]:
    """name -> clean value of what the form has asked; what does not fit becomes an error beside its field."""
    asked = set(str(form.data.get(form.add_prefix(ASKED), "")).split(","))
    values: dict[str, Any] = {}
    for one in known:
        if one.name not in asked or one.name not in form.cleaned_data:
            continue
        typed = form.cleaned_data[one.name]
        try:
            if one.type == "customer":
                typed = _customer(one, typed, by)
            values[one.name] = clean(one, typed)
        except Unfit as error:
            form.add_error(one.name, ValidationError(error.text))
    return values


def _customer(known: Definition, typed: str, by: User) -> int | None:
    """By number or by name, within what one may read."""
    if not (word := " ".join(typed.split())):
        return None
    reach = Customer.objects.for_user(by)
    found = list(reach.filter(number=word)[:1]) or list(reach.filter(name=word)[:2])
    if len(found) > 1:
        raise Unfit(known.name, gettext("Several customers have this name; give the number."))
    if not found:
        raise Unfit(known.name, gettext("There is no such customer."))
    return found[0].pk


def _field(known: Definition, label: str, tip: str, kept: Any) -> forms.Field:
    if known.type == "money":
        label = f"{label} ({known.currency})"
    elif known.type == "customer":
        tip = tip or gettext("By number or name.")
    made = _number(known) or _choice(known, kept) or _text(known)
    made.label, made.help_text, made.required = label, tip, False
    return made


def _number(known: Definition) -> forms.Field | None:
    match known.type:
        case "whole":
            return forms.IntegerField(min_value=1 - LARGEST, max_value=LARGEST - 1, required=False)
        case "decimal" | "money":
            return forms.DecimalField(max_digits=15, decimal_places=known.decimals, required=False)
        case _:
            return None


def _choice(known: Definition, kept: Any) -> forms.Field | None:
    match known.type:
        case "flag":
            return forms.ChoiceField(
                choices=[("", "–"), ("1", gettext("yes")), ("0", gettext("no"))], required=False
            )
        case "one":
            return forms.ChoiceField(choices=[("", "–"), *_offered(known, [kept])], required=False)
        case "several":
            boxes = _offered(known, kept or [])
            return forms.MultipleChoiceField(
                choices=boxes, widget=forms.CheckboxSelectMultiple, required=False
            )
        case _:
            return None


INPUTS = {"phone": "tel", "email": "email", "link": "url"}  # the keyboard that a phone brings up


def _text(known: Definition) -> forms.Field:
    match known.type:
        case "long":
            widget: forms.Widget = forms.Textarea(attrs={"rows": 3})
            return forms.CharField(max_length=LONG_LIMIT, widget=widget, required=False)
        case "date":
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), required=False)
        case _:
            mode = {"inputmode": INPUTS[known.type]} if known.type in INPUTS else {}
            return forms.CharField(max_length=TEXT_LIMIT, widget=forms.TextInput(attrs=mode), required=False)


def _offered(known: Definition, kept: Sequence[Any]) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in known.options if one.offered or one.code in kept]
