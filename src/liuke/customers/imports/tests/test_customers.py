from __future__ import annotations

import pytest

from liuke.customers.imports.tests.conftest import Bring, content
from liuke.customers.models import Contact, ContactPoint, Customer, Fact
from liuke.customers.records.actions import add_point, register
from liuke.platform.models import User

HEAD = "客户编号,客户名称,客户类型,手机,邮箱,国家,城市,备注\n"


def test_db01_a_list_becomes_customers_that_are_found(bring: Bring) -> None:
    batch = bring(
        HEAD
        + "C1,杭州明达贸易有限公司,企业,13800138000,A@Example.com,中国,杭州,老客户\nC2,张三,个人,,,美国,,\n",
        "customers",
    )
    assert {n: batch.counts[n] for n in ("rows", "created", "updated", "unchanged", "rejected")} == {
        "rows": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0,
    }  # fmt: skip
    first = Customer.objects.get(number="C1")
    assert (first.kind, first.scope, first.country, first.city, first.note, first.stage) == (
        "enterprise", "b2b", "CN", "杭州", "老客户", "lead",
    )  # fmt: skip
    assert set(first.points.values_list("kind", "normal")) == {
        ("mobile", "+8613800138000"),
        ("email", "a@example.com"),
    }
    second = Customer.objects.get(number="C2")
    assert (second.kind, second.scope, second.country) == ("individual", "consumer", "US")
    for text in ("mingda", "hzmd", "138001380", "a@example", "C1"):
        assert list(Customer.objects.search(text, by=None)) == [first], text
    assert Fact.objects.filter(kind="registered").count() == 2


def test_db01_a_thousand_rows_are_searchable_by_name_telephone_and_number(bring: Bring) -> None:
    rows = "".join(f"K{n:04d},客户{n}有限公司,企业,139{n:08d},,,,\n" for n in range(1000))
    assert bring(HEAD + rows, "customers").counts["created"] == 1000
    assert Customer.objects.search("13900000777", by=None).get().number == "K0777"
    assert Customer.objects.search("K0042", by=None).get().name == "客户42有限公司"
    assert Customer.objects.search("客户999有限公司", by=None).get().number == "K0999"


def test_the_same_list_again_changes_nothing(bring: Bring) -> None:
    text = (
        HEAD
        + "C1,明达,企业,13800138000/13900139000,a@example.com,中国,杭州,好\n,无号,企业,021-6888 8888,,,,\n,只有名字,,,,,,\n"
    )
    bring(text, "customers")
    before = content()
    again = bring(text, "customers")
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 3)
    assert content() == before


def test_what_is_there_is_brought_up_to_date_by_number(bring: Bring) -> None:
    bring(HEAD + "C1,明达,企业,13800138000,a@example.com,中国,杭州,好\n", "customers")
    batch = bring("客户编号,客户名称,城市,手机\nC1,明达礼品,义乌,13700137000\n", "customers")
    assert batch.counts["updated"] == 1
    customer = Customer.objects.get()
    assert (customer.name, customer.city, customer.country, customer.version) == ("明达礼品", "义乌", "CN", 2)
    assert customer.points.filter(kind="mobile").count() == 2  # a new number beside the old one
    assert list(Customer.objects.search("mdlp", by=None)) == [customer]


def test_without_a_number_telephone_or_mail_tell_who_it_is(bring: Bring) -> None:
    bring(HEAD + "C1,明达,企业,13800138000,a@example.com,,,\n", "customers")
    batch = bring(
        "客户名称,电话,邮箱,城市\n明达贸易,+86 138 0013 8000,,杭州\n别人,,b@example.com,上海\n", "customers"
    )
    assert (batch.counts["created"], batch.counts["updated"]) == (1, 1)
    assert Customer.objects.get(number="C1").city == "杭州"
    other = Customer.objects.get(name="别人")
    assert other.number == f"C{other.pk:06d}"


def test_somebody_known_twice_is_not_guessed(bring: Bring, now) -> None:
    one, two = (register(by=None, now=now, name=name, number=name) for name in ("甲", "乙"))
    for customer in (one, two):
        add_point(customer, kind="mobile", value="13800138000", by=None, now=now)
    batch = bring("客户名称,手机\n丙,13800138000\n", "customers")
    assert batch.counts["rejected"] == 1
    [problem] = batch.problems
    assert (problem["code"], problem["params"]["known"]) == ("matches_several", "甲, 乙")


def test_absent_columns_and_blanks_leave_what_is_known(bring: Bring) -> None:
    bring(HEAD + "C1,明达,企业,13800138000,,中国,杭州,好\n", "customers")
    assert bring("客户编号,城市,备注\nC1,,\n", "customers").counts["unchanged"] == 1
    bring("客户编号,城市,备注\nC1,,\n", "customers", clear_blanks=True)
    customer = Customer.objects.get()
    assert (customer.city, customer.note, customer.country, customer.name) == ("", "", "CN", "明达")


