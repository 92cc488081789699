"""Files on the timeline: kept with the entry that brings them, and taken away with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Protocol

from django.db import transaction

from liuke.customers.attachments.models import Attachment
from liuke.customers.attachments.rules import HEAD_BYTES, LIMIT_BYTES, check, check_count
from liuke.customers.facts.models import Fact
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Denied, Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import reserve_ids
from liuke.platform.files.actions import remove, store
from liuke.platform.files.rules import TooLarge, shown_name

if TYPE_CHECKING:
    from liuke.platform.files.models import StoredFile
    from liuke.platform.models import User

PURPOSE = "attachment"


class Brought(Protocol):
    """A file as a form brings it."""

    name: str | None
    size: int | None
    file: IO[bytes]


@dataclass(frozen=True)
class Kept:
    """Files that are stored and wait for the entry which brings them."""

    files: Sequence[tuple[int, StoredFile]]

    @property
    def data(self) -> dict[str, Any]:
        """What the entry says of them."""
        told = [{"id": pk, "name": stored.name, "size": stored.size} for pk, stored in self.files]
        return {"files": told} if told else {}

    def attach(self, fact: Fact, *, by: User | None, now: datetime) -> None:
        Attachment.objects.bulk_create(
            Attachment(pk=pk, fact=fact, file=stored, name=stored.name, size=stored.size, by=by, at=now)
            for pk, stored in self.files
        )


def keep(brought: Iterable[Brought], *, by: User | None, now: datetime) -> Kept:
    """Stores the files, within the transaction that writes their entry: if that does not hold, nothing of them does.

    Raises Unfit for the field "attachments" when one is empty, too large or a program.
    """
    files = list(brought)
    if not files:
        return Kept([])
    check_count(len(files))
    for one in files:
        check(shown_name(one.name or ""), one.size or 0, _head(one.file))
    ids = reserve_ids(Attachment, len(files))
    return Kept([(pk, _store(one, by, now)) for pk, one in zip(ids, files, strict=True)])


def _head(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return head


def _store(one: Brought, by: User | None, now: datetime) -> StoredFile:
    try:
        return store(
            one.file,
            name=one.name or "",
            purpose=PURPOSE,
            by=by,
            now=now,
            limit_bytes=LIMIT_BYTES,
        )
    except TooLarge as error:  # longer than it said
        most = error.limit_bytes >> 20
        raise Unfit("attachments", gettext_noop("A file may have up to %(most)s MB."), most=most) from None


@transaction.atomic
def take_away(attachment: Attachment, *, reason: str, by: User, now: datetime) -> Attachment:
    """Removes the bytes of a file, for good; whoever brought it may, and whoever leads those who may write here.

    The entry stays and says what hung on it. A second time gives the first.
    """
    permit(by, Right.LOG_CONTACTS)
    held = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    customer = Customer.objects.writable_by(by).get(pk=held.fact.customer_id)
    if not _is_his_to_take(held, by):
        raise Denied(Right.SEE_TEAM)
    if held.removed_at:
        return held
    why = clean("reason", reason, limit=200, required=True)
    stored, held.file = held.file, None
    held.removed_at, held.removed_by, held.removal_reason = now, by, why
    held.save(update_fields=["file", "removed_at", "removed_by", "removal_reason"])
    if stored:
        remove(stored)
    audit.record(
        "customers.remove_file",
        by=by,
        now=now,
        subject=customer,
        changes={"file": [held.name, None]},
        reason=why,
    )
    return held


def may_take_away(attachment: Attachment, user: User) -> bool:
    return (
        user.may(Right.LOG_CONTACTS)
        and _is_his_to_take(attachment, user)
        and Customer.objects.writable_by(user).filter(pk=attachment.fact.customer_id).exists()
    )


def _is_his_to_take(attachment: Attachment, user: User) -> bool:
    return attachment.by_id == user.pk or user.may(Right.SEE_TEAM)
