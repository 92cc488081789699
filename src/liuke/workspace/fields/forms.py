"""A field of the company's own as a form: what it is called in each language, whom it is asked of, where it shows up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.fields.models import CustomField, blocks, field_types
from liuke.customers.fields.rules import HELP_LIMIT, LISTS, NAME_LIMIT, PLACES
from liuke.customers.records.models import kinds, scopes
from liuke.customers.records.rules import Unfit

# language -> what it is called, each in itself
WORDS = {"zh_hans": "简体中文", "zh_hant": "繁體中文", "en": "English"}


class FieldForm(forms.Form):
    halves = frozenset({"type", "decimals", "block", "kind", "scope"})

    type = forms.ChoiceField(label=_("Type"), choices=field_types, help_text=_("It cannot be changed later."))
    decimals = forms.IntegerField(
        label=_("Digits behind the point"),
        min_value=0,
        max_value=6,
        initial=2,
        required=False,
        help_text=_("For decimal numbers and money. It cannot be changed later."),
    )
    block = forms.ChoiceField(label=_("Block of the card"), choices=blocks, initial="characteristics")
    kind = forms.ChoiceField(label=_("Customers of this kind"), required=False)
    scope = forms.ChoiceField(label=_("Customers of this scope"), required=False)
    required = forms.BooleanField(
        label=_("Needed for a complete card"),
        required=False,
        help_text=_("A card without it can be saved; it counts as incomplete."),
    )
    places = forms.MultipleChoiceField(
        label=_("Also offered as"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=list(PLACES),
    )
    more_options = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, for a list."),
    )

    def __init__(self, *args: Any, held: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = held
        everybody = ("", gettext("all"))
        self.fields["kind"].choices = [everybody, *kinds()]  # type: ignore[attr-defined]  # a ChoiceField, as above
        self.fields["scope"].choices = [everybody, *scopes()]  # type: ignore[attr-defined]
        self.fields["places"].choices = [(code, gettext(name)) for code, name in PLACES.items()]  # type: ignore[attr-defined]
        for code, language in WORDS.items():
            self.fields[f"name_{code}"] = forms.CharField(
                label=gettext("Name, %(language)s") % {"language": language},
                max_length=NAME_LIMIT,
                required=False,
            )
        for code, language in WORDS.items():
            self.fields[f"help_{code}"] = forms.CharField(
                label=gettext("Help, %(language)s") % {"language": language},
                max_length=HELP_LIMIT,
                required=False,
            )
        if held:
            self._of(held)
        self.order_fields([*(f"name_{code}" for code in WORDS), *(f"help_{code}" for code in WORDS)])

    def _of(self, held: CustomField) -> None:
        """What is there already: the type stays, its choices stand one by one."""
        del self.fields["type"], self.fields["decimals"]
        if held.type not in LISTS:
            del self.fields["more_options"]
        else:
            self.fields["more_options"].label = gettext("Further choices")
            for code, name, offered in held.options:
                self.fields[f"option_{code}"] = forms.CharField(
                    label=name, max_length=NAME_LIMIT, initial=name
                )
                self.fields[f"offered_{code}"] = forms.BooleanField(
                    label=gettext("Offer “%(name)s”") % {"name": name}, required=False, initial=offered
                )
        plain = ("block", "kind", "scope", "required", "places")
        self.initial = {**{name: getattr(held, name) for name in plain}, **self.initial}
        for code in WORDS:
            language = code.replace("_", "-")
            self.initial[f"name_{code}"] = held.names.get(language, "")
            self.initial[f"help_{code}"] = held.helps.get(language, "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(f"name_{code}") for code in WORDS):
            self.add_error("name_zh_hans", ValidationError(gettext("Please give the field a name.")))
        return cleaned

    @property
    def languages(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"name_{code}"], self[f"help_{code}"]) for code in WORDS]

    @property
    def options(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        codes = [code for code, _name, _offered in self.held.options] if self.held else []
        return [
            (self[f"option_{code}"], self[f"offered_{code}"])
            for code in codes
            if f"option_{code}" in self.fields
        ]

    def given(self) -> dict[str, Any]:
        """As `add_field` and `edit_field` take it."""
        data: Mapping[str, Any] = self.cleaned_data
        words = {code: code.replace("_", "-") for code in WORDS}
        found: dict[str, Any] = {
            "names": {language: data[f"name_{code}"] for code, language in words.items()},
            "helps": {language: data[f"help_{code}"] for code, language in words.items()},
            **{name: data[name] for name in ("block", "kind", "scope", "required", "places")},
        }
        if self.held is None:
            found["type"] = data["type"]
            if data["decimals"] is not None:
                found["decimals"] = data["decimals"]
        if "more_options" in data:
            held = self.held.options if self.held else []
            kept = [(code, data[f"option_{code}"], data[f"offered_{code}"]) for code, _n, _o in held]
            lines = (line.strip() for line in data["more_options"].splitlines())
            found["options"] = kept + [("", line, True) for line in lines if line]
        return found

    def refuse(self, error: Unfit) -> None:
        name = {"names": "name_zh_hans", "helps": "help_zh_hans", "options": "more_options"}.get(error.field)
        name = name or error.field
        self.add_error(name if name in self.fields else None, ValidationError(error.text))
