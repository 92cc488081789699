"""Remembered on the page of columns, offered there for the next file, chosen by hand, renamed and removed."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from liuke.customers.models import ImportBatch, ImportPreset
from liuke.platform.models import User
from liuke.workspace.conftest import Desk

SHOP = "会员代码,抬头,随便\nK1,明达,13800138000\n"
CHOSEN = {"map-number": "会员代码", "map-name": "抬头", "map-mobile": "随便"}


def columns_of(client: Client, text: str = SHOP) -> str:
    """The address of the page of columns for a file just brought."""
    file = SimpleUploadedFile("商城导出.csv", text.encode())
    return client.post("/imports/new/", {"target": "customers", "file": file})["Location"]


def kept(client: Client, **more: str) -> ImportPreset:
    address = columns_of(client)
    assert client.post(address, {**CHOSEN, "remember": "on", **more})["Location"] == address.replace(
        "columns/", ""
    )
    return ImportPreset.objects.latest("pk")


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_it_is_remembered_under_the_files_name_and_offered_for_the_next(desk: Desk, sue: User) -> None:
    client = desk(sue)
    assert "Presets" not in re.sub(r"(?s).*<main", "", text_of(client, columns_of(client))).replace(
        "Import presets", ""
    )
    preset = kept(client, remember_as="")
    assert (preset.name, preset.saved_by) == ("商城导出", sue)
    address = columns_of(client)
    page = text_of(client, address)
    assert "Read it as “商城导出”" in page
    batch = ImportBatch.objects.latest("pk")
    answer = client.post(f"/imports/{batch.pk}/preset/", {"preset": preset.pk}, follow=True)
    page = answer.content.decode()
    assert "Columns and options as in “商城导出”." in page
    assert "Read it as" not in page
    batch.refresh_from_db()
    assert batch.mapping == {"number": "会员代码", "name": "抬头", "mobile": "随便"}


def test_it_is_not_remembered_unasked(desk: Desk, sue: User) -> None:
    client = desk(sue)
    client.post(columns_of(client), {**CHOSEN, "remember_as": "x"})
    assert not ImportPreset.objects.exists()


def test_anothers_name_is_told_beside_the_field_with_nothing_lost(desk: Desk, sue: User, olga: User) -> None:
    kept(desk(olga), remember_as="Shop")
    client = desk(sue)
    answer = client.post(columns_of(client), {**CHOSEN, "remember": "on", "remember_as": "Shop"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a preset “Shop” already." in page
    assert '<option value="随便" selected>' in page


def test_one_for_other_headings_is_chosen_by_hand_and_says_what_does_not_fit(desk: Desk, sue: User) -> None:
    client = desk(sue)
    preset = kept(client, remember_as="Shop")
    address = columns_of(client, "会员代码,抬头,城市\nK1,明达,义乌\n")
    assert "Read it as" not in text_of(client, address)
    answer = client.post(address.replace("columns", "preset"), {"preset": preset.pk}, follow=True)
    assert "Columns of this preset that the file does not have: 随便." in answer.content.decode()


@pytest.mark.parametrize("sent", ["", "x", "9" * 30, "-1", "4711"])
def test_a_preset_that_is_not_there_is_not_found(desk: Desk, sue: User, sent: str) -> None:
    client = desk(sue)
    address = columns_of(client).replace("columns", "preset")
    assert client.post(address, {"preset": sent}).status_code == 404


def test_the_list_renames_and_removes_for_whoever_may(desk: Desk, sue: User, olga: User) -> None:
    mine, hers = kept(desk(sue), remember_as="Mine"), kept(desk(olga), remember_as="Hers")
    client = desk(sue)
    page = text_of(client, "/imports/presets/")
    assert f"/imports/presets/{mine.pk}/removal/" in page
    assert f"/imports/presets/{hers.pk}/removal/" not in page
    assert client.post(f"/imports/presets/{hers.pk}/removal/").status_code == 403
    assert client.post(f"/imports/presets/{mine.pk}/", {"name": "Hers"}).status_code == 422
    assert client.post(f"/imports/presets/{mine.pk}/", {"name": "Ours"})["Location"] == "/imports/presets/"
    assert ImportPreset.objects.get(pk=mine.pk).name == "Ours"
    assert client.post(f"/imports/presets/{mine.pk}/removal/").status_code == 302
    assert list(ImportPreset.objects.all()) == [hers]
