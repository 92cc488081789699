"""Small signs: icons, grades, risk bands, stages, people, keys. Never a colour alone: always with a word."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.contrib.staticfiles.storage import StaticFilesStorage, staticfiles_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from liuke.platform.kit import rules

if TYPE_CHECKING:
    from liuke.platform.models import Role, User

register = template.Library()

TONES = {"plain", "ok", "warn", "danger", "info"}
GRADES = {
    "platinum": pgettext_lazy("grade", "Platinum"),
    "gold": pgettext_lazy("grade", "Gold"),
    "iron": pgettext_lazy("grade", "Iron"),
    "lead": pgettext_lazy("grade", "Lead"),
    "": pgettext_lazy("grade", "Ungraded"),
}
BANDS = {
    "high": ("danger", pgettext_lazy("band", "High churn risk")),
    "watch": ("warn", pgettext_lazy("band", "Medium churn risk")),
    "low": ("ok", pgettext_lazy("band", "Low churn risk")),
    "lost": ("plain", pgettext_lazy("band", "Lost")),
    "": ("plain", pgettext_lazy("band", "Not judged yet")),
}
# Where churn risk is named already, as over the choices of a filter.
BAND_WORDS = {
    "high": pgettext_lazy("churn risk", "High"),
    "watch": pgettext_lazy("churn risk", "Medium"),
    "low": pgettext_lazy("churn risk", "Low"),
    "lost": pgettext_lazy("churn risk", "Lost"),
}
STAGES = {
    "lead": ("plain", pgettext_lazy("stage", "Potential")),
    "prospect": ("info", pgettext_lazy("stage", "Prospect")),
    "customer": ("ok", pgettext_lazy("stage", "Customer")),
    "loyal": ("ok", pgettext_lazy("stage", "Loyal")),
    "dormant": ("warn", pgettext_lazy("stage", "Dormant")),
    "lost": ("danger", pgettext_lazy("stage", "Lost")),
    "won_back": ("ok", pgettext_lazy("stage", "Won back")),
    "non_customer": ("plain", pgettext_lazy("stage", "Not a customer")),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "phone" %}` beside a word; give `label` where it stands alone."""
    return _drawn(name, label, _sheet(staticfiles_storage))


@lru_cache(4)
def _sheet(storage: StaticFilesStorage) -> str:
    return storage.url("vendor/icons.svg")


@lru_cache(1024)  # a list has two hundred of them, a dozen different ones
def _drawn(name: str, label: str, sheet: str) -> SafeString:
    href = f"{sheet}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


# A list has fifty of each of these and a handful of different ones: drawn once in each language.


@register.simple_tag
def grade(code: str | None, name: str = "") -> SafeString:
    """`{% grade score.grade %}`: platinum, gold, iron, lead; `name` where a company calls its grades otherwise."""
    return _grade(code or "", name, get_language())


@lru_cache(64)
def _grade(code: str, name: str, language: str | None) -> SafeString:
    return format_html('<span class="grade {}">{}</span>', code or "none", name or GRADES.get(code, code))


@register.simple_tag
def band(code: str | None, risk: int | None = None, *, short: bool = False) -> SafeString:
    """`{% band score.band score.risk %}`: the band in words, the risk of 100 as its title; `short` where a head names it."""
    return _band(code or "", risk, get_language(), short=short)


@lru_cache(1024)
def _band(code: str, risk: int | None, language: str | None, *, short: bool) -> SafeString:
    tone, text = BANDS.get(code, ("plain", code))
    text = BAND_WORDS.get(code, text) if short else text
    if risk is None:
        return tag(text, tone)
    title = gettext("churn risk %(risk)d of 100") % {"risk": risk}
    return format_html('<span class="tag {}" title="{}">{}</span>', tone, title, text)


@register.simple_tag
def stage(code: str | None) -> SafeString:
    tone, text = STAGES.get(code or "", ("plain", code or ""))
    return tag(text, tone)


@register.simple_tag
def tag(text: object, tone: str = "plain") -> SafeString:
    """`{% tag text "warn" %}`; tones: plain, ok, warn, danger, info."""
    return format_html('<span class="tag {}">{}</span>', tone if tone in TONES else "plain", text)


@register.simple_tag
def avatar(user: User | None) -> SafeString:
    """A person as a coloured disc; decoration, so the name stands beside it."""
    if user is None:
        return mark_safe('<span class="avatar nobody" aria-hidden="true">–</span>')
    return _avatar(user.pk, user.name)


@lru_cache(1024)
def _avatar(pk: int, name: str) -> SafeString:
    letters, colour = rules.initials(name), rules.hue(pk)
    return format_html('<span class="avatar hue{}" aria-hidden="true">{}</span>', colour, letters)


@register.simple_tag
def owner(user: User | None) -> SafeString:
    """`{% owner customer.owner %}`: disc and name; says so when nobody looks after the customer."""
    if user is None:
        return format_html(
            '<span class="person muted">{}{}</span>', avatar(None), pgettext("owner", "nobody")
        )
    return _person(user.pk, user.name)


@lru_cache(1024)
def _person(pk: int, name: str) -> SafeString:
    return format_html('<span class="person">{}<span>{}</span></span>', _avatar(pk, name), name)


@register.simple_tag
@lru_cache(64)
def kbd(key: str) -> SafeString:
    """A key hint on a button; hidden from screen readers, which have the button's own shortcut attribute."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', key)


@register.filter
def grade_name(code: str | None) -> str:
    return str(GRADES.get(code or "", code))


@register.filter
def band_name(code: str | None) -> str:
    return str(BAND_WORDS.get(code or "", code))


@register.filter
def stage_name(code: str | None) -> str:
    return str(STAGES.get(code or "", ("", code))[1])


ROLES = {
    "owner": pgettext_lazy("role", "Owner"),
    "supervisor": pgettext_lazy("role", "Supervisor"),
    "salesperson": pgettext_lazy("role", "Salesperson"),
    "service": pgettext_lazy("role", "Service agent"),
    "marketer": pgettext_lazy("role", "Marketer"),
    "analyst": pgettext_lazy("role", "Analyst"),
}


@register.filter
def role_name(role: Role) -> str:
    """The name that the company gave the role, else the built-in, translated one."""
    return role.name or str(ROLES.get(role.code, role.code))
