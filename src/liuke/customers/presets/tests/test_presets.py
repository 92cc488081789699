"""Columns and options kept under a name: offered, used, renamed, removed; what of them is no more is told."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest

from liuke.customers.fields.actions import add_field, archive_field
from liuke.customers.imports.actions import choose, run, upload
from liuke.customers.models import Customer, ImportBatch, ImportPreset
from liuke.customers.presets.actions import (
    gone_of,
    made_from_same,
    presets_for,
    remember,
    remove,
    rename,
    use,
)
from liuke.customers.reading.actions import Refused
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import MASKS, Denied, Right
from liuke.platform.models import AuditEntry, User

SHOP = "会员代码,抬头,随便\nK1,明达,13800138000\n"
OTHER_ORDER = "随便,会员代码,抬头\n13900139000,K2,华联\n"
MAP = {"number": "会员代码", "name": "抬头", "mobile": "随便"}


def uploaded(text: str, now: datetime, *, by: User | None = None, target: str = "customers") -> ImportBatch:
    return upload(io.BytesIO(text.encode()), name="shop.csv", target=target, by=by, now=now)


@pytest.fixture
def shop(olga: User, now: datetime) -> ImportPreset:
    batch = choose(
        uploaded(SHOP, now, by=olga),
        by=olga,
        now=now,
        mapping=MAP,
        choices={"key": "phone", "clear_blanks": True},
    )
    return remember(batch, name="  商城 导出 ", by=olga, now=now)


def test_a_file_with_the_same_headings_is_read_the_same(shop: ImportPreset, sue: User, now: datetime) -> None:
    """Whoever may import such files uses it, in whatever order the columns stand."""
    batch = uploaded(OTHER_ORDER, now, by=sue)
    assert batch.mapping != MAP
    assert [(one.name, made_from_same(one, batch)) for one in presets_for(batch)] == [("商城 导出", True)]
    batch, fit = use(shop, batch, by=sue, now=now)
    assert (fit.gone, fit.lost) == ([], [])
    assert batch.mapping == MAP
    assert (batch.choices["key"], batch.choices["clear_blanks"], batch.choices["preset"]) == (
        "phone",
        True,
        shop.pk,
    )
    assert run(batch, by=sue, now=now).counts["created"] == 1
    assert Customer.objects.get().name == "华联"


def test_what_was_chosen_before_is_no_part_of_it(shop: ImportPreset, olga: User, now: datetime) -> None:
    batch = choose(uploaded("客户编号,客户名称\nK1,明达\n", now), by=None, now=now, choices={"key": "name"})
    plain = remember(batch, name="plain", by=None, now=now)
    plain.choices = {}
    plain.save()
    batch, _fit = use(plain, batch, by=None, now=now)
    assert not batch.choices["key"]


def test_those_of_other_headings_come_after_and_those_of_other_targets_not_at_all(
    shop: ImportPreset, olga: User, now: datetime
) -> None:
    other = uploaded("客户编号,客户名称\nK1,明达\n", now)
    later = remember(other, name="A", by=None, now=now + timedelta(days=1))
    again = remember(uploaded(SHOP, now), name="Z", by=None, now=now + timedelta(days=2))
    assert presets_for(uploaded(OTHER_ORDER, now)) == [again, shop, later]
    orders = uploaded("订单号,日期,客户编号,金额\nA1,2026-01-05,C1,5\n", now, target="purchases")
    assert presets_for(orders) == []
    with pytest.raises(Unfit, match="another kind"):
        use(shop, orders, by=olga, now=now)


def test_a_column_that_the_file_does_not_have_is_told_and_found_anew(
    shop: ImportPreset, now: datetime
) -> None:
    batch, fit = use(shop, uploaded("会员代码,抬头,手机\nK1,明达,13800138000\n", now), by=None, now=now)
    assert fit.lost == ["随便"]
    assert batch.mapping == {"number": "会员代码", "name": "抬头", "mobile": "手机"}


def test_a_field_left_without_a_column_stays_so(now: datetime, olga: User) -> None:
    text = "客户编号,客户名称,城市\nK1,明达,义乌\n"
    batch = choose(uploaded(text, now, by=olga), by=olga, now=now, mapping={"city": None})
    kept = remember(batch, name="x", by=olga, now=now)
    again, _fit = use(kept, uploaded(text, now, by=olga), by=olga, now=now)
    assert "city" not in again.mapping


@pytest.mark.parametrize("key", ["", "{}", "name+{}"])
def test_a_field_of_ones_own_that_is_no_more_is_told(olga: User, now: datetime, key: str) -> None:
    tax = add_field(type="text", names={"zh-hans": "税号"}, by=olga, now=now)
    text = "客户编号,客户名称,识别码\nK1,明达,91330\n"
    name = tax.definition.name
    batch = choose(
        uploaded(text, now, by=olga),
        by=olga,
        now=now,
        mapping={name: "识别码"},
        choices={"key": key.format(name)},
    )
    kept = remember(batch, name="x", by=olga, now=now)
    assert gone_of(kept) == []
    archive_field(tax, by=olga, now=now)
    assert gone_of(kept) == ["税号"]
    batch, fit = use(kept, uploaded(text, now, by=olga), by=olga, now=now)
    assert fit.gone == ["税号"]
    assert (batch.mapping.get("name"), batch.choices.get("key") or "") == ("客户名称", "")
    assert not batch.reading["mismatches"]


def test_a_row_of_names_that_was_chosen_by_hand_is_chosen_again(olga: User, now: datetime) -> None:
    text = "客户编号,客户名称\n编码,称呼\nK1,明达\n"
    batch = choose(uploaded(text, now, by=olga), by=olga, now=now, reading={"header_row": 2}, mapping={})
    batch = choose(batch, by=olga, now=now, mapping={"number": "编码", "name": "称呼"})
    kept = remember(batch, name="x", by=olga, now=now)
    again, fit = use(kept, uploaded(text, now, by=olga), by=olga, now=now)
    assert (fit.lost, again.mapping) == ([], {"number": "编码", "name": "称呼"})


def test_saved_again_under_its_name_it_is_brought_up_to_date(
    shop: ImportPreset, olga: User, sue: User, now: datetime
) -> None:
    later = now + timedelta(days=1)
    again = remember(uploaded(OTHER_ORDER, now, by=olga), name="商城 导出", by=olga, now=later)
    assert (again.pk, again.saved_at, ImportPreset.objects.count()) == (shop.pk, later, 1)
    with pytest.raises(Unfit, match="already"):
        remember(uploaded(SHOP, now, by=sue), name="商城 导出", by=sue, now=now)
    with pytest.raises(Unfit):
        remember(uploaded(SHOP, now, by=olga), name="  ", by=olga, now=now)


def test_who_saved_it_or_manages_the_settings_renames_and_removes(
    shop: ImportPreset, olga: User, sue: User, now: datetime
) -> None:
    hers = remember(uploaded(SHOP, now, by=sue), name="sue's", by=sue, now=now)
    for act in (lambda: rename(shop, "mine", by=sue, now=now), lambda: remove(shop, by=sue, now=now)):
        with pytest.raises(Denied):
            act()
    with pytest.raises(Unfit, match="already"):
        rename(hers, "商城 导出", by=sue, now=now)
    assert rename(hers, "hers", by=sue, now=now).name == "hers"
    remove(hers, by=olga, now=now)
    assert list(ImportPreset.objects.values_list("name", flat=True)) == ["商城 导出"]
    told = AuditEntry.objects.filter(action__startswith="presets.").values_list("action", flat=True)
    assert sorted(told) == ["presets.remove", "presets.rename", "presets.save", "presets.save"]


def test_without_the_right_to_import_such_files_there_is_none(
    shop: ImportPreset, alice: User, sue: User, now: datetime
) -> None:
    batch = uploaded(SHOP, now)
    for by in (alice, without_customers(sue)):
        for act in (
            lambda by=by: remember(batch, name="x", by=by, now=now),
            lambda by=by: use(shop, batch, by=by, now=now),
            lambda by=by: rename(shop, "x", by=by, now=now),
            lambda by=by: remove(shop, by=by, now=now),
        ):
            with pytest.raises(Denied):
                act()


def without_customers(user: User) -> User:
    user.role.rights = [right for right in user.role.rights if right != Right.EDIT_CUSTOMERS]
    user.role.save()
    return user


def test_a_key_that_the_importer_does_not_see_is_refused(olga: User, sue: User, now: datetime) -> None:
    secret = add_field(type="phone", names={"zh-hans": "私人电话"}, by=olga, now=now)
    name, text = secret.definition.name, "客户名称,私人电话\n明达,13800138000\n"
    batch = choose(uploaded(text, now, by=olga), by=olga, now=now, choices={"key": name})
    kept = remember(batch, name="x", by=olga, now=now)
    sue.role.masked = list(MASKS)
    sue.role.save()
    mine = uploaded(text, now, by=sue)
    with pytest.raises(Refused, match="key_hidden"):
        use(kept, mine, by=sue, now=now)
    mine.refresh_from_db()
    assert not mine.choices
