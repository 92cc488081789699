"""What `liuke import` and `liuke undo` say: remedies that the command line has, and nothing done in silence."""

from __future__ import annotations

from pathlib import Path

from liuke.cli.tests.conftest import Liuke

ORDERS = "客户编号,订单号,下单日期,价钱\nK999,A1,01/02/2025,100\n"


def test_the_remedy_is_an_option_of_the_command_line(liuke: Liuke, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    asked = ("import", "purchases", str(file), "--language", "zh-Hans")
    refused = liuke(*asked)
    assert refused.returncode == 1
    assert "“金额”：没有与这个栏目对应的列。" in refused.stderr
    assert "--map amount=" in refused.stderr
    named = liuke(*asked, "--map", "金额=价钱")  # as the product calls it
    assert "--dates dmy" in named.stderr
    assert "没有与这个栏目" not in named.stderr


def test_a_customer_that_nobody_knew_is_told_and_an_idle_repeat_offers_no_undo(
    liuke: Liuke, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    asked = ("import", "purchases", str(file), "--map", "amount=价钱", "--dates", "dmy", "--language", "en")
    tried = liuke(*asked, "--dry-run").stdout
    assert "1 customer who is not known yet would come with the orders" in tried
    first = liuke(*asked).stdout
    assert "1 customer who was not known came with the orders" in first
    assert "liuke undo" in first
    assert "liuke undo" not in liuke(*asked).stdout
    lost = liuke("undo", "99", "--language", "en")
    assert lost.returncode == 1
    assert "The latest are:" in lost.stderr
    assert "orders.csv" in lost.stderr


def test_whoever_brings_a_file_without_a_currency_learns_how_to_name_one(
    liuke: Liuke, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("客户编号,订单号,下单日期,金额\nK1,A1,2025-02-01,100\n")
    asked = ("import", "purchases", str(file), "--language", "en")
    for tried in (("--dry-run",), ()):
        said = liuke(*asked, *tried).stdout
        assert "The file names no currency: its amounts are taken as CNY." in said
        assert "--currency USD" in said
    assert "names no currency" not in liuke(*asked, "--currency", "GBP").stdout


def test_a_preset_says_how_the_file_is_read_and_an_option_goes_before_it(
    liuke: Liuke, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    asked = ("import", "purchases", str(file), "--language", "en", "--dry-run", "--preset")
    unknown = liuke(*asked, "shop")
    assert "There is no preset “shop” for such files." in unknown.stderr
    made = liuke("made", module="liuke.cli.tests.presets")
    assert made.returncode == 0, made.stderr
    assert "1 would be new" in liuke(*asked, "shop").stdout
    assert "Choose one of: shop" in liuke(*asked, "other").stderr
    assert "--map at=" in liuke(*asked, "shop", "--map", "at=").stderr
    file.write_text(ORDERS.replace("价钱", "售价"))
    assert "that the file does not have: 价钱" in liuke(*asked, "shop").stderr


def test_of_a_list_of_customers_nobody_is_said_to_come_with_orders(liuke: Liuke, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("客户编号,客户名称\nK1,甲\n")
    asked = ("import", "customers", str(file), "--language", "en")
    for tried in (("--dry-run",), ()):
        assert "with the orders" not in liuke(*asked, *tried).stdout
