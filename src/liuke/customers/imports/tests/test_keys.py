"""Update or create by any key: who is here already is recognised by what the person who brings the list has chosen."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from liuke.customers.fields.actions import add_field
from liuke.customers.imports.actions import choose, start, upload
from liuke.customers.imports.tests.conftest import Bring, content
from liuke.customers.imports.tests.test_names import told
from liuke.customers.models import ContactPoint, Customer
from liuke.customers.reading.actions import Refused
from liuke.customers.records.actions import add_point, register
from liuke.platform.models import User

HEAD = "客户编号,客户名称,手机,邮箱,微信,城市\n"
MAP = {
    "number": "客户编号", "name": "客户名称", "mobile": "手机", "email": "邮箱", "wechat": "微信", "city": "城市",
}  # fmt: skip


@pytest.fixture
def known(db: None, now: datetime) -> Customer:
    """Mingda of Hangzhou, with a telephone number, an address and a WeChat account."""
    one = register(by=None, now=now, name="明达", number="K1", city="杭州")
    for kind, value in (("phone", "13800138000"), ("email", "a@example.com"), ("wechat", "mingda_1")):
        add_point(one, kind=kind, value=value, by=None, now=now)
    return one


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("number", "K1,明达礼品,,,,义乌"),
        ("phone", ",明达礼品,+86 138 0013 8000,,,义乌"),
        ("email", ",明达礼品,,A@Example.com,,义乌"),
        ("wechat", ",明达礼品,,,MingDa_1,义乌"),
        ("name", ",明达,,,,义乌"),
        ("name+email", ",明达,,a@example.com,,义乌"),
        ("name+phone", "K1,明达,13800138000,,,义乌"),
    ],
)
def test_somebody_is_found_by_the_key_and_brought_up_to_date(
    bring: Bring, known: Customer, key: str, row: str
) -> None:
    other = ",别家,13900139000,b@example.com,other_1,上海" if key != "number" else "K2,别家,,,,上海"
    batch = bring(HEAD + f"{row}\n{other}\n", "customers", mapping=MAP, key=key)
    assert (batch.counts["updated"], batch.counts["created"], batch.counts["rejected"]) == (1, 1, 0)
    known.refresh_from_db()
    assert known.city == "义乌"
    before = content()
    again = bring(HEAD + f"{row}\n{other}\n", "customers", mapping=MAP, key=key)
    assert again.counts["unchanged"] == 2
    assert content() == before


def test_a_second_field_tells_customers_of_one_name_apart(
    bring: Bring, known: Customer, now: datetime
) -> None:
    register(by=None, now=now, name="明达", number="K2", city="上海")
    rows = "客户名称,城市,备注\n明达,上海,好\n明达,北京,新\n"
    batch = bring(rows, "customers", key="name+city")
    assert (batch.counts["updated"], batch.counts["created"]) == (1, 1)
    assert Customer.objects.get(number="K2").note == "好"
    by_name = bring("客户名称,备注\n明达,差\n", "customers", key="name")
    assert by_name.counts["rejected"] == 1
    assert told(by_name)["matches_several"]["params"]["known"].startswith("K1, K2")


def test_a_field_of_the_companys_own_is_a_key(bring: Bring, now: datetime, olga: User) -> None:
    tax = add_field(type="text", names={"zh-hans": "税号"}, by=olga, now=now)
    name = tax.definition.name
    bring("客户编号,客户名称,税号\nK1,明达,91330\nK2,华联,91331\n", "customers")
    batch = bring("客户名称,税号\n明达礼品,91330\n新来,91332\n", "customers", key=name)
    assert (batch.counts["updated"], batch.counts["created"]) == (1, 1)
    assert Customer.objects.get(number="K1").name == "明达礼品"


def test_a_row_without_its_key_stays_out_and_so_does_a_second_one_with_it(
    bring: Bring, known: Customer
) -> None:
    batch = bring(
        HEAD + ",甲,,,,\n,乙,,b@example.com,,\n,丙,,B@example.com,,\n", "customers", mapping=MAP, key="email"
    )
    assert [(p["row"], p["code"]) for p in batch.problems if p["row"]] == [
        (2, "key_blank"), (4, "duplicate_customer"),
    ]  # fmt: skip
    assert batch.counts["created"] == 1


def test_another_key_never_changes_or_takes_a_number(bring: Bring, known: Customer) -> None:
    batch = bring(
        HEAD + "K9,明达,,a@example.com,,\nK1,新来,,n@example.com,,\n", "customers", mapping=MAP, key="email"
    )
    assert [(p["row"], p["code"], p["params"]["known"]) for p in batch.problems if p["row"]] == [
        (2, "number_differs", "K1"), (3, "number_taken", ""),
    ]  # fmt: skip
    assert list(Customer.objects.values_list("number", "name")) == [("K1", "明达")]


@pytest.mark.parametrize("key", ["phone", "name", "name+phone", "number"])
def test_whom_the_importer_may_not_write_is_never_updated_nor_named(
    bring: Bring, sue: User, charlie: User, alice: User, now: datetime, key: str
) -> None:
    theirs = register(by=None, now=now, name="西区客户", number="W1", owner=charlie)
    add_point(theirs, kind="mobile", value="13800138000", by=None, now=now)
    row = "客户编号,客户名称,手机,城市\nW1,西区客户,13800138000,义乌\n"
    batch = bring(row, "customers", key=key, by=sue)
    assert (batch.counts["rejected"], told(batch)["out_of_reach"]["row"]) == (1, 2)
    mine = register(by=None, now=now, name="西区客户", number="E1", owner=alice)
    add_point(mine, kind="mobile", value="13800138000", by=None, now=now)
    if key != "number":
        both = bring(row.replace("W1", ""), "customers", key=key, by=sue)
        problem = told(both)["matches_several_others"]
        assert "W1" not in str(problem)
    theirs.refresh_from_db()
    assert (theirs.city, theirs.version) == ("", 1)
    assert ContactPoint.objects.count() == 2


def test_a_key_whose_column_is_missing_is_told_before_anything_runs(db: None, now: datetime) -> None:
    batch = upload(
        io.BytesIO("客户编号,客户名称\nK1,明达\n".encode()),
        name="a.csv",
        target="customers",
        by=None,
        now=now,
    )
    batch = choose(batch, by=None, now=now, mapping={}, choices={"key": "name+email"})
    with pytest.raises(Refused, match="no column"):
        start(batch, by=None, now=now)
