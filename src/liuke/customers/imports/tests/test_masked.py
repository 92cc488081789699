"""Fields of the company's own that a role does not see with others' customers: an import neither asks nor changes them."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from liuke.customers.fields.actions import add_field, fill, values_of
from liuke.customers.imports.actions import choose, run, upload
from liuke.customers.imports.tests.conftest import Bring
from liuke.customers.imports.tests.test_names import told
from liuke.customers.models import Customer, CustomField, ImportBatch
from liuke.customers.reading.actions import Refused
from liuke.customers.records.actions import register
from liuke.platform.access.rules import MASKS
from liuke.platform.models import User

VALUES = {"phone": "13733334444", "email": "own@example.com", "identity": "330702199001011237"}
KINDS = sorted(VALUES)


@pytest.fixture
def fields(db: None, now: datetime) -> dict[str, CustomField]:
    return {kind: add_field(type=kind, names={"zh-hans": f"自有{kind}"}, by=None, now=now) for kind in KINDS}


@pytest.fixture
def hers(fields: dict[str, CustomField], sue: User, now: datetime) -> Customer:
    return filled(fields, "K1", sue, now)


@pytest.fixture
def theirs(fields: dict[str, CustomField], alice: User, now: datetime) -> Customer:
    """Of Alice, whom Sue supervises: she may write him, and her role does not see these fields."""
    return filled(fields, "K2", alice, now)


def filled(fields: dict[str, CustomField], number: str, owner: User, now: datetime) -> Customer:
    one = register(by=None, now=now, name=f"客户{number}", number=number, owner=owner)
    fill(one, {f"f{fields[kind].pk}": VALUES[kind] for kind in KINDS}, by=None, now=now)
    return one


@pytest.fixture
def masked(sue: User) -> User:
    sue.role.masked = list(MASKS)
    sue.role.save()
    return sue


def values(one: Customer) -> list[str]:
    return [str(value) for _name, value in sorted(values_of([one.pk]).get(one.pk, {}).items())]


@pytest.mark.parametrize("kind", ["phone", "email"])
@pytest.mark.parametrize("form", ["{}", "name+{}"])
def test_such_a_field_is_no_key(
    fields: dict[str, CustomField], masked: User, now: datetime, kind: str, form: str
) -> None:
    key, text = form.format(f"f{fields[kind].pk}"), f"客户名称,自有{kind}\n客户K2,{VALUES[kind]}\n"
    batch = upload(io.BytesIO(text.encode()), name="a.csv", target="customers", by=masked, now=now)
    with pytest.raises(Refused, match="key_hidden"):
        choose(batch, by=masked, now=now, choices={"key": key})
    assert ImportBatch.objects.get().choices == {}
    ImportBatch.objects.update(choices={"key": key})  # as it was before her role was masked
    with pytest.raises(Refused, match="key_hidden"):
        run(ImportBatch.objects.get(), by=masked, now=now)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clear_blanks", [False, True])
def test_a_row_does_not_tell_whether_the_value_is_so(
    bring: Bring, theirs: Customer, masked: User, kind: str, clear_blanks: bool
) -> None:
    """Whatever stands in the cell, the answer is the same and the value stays."""
    before, answers = values(theirs), []
    for cell in (
        VALUES[kind],
        {"phone": "13700000000", "email": "x@example.com", "identity": "11010519491231002X"}[kind],
    ):
        text = f"客户编号,自有{kind}\nK2,{cell}\n"
        batch = bring(text, "customers", by=masked, clear_blanks=clear_blanks)
        answers.append((batch.counts, told(batch)["own_unseen"]["params"]))
    assert answers[0] == answers[1]
    assert answers[0][0]["unchanged"] == 1
    blank = bring(
        f"客户编号,客户名称,自有{kind}\nK2,客户K2,\n", "customers", by=masked, clear_blanks=clear_blanks
    )
    assert (blank.counts["unchanged"], "own_unseen" in told(blank)) == (1, False)
    assert values(theirs) == before


def test_ones_own_customers_and_new_ones_are_filled(
    bring: Bring, fields: dict[str, CustomField], hers: Customer, masked: User
) -> None:
    text = "客户编号,客户名称,自有phone\nK1,客户K1,13700000000\nK9,新来,13800000000\n"
    batch = bring(text, "customers", by=masked)
    assert (batch.counts["updated"], batch.counts["created"], told(batch)) == (1, 1, {})
    assert "13700000000" in "".join(values(hers))
    assert "13800000000" in "".join(values(Customer.objects.get(number="K9")))


def test_whoever_sees_them_recognises_and_changes_by_them(
    bring: Bring, fields: dict[str, CustomField], theirs: Customer, sue: User
) -> None:
    """The counter-check, without a mask."""
    text = f"客户名称,自有phone,城市\n客户K2,{VALUES['phone']},义乌\n"
    batch = bring(text, "customers", by=sue, key=f"f{fields['phone'].pk}")
    assert (batch.counts["updated"], Customer.objects.get(number="K2").city) == (1, "义乌")
    assert bring("客户编号,自有phone\nK2,13700000000\n", "customers", by=sue).counts["updated"] == 1
