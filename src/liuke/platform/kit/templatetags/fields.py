"""Forms: label above, help below, the error beside its field and summed up at the top with focus."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput, Textarea

register = template.Library()


@register.inclusion_tag("platform/kit/field.html")
def field(
    bound: BoundField, *, width: str = "", autofocus: bool = False, hint: str = "", **attrs: Any
) -> dict[str, Any]:
    """`{% field form.name %}`; width: short, half; further attributes reach the widget (`rows=3`, `data_suggest=…`)."""
    extra = {key.replace("_", "-"): value for key, value in attrs.items()}
    if autofocus:
        extra["autofocus"] = True
    if isinstance(bound.field.widget, Textarea):
        extra.setdefault("rows", 3)
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=extra),
        "width": width,
        "hint": hint,
        "check": isinstance(bound.field.widget, CheckboxInput),
        "group": bound.use_fieldset,
    }


@register.inclusion_tag("platform/kit/form_errors.html")
def form_errors(*forms: BaseForm) -> dict[str, Any]:
    """`{% form_errors form %}`: all that is wrong, each a link to its field; takes the focus."""
    found = [
        (form[name], errors) for form in forms for name, errors in form.errors.items() if name != "__all__"
    ]
    general = [error for form in forms for error in form.non_field_errors()]
    return {"fields": found, "general": general, "count": len(found) + len(general)}


@register.inclusion_tag("platform/kit/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """All visible fields in order, then the hidden ones; the form's `halves` stand two in a row."""
    halves = getattr(form, "halves", ())
    widths = [(bound, "half" if bound.name in halves else "") for bound in form.visible_fields()]
    return {"fields": widths, "hidden": form.hidden_fields()}
