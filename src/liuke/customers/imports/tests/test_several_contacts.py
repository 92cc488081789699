"""Several persons of a customer in one row: 联系人1 电话1 联系人2 电话2 …, each with his own ways to be reached."""

from __future__ import annotations

from collections.abc import Callable

from liuke.customers.imports.tests.conftest import Bring, content, row_counts
from liuke.customers.imports.tests.test_names import told
from liuke.customers.models import Contact, ContactPoint, Customer, ImportBatch

TakeOut = Callable[[ImportBatch], ImportBatch]
HEAD = "客户编号,客户名称,联系人1,电话1,联系人2,职务2,电话2,邮箱2,联系人3,电话3\n"
ROW = "C1,明达,王芳,13800138000,李四,财务,13900139000,li@example.com,赵六,13700137000\n"


def whose() -> dict[str, str | None]:
    return dict(ContactPoint.objects.values_list("normal", "contact__name"))


def test_ct_each_person_of_a_row_comes_with_what_stands_beside_him(bring: Bring) -> None:
    batch = bring(HEAD + ROW + "C2,华联,,,,,,,,\n", "customers")
    assert batch.mapping["contact_name_2"] == "联系人2"
    assert list(Contact.objects.order_by("pk").values_list("name", "title", "is_primary")) == [
        ("王芳", "", True), ("李四", "财务", False), ("赵六", "", False),
    ]  # fmt: skip
    assert whose() == {
        "+8613800138000": "王芳",
        "+8613900139000": "李四",
        "li@example.com": "李四",
        "+8613700137000": "赵六",
    }
    assert list(Customer.objects.search("13900139000", by=None).values_list("number", flat=True)) == ["C1"]
    before = content()
    assert bring(HEAD + ROW, "customers").counts["unchanged"] == 1
    assert content() == before


def test_a_new_number_goes_to_the_person_who_is_there(bring: Bring, take_out: TakeOut) -> None:
    bring(HEAD + ROW, "customers")
    before = content()
    more = bring("客户编号,联系人2,电话2,联系人3,电话3\nC1,李四,13600136000,孙七,13500135000\n", "customers")
    assert more.counts["updated"] == 1
    assert (whose()["+8613600136000"], whose()["+8613500135000"]) == ("李四", "孙七")
    assert Contact.objects.filter(name="李四").count() == 1
    take_out(more)
    assert content() == before


def test_a_person_or_number_that_stands_twice_in_a_row_is_noted_once(bring: Bring) -> None:
    bring(HEAD + "C1,明达,王芳,13800138000,王芳,经理,13800138000,,,13700137000\n", "customers")
    assert list(Contact.objects.values_list("name", "is_primary")) == [("王芳", True)]
    assert whose() == {"+8613800138000": "王芳", "+8613700137000": None}


def test_a_wrong_number_of_the_second_person_is_left_out_and_told(bring: Bring) -> None:
    rows = "C1,明达,,,李四,,一二三,,,\n" + "".join(
        f"K{n},客户{n},,,张{n},,1390013900{n},,,\n" for n in range(9)
    )
    batch = bring(HEAD + rows, "customers")
    assert (batch.counts["created"], batch.counts["incomplete"]) == (10, 1)
    assert told(batch)["phone_unreadable"]["field"] == "电话2"
    assert Contact.objects.filter(customer__number="C1").get().name == "李四"


def test_nothing_is_left_of_them_once_the_import_is_undone(bring: Bring, take_out: TakeOut) -> None:
    before = row_counts()
    take_out(bring(HEAD + ROW, "customers"))
    assert row_counts() == before
