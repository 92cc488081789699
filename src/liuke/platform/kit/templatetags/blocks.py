"""Parts of a page that hold others: panels, tabs, figures with their customers, the four states, menus."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template import Context, Node, TemplateSyntaxError
from django.template.base import Parser, Token
from django.template.defaultfilters import linebreaksbr
from django.template.defaulttags import TemplateIfParser
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from liuke.platform.kit import rules
from liuke.platform.kit.templatetags.badges import icon
from liuke.platform.kit.templatetags.figures import number, percent

register = template.Library()


@register.simple_tag(takes_context=True)
def block_again(context: Context, name: str) -> str:
    """The text of a block a second time: the page's title is its heading too."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    if not isinstance(blocks, BlockContext) or (block := blocks.get_block(name)) is None:
        return ""
    return block.nodelist.render(context)


def attributes(pairs: dict[str, object]) -> SafeString:
    """`data_x="1"` → ` data-x="1"`; what is empty is left out."""
    return format_html_join(
        "", ' {}="{}"', ((k.replace("_", "-"), v) for k, v in pairs.items() if v not in (None, ""))
    )


@register.simple_block_tag
def panel(
    content: str, title: str = "", aside: str = "", *, flush: bool = False, **extra: object
) -> SafeString:
    """`{% panel title=… aside=… %}…{% endpanel %}`; `flush` for lists that run to the edge; `id=`, `hx_get=` pass through."""
    body = content if flush else format_html('<div class="body">{}</div>', content)
    head: str = ""
    if title:
        right = format_html('<div class="aside">{}</div>', aside) if aside else ""
        head = format_html("<header><h2>{}</h2>{}</header>", title, right)
    return format_html('<section class="panel"{}>{}{}</section>', attributes(extra), head, body)


@register.simple_tag
def written(text: str, mentions: Sequence[Mapping[str, Any]] | None = None) -> SafeString:
    """Somebody's words, their lines kept; the colleagues whom they name stand out."""
    names = sorted({str(one["as"]) for one in mentions or () if one.get("as")}, key=len, reverse=True)
    parts = re.split(f"({'|'.join(map(re.escape, names))})", text) if names else [text]
    said = ((format_html('<b class="mention">{}</b>', one) if one in names else one) for one in parts)
    return SafeString(linebreaksbr(format_html_join("", "{}", ((one,) for one in said))))


@register.simple_block_tag
def tabs(content: str, label: str = "") -> SafeString:
    """`{% tabs %}{% tab … %}{% endtabs %}`: links, so each tab has an address."""
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label or gettext("Views"), content)


class Tab(Node):
    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts

    def render(self, context: Context) -> SafeString:
        label, href, active, count = [*(part.eval(context) for part in self.parts), None, None][:4]
        current = SafeString(' aria-current="page"') if active else ""
        tail = format_html(' <span class="count">{}</span>', number(count)) if count is not None else ""
        return format_html('<a href="{}"{}>{}{}</a>', href, current, label, tail)


@register.tag
def tab(parser: Parser, token: Token) -> Tab:
    """`{% tab _("Risk") "?kind=risk" kind == "risk" 9 %}`: label, address, whether it is the one (a value, `a == b` or
    `not a`), and how many."""
    parts: list[list[str]] = []
    joined = False
    for bit in token.split_contents()[1:]:
        if bit in {"==", "!=", "in"}:
            parts[-1].append(bit)
            joined = True
        elif joined:
            parts[-1].append(bit)
            joined = False
        else:
            parts.append([bit])
            joined = bit == "not"
    if not 2 <= len(parts) <= 4:
        raise TemplateSyntaxError("tab takes a label, an address, whether it is the one, and a count")
    return Tab([TemplateIfParser(parser, part).parse() for part in parts])


@register.simple_tag
def stat(label: object, value: object, href: str, note: object = "", tone: str = "") -> SafeString:
    """A figure that opens the customers behind it: `{% money x c as v %}{% stat label v href note "bad" %}`."""
    small = format_html('<span class="note {}">{}</span>', tone, note) if note else ""
    return format_html(
        '<a class="stat" href="{}"><span class="label">{}</span><span class="value">{}</span>{}</a>',
        href,
        label,
        value,
        small,
    )


# The states of a list or panel: empty, loading, failed, too much


@register.simple_block_tag
def empty(content: str, title: str, text: str = "", icon_name: str = "empty") -> SafeString:
    """`{% empty title=… text=… %}<a class="btn primary" …>{% endempty %}`: how it gets filled, and the button that does it."""
    return _state("empty", icon_name, title, text, content)


