"""Lists: sortable heads, saved views as tabs, column chooser, bulk bar, keyset pager."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from liuke.platform.kit.templatetags.badges import icon, kbd
from liuke.platform.kit.templatetags.blocks import chosen_facets
from liuke.platform.kit.templatetags.figures import number

register = template.Library()


def query(context: Context) -> QueryDict:
    request: HttpRequest = context["request"]
    copy = request.GET.copy()
    copy.pop("after", None)  # another order or filter starts at the first page
    return copy


@register.simple_tag(takes_context=True)
def sort_head(
    context: Context,
    label: object,
    name: str = "",
    *,
    figure: bool = False,
    current: str = "",
    first: str = "",
    spare: bool = False,
) -> SafeString:
    """`{% sort_head "Value" "value" figure=True %}`: a column's head, a link that sorts by it; again turns it round.

    Reads `?sort=value` or `?sort=-value`; `current` is the order when the address says nothing, `first` the direction
    of the first click ("-" for figures). `spare` columns go where the window is narrow.
    """
    side = ' class="figure"' if figure else ' class="spare"' if spare else ""
    if not name:
        return format_html("<th scope=col{}>{}</th>", SafeString(side), label)
    params = query(context)
    now = params.get("sort") or current
    down, up = now == f"-{name}", now == name
    start = first or ("-" if figure else "")
    params["sort"] = name if down else f"-{name}" if up else f"{start}{name}"
    state = "descending" if down else "ascending" if up else "none"
    arrow = icon("down") if down else icon("up") if up else icon("sort")
    return format_html(
        '<th scope=col{} aria-sort="{}"><a class="sort" href="?{}">{}{}</a></th>',
        SafeString(side),
        state,
        params.urlencode(),
        label,
        arrow,
    )


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """`?…` with some parameters changed; None takes one out: `href="{% with_query grade='gold' %}"`."""
    params = query(context)
    for key, value in changes.items():
        if value is None or value == "":
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def facet(context: Context, label: object, name: str, value: str, count: int | None = None) -> SafeString:
    """`{% facet "Gold" "grade" "gold" 173 %}`: a filter that is on or off; several values of one name add up."""
    chosen, others = _apart(context, name)
    on = value in chosen
    if on:  # the menu around it says so on its button
        chosen_facets(context).append(label)
    values = [v for v in chosen if v != value] if on else [*chosen, value]
    address = "&".join(part for part in (others, urlencode([(name, v) for v in values])) if part)
    tail = format_html('<span class="count">{}</span>', number(count)) if count is not None else ""
    return format_html(
        '<a class="facet" href="?{}" role="checkbox" aria-checked="{}">{}<span>{}</span>{}</a>',
        address,
        "true" if on else "false",
        icon("check"),
        label,
        tail,
    )


def _apart(context: Context, name: str) -> tuple[list[str], str]:
    """What is chosen of one filter, and the rest of the address: worked out once, for a filter by owner has hundreds."""
    kept: Any = context.render_context  # of this page; the stubs know only what Django itself keeps there
    known: dict[str, tuple[list[str], str]] = kept.setdefault("facets", {})
    if name not in known:
        params = query(context)
        known[name] = (params.pop(name, []), params.urlencode())
    return known[name]


@register.inclusion_tag("platform/kit/columns.html", takes_context=True)
def column_chooser(context: Context, columns: Iterable[Any], shown: Iterable[str]) -> dict[str, Any]:
    """`{% column_chooser columns shown %}`: columns have `name` and `label`; answers with `?columns=a&columns=b`."""
    params = query(context)
    params.pop("columns", None)
    kept = [(key, value) for key, values in params.lists() for value in values]
    return {"columns": list(columns), "shown": set(shown), "kept": kept}


@register.simple_block_tag(takes_context=True)
def bulk_bar(context: Context, content: str, total: int | None = None, *, form: str = "bulk") -> SafeString:
    """`{% bulk_bar total %}<button name="action" value="assign" formaction=…>…{% endbulk_bar %}` inside `<form data-bulk>`.

    Rows carry `<input type="checkbox" name="ids" value=…>`. "All N matching" sends `all=1` with the list's own query.
    """
    all_matching: str = ""
    if total is not None:
        text = gettext("Select all %(total)s that match") % {"total": number(total)}
        all_matching = format_html(
            '<label class="all-matching" hidden><input type="checkbox" name="all" value="1" form="{}"> {}</label>',
            form,
            SafeString(text),
        )
    return format_html(
        '<div class="bulk-bar" data-bulk-bar hidden role="region" aria-label="{}">'
        '<span aria-live="polite">{}</span>{}<div class="actions">{}</div>'
        '<button type="button" class="btn quiet" data-bulk-clear>{}</button></div>',
        gettext("With the selected"),
        SafeString(gettext("%(count)s selected") % {"count": "<b data-bulk-count>0</b>"}),
        all_matching,
        content,
        gettext("Clear selection"),
    )


@register.simple_tag
def select_all() -> SafeString:
    """The head of the selection column."""
    return format_html(
        '<th scope="col" class="pick"><input type="checkbox" data-bulk-all aria-label="{}"></th>',
        gettext("Select all on this page"),
    )


@register.simple_tag
def select_row(value: object, name: str, form: str = "") -> SafeString:
    """The row's box; `name` is whom it selects, said to screen readers."""
    owner = format_html(' form="{}"', form) if form else ""
    label = gettext("Select %(name)s") % {"name": name}
    return format_html(
        '<td class="pick"><input type="checkbox" name="ids" value="{}" aria-label="{}"{}></td>',
        value,
        label,
        owner,
    )


@register.inclusion_tag("platform/kit/pager.html", takes_context=True)
def pager(context: Context, page: Any, *, more: bool = False, target: str = "") -> dict[str, Any]:
    """`{% pager page %}`: `page.after` is the key of the next page (empty at the end), `page.total` a count or None.

    `more=True` with `target="#rows"` loads the next rows below these; without a script it is the next page.
    """
    params = query(context)
    following = getattr(page, "after", None) or ""
    if following:
        params["after"] = str(following)
    first = query(context)
    return {
        "next": f"?{params.urlencode()}" if following else "",
        "first": f"?{first.urlencode()}" if context["request"].GET.get("after") else "",
        "total": getattr(page, "total", None),
        "more": more,
        "target": target,
    }


@register.simple_tag
def count_of(total: int) -> str:
    """ "4,338 customers" as a plural sentence."""
    return ngettext("%(n)s customer", "%(n)s customers", total) % {"n": number(total)}


@register.simple_tag
def quick_key(label: object, key: str) -> SafeString:
    """A button's word with its key beside it."""
    return format_html("{} {}", label, kbd(key))
