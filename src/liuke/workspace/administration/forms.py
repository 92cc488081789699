"""The company's settings as forms: each field is made from its declaration in platform/preferences/rules.py."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext, pgettext

from liuke.platform.kit.rules import currencies, minor_digits
from liuke.platform.kit.templatetags.badges import GRADES
from liuke.platform.preferences.rules import Setting, Unfit
from liuke.platform.users.rules import zones


class RatesField(forms.CharField):
    """One currency a line: USD 7.10."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return (
            "\n".join(f"{code} {rate}" for code, rate in value.items()) if isinstance(value, dict) else value
        )

    def to_python(self, value: Any) -> Any:
        rates: dict[str, str] = {}
        for line in str(value or "").splitlines():
            words = line.replace("=", " ").replace(":", " ").replace("：", " ").split()
            if not words:
                continue
            if len(words) != 2 or words[0].upper() in rates:
                raise ValidationError(gettext("Write each currency once, one a line, such as USD 7.10."))
            rates[words[0].upper()] = words[1]
        return rates


class SettingForm(forms.Form):
    """One setting. `value` is what its own check makes of what was typed."""

    def __init__(
        self, typed: Mapping[str, Any] | None, *, setting: Setting, current: Any, currency: str
    ) -> None:
        self.setting, self.currency = setting, currency
        fields = self._fields(setting)
        # What was not sent is not changed: a page may ask for one setting or for all of them.
        sent = typed is not None and any(f"{setting.key}-{name}" in typed for name in fields)
        super().__init__(typed if sent else None, prefix=setting.key)
        self.fields.update(fields)
        self.initial = self._initial(current)

    @property
    def label(self) -> str:
        return gettext(self.setting.label)

    @property
    def width(self) -> str:
        return "short" if self.setting.kind in {"whole", "number", "money", "currency"} else ""

    @property
    def help(self) -> str:
        return gettext(self.setting.help) if self.setting.help else ""

    @property
    def standard(self) -> str:
        """What holds when nobody chooses, as a person reads it."""
        default = self.setting.default
        match self.setting.kind:
            case "percentages":
                return " · ".join(f"{share} %" for share in default)
            case "choice":
                return gettext(dict(self.setting.choices)[default])
            case "several":
                known = dict(self.setting.choices)
                return pgettext("between choices", ", ").join(gettext(known[name]) for name in default)
            case "names" | "rates" | "money":
                return ""
            case _:
                return str(default)

    def _fields(self, setting: Setting) -> dict[str, forms.Field]:
        label = gettext(setting.label)
        match setting.kind:
            case "percentages":
                return {
                    part: forms.DecimalField(label=GRADES[part], decimal_places=2) for part in setting.parts
                }
            case "names":
                return {part: forms.CharField(label=GRADES[part], required=False) for part in setting.parts}
            case "rates":
                return {"value": RatesField(label=label, required=False)}
            case "several":
                return _ticks(setting)
            case "choice" | "zone" | "currency":
                return {"value": forms.ChoiceField(label=label, choices=self._choices(setting))}
            case "whole":
                return {"value": forms.IntegerField(label=label)}
            case "number":
                return {"value": forms.DecimalField(label=label)}
            case "money":
                return {"value": forms.DecimalField(label=f"{label} ({self.currency})", min_value=0)}
            case _:
                return {"value": forms.CharField(label=label, required=False)}

    def _choices(self, setting: Setting) -> Any:
        match setting.kind:
            case "zone":
                return zones
            case "currency":
                return currencies(get_language() or "", self.currency)
            case _:
                return [(value, gettext(name)) for value, name in setting.choices]

    def _initial(self, current: Any) -> dict[str, Any]:
        match self.setting.kind:
            case "percentages":
                return dict(zip(self.setting.parts, current, strict=True))
            case "names":
                return dict(current)
            case "several":
                return {"value": current, "asked": "1"}
            case "money":
                return {
                    "value": format(Decimal(current).scaleb(-minor_digits(self.currency)).normalize(), "f")
                }
            case _:
                return {"value": current}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.value = self.setting.check(self._typed(cleaned))
            except Unfit as problem:
                raise ValidationError(gettext(problem.message) % problem.params) from problem
        return cleaned

    def _typed(self, cleaned: dict[str, Any]) -> Any:
        match self.setting.kind:
            case "percentages":
                return [cleaned[part] for part in self.setting.parts]
            case "names":
                return {part: cleaned[part] for part in self.setting.parts}
            case "money":
                return cleaned["value"].scaleb(minor_digits(self.currency))
            case _:
                return cleaned["value"]


def _ticks(setting: Setting) -> dict[str, forms.Field]:
    """Without a tick nothing would be sent: the second field says that it was asked."""
    boxes = [(value, gettext(name)) for value, name in setting.choices]
    ticks = forms.MultipleChoiceField(
        label=gettext(setting.label), choices=boxes, required=False, widget=forms.CheckboxSelectMultiple
    )
    return {"value": ticks, "asked": forms.CharField(required=False, widget=forms.HiddenInput, initial="1")}
