"""The page of columns: what it finds out, what it marks, and what can be put right there."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from liuke.customers.imports.actions import choose, upload
from liuke.customers.models import ImportBatch
from liuke.platform.access.rules import Denied, Right
from liuke.platform.models import User
from liuke.workspace.conftest import Desk

YEN = "订单号,下单时间,客户,金额,币种\nJ1,2026-01-05,大阪商事,120000,JPY\n"
PEOPLE = "客户编号,客户名称,联系电话,邮箱,下单日期\nC1,义乌明达,13800138000,a@example.com,\n"


def brought(client: Client, text: str, target: str = "found") -> HttpResponse:
    file = SimpleUploadedFile("list.csv", text.encode())
    return client.post("/imports/new/", {"target": target, "file": file})


@pytest.mark.parametrize(("text", "target"), [(PEOPLE, "customers"), (YEN, "purchases")])
def test_the_headings_say_what_is_in_the_file(desk: Desk, sue: User, text: str, target: str) -> None:
    client = desk(sue)
    assert 'value="found" required id="id_target_0" checked' in client.get("/imports/new/").content.decode()
    assert brought(client, text).status_code == 302
    assert ImportBatch.objects.get().target == target


def test_customers_and_purchases_are_switched_with_the_file_kept(desk: Desk, sue: User) -> None:
    client = desk(sue)
    page = client.get(brought(client, PEOPLE, "purchases")["Location"]).content.decode()
    batch = ImportBatch.objects.get()
    assert '<option value="purchases" selected>' in page
    client.post(f"/imports/{batch.pk}/reading/", {"target": "customers"})
    other = ImportBatch.objects.get()
    assert (other.pk, other.target, other.file) == (batch.pk, "customers", batch.file)
    assert other.mapping["name"] == "客户名称"
    assert not other.reading["mismatches"]


def test_a_target_is_offered_and_taken_only_from_whoever_may_bring_it(
    desk: Desk, sue: User, moment: datetime
) -> None:
    batch = upload(io.BytesIO(PEOPLE.encode()), name="a.csv", target="", by=sue, now=moment)
    sue.role.rights = [right for right in sue.role.rights if right != Right.RECORD_PURCHASES]
    sue.role.save()
    client = desk(sue)
    assert 'value="purchases"' not in client.get(f"/imports/{batch.pk}/columns/").content.decode()
    client.post(f"/imports/{batch.pk}/reading/", {"target": "purchases"})
    assert ImportBatch.objects.get().target == "customers"
    with pytest.raises(Denied):
        choose(batch, by=User.objects.get(pk=sue.pk), now=moment, target="purchases")


def test_a_missing_column_is_marked_at_once_and_has_the_focus(desk: Desk, sue: User) -> None:
    client = desk(sue)
    address = brought(client, "订单号,客户编号,金额\nA1,C1,5\n", "purchases")["Location"]
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<a href="#id_map-at">Order date</a>' in page
    assert 'aria-invalid="true" aria-describedby="id_map-at_error" autofocus' in page
    assert page.count("Choose the column, or add it to the file.") == 1
    tried = client.post(address, {"map-customer": "客户编号", "map-amount": "金额", "currency": "CNY"})
    page = tried.content.decode()
    assert tried.status_code == 422
    assert '<a href="#id_map-at">Order date</a>' in page
    assert "by its name" in page  # nobody has changed these
    assert "chosen by hand" not in page


def test_a_column_that_is_changed_is_chosen_by_hand(desk: Desk, sue: User) -> None:
    client = desk(sue)
    address = brought(client, "订单号,客户编号,金额,含税\nA1,C1,5,6\n", "purchases")["Location"]
    page = client.post(address, {"map-customer": "客户编号", "map-amount": "含税", "currency": "CNY"})
    assert page.content.decode().count("chosen by hand") == 1


def test_a_file_with_only_a_header_is_refused_like_an_empty_one(desk: Desk, sue: User) -> None:
    client = desk(sue)
    for text in ("", "客户编号,客户名称\n"):
        answer = brought(client, text)
        assert answer.status_code == 422
        assert "notice danger" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_currencies_and_encodings_have_names_and_the_frequent_ones_come_first(desk: Desk, sue: User) -> None:
    client = desk(sue)
    page = client.get(brought(client, "订单号,客户编号,金额\nA1,C1,5\n", "purchases")["Location"])
    text = page.content.decode()
    offered = text[text.index('id="id_currency"') : text.index('id="id_date_order"')]
    assert offered.index("CNY Chinese Yuan") < offered.index("USD US Dollar") < offered.index("AED ")
    assert offered.count('value="CNY"') == offered.count('value="PLN"') == 1
    assert '<option value="CNY" selected>' in offered
    assert "GB18030 · Simplified Chinese, GBK" in text


def test_no_gap_follows_a_chinese_mark(desk: Desk, sue: User) -> None:
    sue.language = "zh-hans"
    sue.save()
    client = desk(sue)
    file = "客户编号,甲,乙\nC1,5,6\n"
    page = client.get(brought(client, file, "purchases")["Location"])
    assert "没有用到的列：甲、乙" in page.content.decode()
    assert '还没有对应的列：<a href="#id_map-at">下单日期</a>、' in page.content.decode()