def test_who_stands_in_the_file_twice_is_told_with_the_first_row(bring: Bring) -> None:
    batch = bring(
        HEAD
        + "C1,明达,,,,,,\nC1,别名,,,,,,\n,甲,,13800138000,,,,\n,乙,,138 0013 8000,,,,\n,丙,,,,,,\n,丙,,,,,,\n",
        "customers",
    )
    assert (batch.counts["created"], batch.counts["rejected"]) == (3, 3)
    assert [(p["row"], p["code"], p["params"]["first_row"]) for p in batch.problems] == [
        (3, "duplicate_number", 2), (5, "duplicate_customer", 4), (7, "duplicate_customer", 6),
    ]  # fmt: skip


def test_pl06_ten_rows_with_two_bad_ones(bring: Bring) -> None:
    rows = [f"K{n},客户{n},企业,1380013800{n},,,,\n" for n in range(10)]
    rows[3] = "K3,客户3,月亮,13800138003,,,,\n"
    rows[7] = "K7,,企业,13800138007,,,,\n"
    batch = bring(HEAD + "".join(rows), "customers")
    assert (batch.counts["created"], batch.counts["rejected"]) == (8, 2)
    assert [(p["row"], p["field"], p["code"]) for p in batch.problems] == [
        (5, "客户类型", "kind_unknown"), (9, "客户名称", "blank_required"),
    ]  # fmt: skip


def test_several_numbers_in_one_cell_and_a_person(bring: Bring) -> None:
    bring(
        "客户名称,手机,联系人,职务,微信\n明达,13800138000；13900139000,王芳,采购经理,wf_2020\n", "customers"
    )
    person = Contact.objects.get()
    assert (person.name, person.title, person.is_primary) == ("王芳", "采购经理", True)
    assert ContactPoint.objects.filter(contact=person).count() == 3


def test_sc05_a_stage_is_a_step_with_its_fact(bring: Bring) -> None:
    bring("客户编号,客户名称,客户状态\nC1,明达,意向客户\nC2,华联,看不懂\n", "customers")
    first = Customer.objects.get(number="C1")
    assert (first.stage, first.stage_changes.get().reason) == ("prospect", "import")
    assert Customer.objects.get(number="C2").stage == "lead"
    bring("客户编号,客户状态\nC1,成交客户\n", "customers")
    first.refresh_from_db()
    assert first.stage == "customer"


def test_owners_are_found_by_name_or_user_name(bring: Bring, alice: User, bob: User) -> None:
    batch = bring("客户编号,客户名称,业务员\nC1,明达,alice\nC2,华联,Bob\nC3,义达,谁啊\n", "customers")
    assert dict(Customer.objects.values_list("number", "owner__username")) == {
        "C1": "alice",
        "C2": "bob",
    }
    assert Customer.objects.get(number="C1").team == alice.team
    assert [(p["row"], p["field"], p["code"], p["value"]) for p in batch.problems] == [
        (4, "业务员", "owner_unknown", "谁啊")
    ]
    bring("客户编号,业务员\nC1,bob\n", "customers")
    assert Customer.objects.get(number="C1").owner == bob
    assert Fact.objects.get(kind="assigned").data["after"] == "Bob"


def test_a_number_that_is_taken_is_passed_over(bring: Bring, now) -> None:
    start = register(by=None, now=now, name="先来").pk
    register(by=None, now=now, name="占号", number=f"C{start + 3:06d}")
    bring("客户名称\n甲\n乙\n丙\n", "customers")
    numbers = list(Customer.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers) == 5


def test_a_numbered_newcomer_with_a_known_telephone_is_told(bring: Bring) -> None:
    bring("客户编号,客户名称,手机\nC1,明达,13800138000\n", "customers")
    batch = bring("客户编号,客户名称,手机\nC2,明达分公司,13800138000\n", "customers")
    assert (batch.counts["created"], [p["code"] for p in batch.problems]) == (1, ["shared_point"])


def test_db20_a_firm_that_is_there_under_another_legal_form_is_told_before_it_comes_in(bring: Bring) -> None:
    bring("客户编号,客户名称\nC1,上海明达有限公司\nC5,王芳\n", "customers")
    rows = [
        "C2,上海明達股份有限公司,企业",
        "C3,北京华安公司,企业",
        "C4,北京华安,企业",
        "C6,王芳,个人",
        "C1,上海明达有限公司,企业",
    ]
    batch = bring("客户编号,客户名称,类型\n" + "\n".join(rows) + "\n", "customers")
    (problem,) = [one for one in batch.problems if one["code"] == "alike_name"]
    assert (problem["field"], problem["params"]["count"], problem["params"]["rows"]) == (
        "客户名称",
        2,
        "2, 4",
    )
    assert "上海明達股份有限公司" in problem["value"]


@pytest.mark.parametrize("value", ["=1+1", "+SUM(A1)", "@cmd"])
def test_what_a_spreadsheet_would_run_is_only_text(bring: Bring, value: str) -> None:
    bring(f"客户编号,客户名称,备注\nC1,明达,{value}\nC2,明二,'{value}\n", "customers")
    assert set(Customer.objects.values_list("note", flat=True)) == {value}
