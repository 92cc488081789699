"""A messy list of customers: whoever can come in comes in, and all that is wrong is told row by row, with nothing lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import translation

from liuke.customers.imports.tests.conftest import Bring
from liuke.customers.imports.tests.test_names import told
from liuke.customers.models import Customer, ImportBatch
from liuke.platform.files.actions import open_file
from liuke.platform.models import User

HEAD = "客户编号,客户名称,客户类型,手机,邮箱,国家,业务员\n"


CHOSEN = {
    "mobile": "手机",
    "email": "邮箱",
}  # few values, most of them none: by themselves they name no column


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def to_correct(batch: ImportBatch) -> list[dict[str, str]]:
    assert batch.rejects is not None
    return list(csv.DictReader(io.StringIO(open_file(batch.rejects).read().decode("utf-8-sig"))))


def test_a_wrong_telephone_number_is_left_out_as_a_wrong_address_is(bring: Bring) -> None:
    batch = bring(
        HEAD + "C1,明达,企业,一二三,甲@,火星,\nC2,华联,企业,13800138000,,,\n", "customers", mapping=CHOSEN
    )
    assert (batch.counts["created"], batch.counts["rejected"], batch.counts["incomplete"]) == (2, 0, 1)
    assert not Customer.objects.get(number="C1").points.exists()
    assert set(told(batch)) == {"phone_unreadable", "email_unreadable", "country_unknown"}
    [row] = to_correct(batch)
    assert (row["Row"], row["客户编号"], row["手机"], row["邮箱"], row["国家"]) == (
        "2",
        "C1",
        "一二三",
        "甲@",
        "火星",
    )
    assert row["Reason"].startswith("The customer comes in without this: ")
    for reason in (
        "“手机”: “一二三” is not a telephone number. Write it like 13800138000 or +86 571 8888 8888.",
        "“邮箱”: “甲@” is not an e-mail address.",
        "“国家”: “火星” is not a country that is known.",
    ):
        assert reason in row["Reason"]


def test_of_several_numbers_in_a_cell_only_the_wrong_one_is_left_out(bring: Bring) -> None:
    batch = bring(HEAD + "C1,明达,企业,13800138000/一二三,,,\n", "customers", mapping=CHOSEN)
    assert list(Customer.objects.get().points.values_list("normal", flat=True)) == ["+8613800138000"]
    assert told(batch)["phone_unreadable"]["value"] == "一二三"


def test_what_would_make_another_customer_keeps_the_row_out_and_all_of_it_is_told(
    bring: Bring, alice: User
) -> None:
    batch = bring(
        HEAD + "C1,明达,月亮,一二三,,,谁啊\nC2,,企业,,,,alice\nC3,华联,企业,,,,alice\n",
        "customers",
        mapping=CHOSEN,
    )
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 2)
    assert "incomplete" not in batch.counts
    assert list(Customer.objects.values_list("number", flat=True)) == ["C3"]
    first, second = to_correct(batch)
    assert [
        text in first["Reason"]
        for text in ("“月亮” is not a kind", "“一二三” is not a tele", "Nobody here is called “谁啊”")
    ] == [True] * 3
    assert "comes in without" not in first["Reason"]
    assert second["Reason"] == "“客户名称”: The value is missing. Fill it in."
    assert [(p["row"], p["code"]) for p in batch.problems if p["row"]] == [
        (2, "owner_unknown"), (2, "kind_unknown"), (2, "phone_wrong"), (3, "blank_required"),
    ]  # fmt: skip


def test_corrected_rows_complete_the_customers_that_came_in_without_a_cell(bring: Bring) -> None:
    batch = bring("客户名称,手机,城市\n明达,一二三,杭州\n华联,13900139000,上海\n", "customers")
    assert batch.counts["created"] == 2
    content = open_file(batch.rejects).read().decode("utf-8-sig").replace("一二三", "13800138000")
    again = bring(content, "customers")
    assert (again.counts["created"], again.counts["updated"]) == (0, 1)
    assert Customer.objects.get(name="明达").points.get().normal == "+8613800138000"


def test_somebody_else_of_that_name_who_can_be_reached_is_another_one(bring: Bring, now: datetime) -> None:
    bring("客户名称,手机\n张伟,13800138000\n", "customers")
    assert bring("客户名称,手机\n张伟,13900139000\n", "customers").counts["created"] == 1
