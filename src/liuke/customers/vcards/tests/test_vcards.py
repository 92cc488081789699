"""Persons to a telephone and from one."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.models import Customer
from liuke.customers.records.actions import add_contact, register
from liuke.customers.records.rules import NewContact, Unfit
from liuke.customers.vcards.actions import take_in, vcards_of
from liuke.customers.vcards.rules import LINE, Card, read, written
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User

WANG = Card(
    "王采莲",
    "义乌明达礼品有限公司",
    "采购部",
    "采购经理",
    "",
    (
        ("mobile", "13900139000"),
        ("email", "wang@mingda.example"),
        ("wechat", "wx_77"),
        ("address", "稠州北路 8 号; 3 楼"),
    ),
)
OLD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E9=99=88;=E6=99=93=E9=9B=A8;;;\r\n"
    "TEL;CELL:138 0013 8000\r\nTEL;WORK;FAX:0579-85550000\r\n"
    "ADR;WORK;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=E6=96=87=E4=B8=89=E8=B7=AF;=\r\n=E6=9D=AD=E5=B7=9E;=E6=B5=99=E6=B1=9F;;\r\n"
    "END:VCARD\r\n"
)


def test_what_is_written_is_read_again_and_no_line_is_too_long() -> None:
    text = written([WANG, Card("Emma Hartley")])
    assert read(text.encode()) == [WANG, Card("Emma Hartley")]
    assert max(len(line.encode()) for line in text.split("\r\n")) <= LINE


def test_an_old_telephones_card_is_read() -> None:
    assert read(OLD.encode()) == [
        Card("陈晓雨", points=(("mobile", "138 0013 8000"), ("address", "浙江 杭州 文三路")))
    ]


def test_gbk_and_4_0_are_read() -> None:
    assert read("BEGIN:VCARD\nVERSION:3.0\nFN:王小明\nEND:VCARD".encode("gb18030")) == [Card("王小明")]
    new = 'BEGIN:VCARD\nVERSION:4.0\nFN:Ann\nitem1.TEL;VALUE=uri;TYPE="cell,voice":tel:+44-7700-900123\nEND:VCARD'
    assert read(new.encode()) == [Card("Ann", points=(("mobile", "+44-7700-900123"),))]


@pytest.mark.parametrize(
    "content", [b"", b"name,phone\nAnn,1", b"BEGIN:VCARD\nEND:VCARD", b"\xff\xfe\x00", b"x" * 1_000_001]
)
def test_what_is_no_card_is_refused(content: bytes) -> None:
    with pytest.raises(Unfit) as refused:
        read(content)
    assert refused.value.field == "file"


TEXTS = (
    st.text("aZ9é晓雨号😀,;:\\\"'=+-./@ ", min_size=1, max_size=60)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
CARDS = st.builds(
    Card,
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.lists(st.tuples(st.sampled_from(["mobile", "email"]), TEXTS), unique=True).map(tuple),
)


@given(CARDS)
def test_any_card_survives_the_way_there_and_back(card: Card) -> None:
    plain = tuple(p for p in card.points if not p[1].startswith(("tel:", "mailto:")))
    card = Card(card.name, card.firm, card.department, card.title, card.note, plain)
    assert read(written([card]).encode()) == [card]


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: f"BEGIN:VCARD\n{text}\nEND:VCARD".encode())
)
def test_any_file_is_read_or_refused(content: bytes) -> None:
    try:
        cards = read(content)
    except Unfit:
        return
    assert all(card.name for card in cards)


@pytest.fixture
def mingda(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Mingda", points=[("mobile", "13800138000")])


def test_persons_come_in_once_with_what_can_be_read(mingda: Customer, alice: User, now: datetime) -> None:
    odd = Card("Odd", points=(("mobile", "none"), ("email", "odd@mingda.example")))
    taken = take_in(mingda, [WANG, odd], by=alice, now=now)
    assert (taken.added, taken.left) == (["王采莲", "Odd"], [("Odd", "none")])
    wang = mingda.contacts.get(name="王采莲")
    assert (wang.title, str(wang.department), wang.points.count()) == ("采购经理", "采购部", 4)
    again = take_in(mingda, [WANG, Card("Odd", points=(("mobile", "13900139111"),))], by=alice, now=now)
    assert (again.added, again.extended) == ([], ["Odd"])
    assert mingda.contacts.count() == 2


def test_who_may_export_takes_them_out_and_the_audit_knows(
    mingda: Customer, alice: User, sue: User, now: datetime
) -> None:
    add_contact(
        mingda, NewContact("Ann", "buyer", points=[("email", "ann@mingda.example")]), by=alice, now=now
    )
    cards = read(vcards_of(mingda, by=sue, now=now).encode())
    assert [card.name for card in cards] == ["Mingda", "Ann"]
    assert cards[1].points == (("email", "ann@mingda.example"),)
    assert AuditEntry.objects.get(action="customers.vcard").actor == sue
    with pytest.raises(Denied):
        vcards_of(mingda, by=alice, now=now)


def test_nobody_reaches_anybody_elses(mingda: Customer, charlie: User, now: datetime) -> None:
    with pytest.raises(Customer.DoesNotExist):
        take_in(mingda, [WANG], by=charlie, now=now)