@register.simple_block_tag
def failed(content: str, title: str, text: str = "") -> SafeString:
    """What went wrong and what to do: the remedy is the content."""
    return _state("failed", "warn", title, text, content, role="alert")


def _state(kind: str, icon_name: str, title: str, text: str, content: str, role: str = "") -> SafeString:
    words = format_html("<p>{}</p>", text) if text else ""
    actions = format_html('<div class="actions">{}</div>', content) if content.strip() else ""
    return format_html(
        '<div class="state {}"{}>{}<p class="title">{}</p>{}{}</div>',
        kind,
        attributes({"role": role}),
        icon(icon_name),
        title,
        words,
        actions,
    )


@register.simple_tag
def loading(rows: int = 3, text: str = "") -> SafeString:
    """Grey lines where content will be; what screen readers hear is the text."""
    lines = SafeString("<span></span>" * rows)
    return format_html(
        '<div class="state loading" role="status"><span class="sr">{}</span>{}</div>',
        text or gettext("Loading…"),
        lines,
    )


@register.simple_tag
def too_many(shown: int, total: int | None = None) -> SafeString:
    """The line under a list that was cut: `{% too_many 200 4338 %}`."""
    if total is None:
        text = gettext("The first %(shown)s are shown. Narrow the list with a filter.") % {
            "shown": number(shown)
        }
    else:
        text = gettext("%(shown)s of %(total)s are shown. Narrow the list with a filter.") % {
            "shown": number(shown),
            "total": number(total),
        }
    return format_html('<p class="too-many">{}{}</p>', icon("filter"), SafeString(text))


@register.simple_tag
def progress(done: float, total: float, label: str = "") -> SafeString:
    """`{% progress job.done job.total "Import" %}`: a bar with its figure; no total yet, no figure."""
    name = label or gettext("Progress")
    if not total:
        return format_html('<span class="progress"><progress aria-label="{}"></progress></span>', name)
    return format_html(
        '<span class="progress"><progress aria-label="{}" max="{}" value="{}"></progress> {}</span>',
        name,
        int(total),
        int(done),
        percent(done / total),
    )


@register.simple_tag
def meter(fraction: float | None, tone: str = "jade", label: str = "") -> SafeString:
    """A share as a small bar beside its figure; drawn as SVG because the content policy allows no inline style."""
    share = min(1.0, max(0.0, fraction or 0.0))
    return format_html(
        '<svg class="meter {}" viewBox="0 0 100 6" preserveAspectRatio="none" {}><rect class="track" width="100" height="6"/>'
        '<rect class="fill" width="{}" height="6"/></svg>',
        tone,
        format_html('role="img" aria-label="{}"', strip_tags(str(label)))
        if label
        else SafeString('aria-hidden="true"'),
        f"{share * 100:.1f}",
    )


def chosen_facets(context: Context) -> list[object]:
    """The labels of the filters that are on, which `facet` leaves for the menu around it."""
    kept: Any = context.render_context.get("chosen_facets")
    if kept is None:
        kept = context.render_context["chosen_facets"] = []
    return kept  # type: ignore[no-any-return]  # ours


@register.simple_block_tag(takes_context=True)
def menu(
    context: Context,
    content: str,
    label: str = "",
    *,
    icon_name: str = "menu",
    text: str = "",
    align: str = "end",
    cls: str = "btn quiet",
) -> SafeString:
    """`{% menu label=… %}<a href=…>…</a>{% endmenu %}`: a <details>, so it opens without a script; kit.js adds arrows and Esc."""
    if chosen := chosen_facets(context):
        text = format_html("{} <b>{}</b>", text, chosen[0] if len(chosen) == 1 else len(chosen))
        cls += " chosen"
        chosen.clear()
    face = format_html("{}{}", text, icon("more")) if text else icon(icon_name)
    name = attributes({"aria-label": label}) if label and not text else ""
    return format_html(
        '<details class="menu {}" data-menu><summary class="{}"{}>{}</summary><div class="menu-items">{}</div></details>',
        align,
        cls,
        name,
        face,
        content,
    )


@register.simple_tag(takes_context=True)
def toasts(context: Context) -> str:
    """The messages of the last action, shown once."""
    said = {"messages": context.get("messages") or [], "csrf_token": context.get("csrf_token")}
    return render_to_string("platform/kit/toasts.html", said)


@register.filter
def undo_of(message: Any) -> str:
    """Where a Django message's doing is taken back, if it can be."""
    return rules.undo_of(message.extra_tags)


@register.filter
def tone_of(message: Any) -> str:
    """A Django message's level as a tone."""
    return {"success": "ok", "warning": "warn", "error": "danger"}.get(message.level_tag, "info")
