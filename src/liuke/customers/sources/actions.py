"""The list of sources, as the company has it, and how many customers came by each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext

from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.customers.sources.models import SourceChoice
from liuke.customers.sources.rules import DEFAULTS, Line, Source, code_of, lines
from liuke.customers.spelling.rules import letters
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User


def sources() -> list[Source]:
    """Defaults in their order, then the company's own; retired ones too, marked so."""
    rows = list(SourceChoice.objects.all())
    retired = {one.code for one in rows if one.code and one.retired_at}
    standard = [Source(code, gettext(name), None, code in retired) for code, name in DEFAULTS.items()]
    own = [Source("", one.name, one.pk, one.retired_at is not None) for one in rows if one.name]
    return standard + own


def offered() -> list[str]:
    """The names that a form proposes."""
    return [one.name for one in sources() if not one.is_retired]


@transaction.atomic
def add_source(name: str, *, by: User | None, now: datetime) -> SourceChoice:
    permit(by, Right.MANAGE_SETTINGS)
    words = clean("source", name, required=True)
    taken = {letters(one) for one in SourceChoice.objects.exclude(name="").values_list("name", flat=True)}
    if code_of(words) or letters(words) in taken:
        raise Unfit("name", gettext_noop("This source is on the list already."))
    made = SourceChoice.objects.create(name=words, changed_at=now, changed_by=by)
    audit.record("sources.add", by=by, now=now, changes={"source": [None, words]})
    return made


@transaction.atomic
def retire_source(source: Source, *, back: bool = False, by: User | None, now: datetime) -> None:
    """No form proposes it any more, or does again (`back`); what cards say stays as it is."""
    permit(by, Right.MANAGE_SETTINGS)
    if source.code:
        row, _new = SourceChoice.objects.get_or_create(code=source.code, defaults={"changed_at": now})
    else:
        row = SourceChoice.objects.get(pk=source.own_id or 0)
    if (row.retired_at is None) is back:
        return
    row.retired_at, row.changed_at, row.changed_by = None if back else now, now, by
    row.save(update_fields=["retired_at", "changed_at", "changed_by"])
    changes = {"source": [None, source.name] if back else [source.name, None]}
    audit.record("sources.restore" if back else "sources.retire", by=by, now=now, changes=changes)


def by_source(user: User) -> list[Line]:
    """The customers whom `user` may see, by where they came from; together they are all of them."""
    counted = Customer.objects.for_user(user).order_by().values_list("source").annotate(n=Count("pk"))
    return lines(counted, sources())
