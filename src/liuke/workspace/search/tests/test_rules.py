"""What a question in words is read as. Every template in Chinese (both scripts) and English, with any name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.records.rules import CONTACT_ROLES
from liuke.customers.spelling.rules import fold
from liuke.workspace.search.rules import PHONES, PHRASES, Ask, Question, questions

EMAIL = Question(Ask.POINT, "y", points=("email",))
BUYER = Question(Ask.PERSON, "y", "purchasing", PHONES)
OFFICE = Question(Ask.OFFICE, "y", "payment")
LAST = Question(Ask.LAST, "y")
LAST_CALL = Question(Ask.LAST, "y", channel="phone")
NEXT = Question(Ask.NEXT)
BOUGHT = Question(Ask.BUYERS, "马克杯")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Y 的邮箱", EMAIL),
        ("Y的電子郵箱是什麼？", EMAIL),
        ("What is customer Y's e-mail address?", EMAIL),
        ("email of Y", EMAIL),
        ("Y 的联系人", Question(Ask.PERSON, "y", points=PHONES)),
        ("Who is our contact at Y?", Question(Ask.PERSON, "y", points=PHONES)),
        ("谁是 Y 公司的采购代理", BUYER),
        ("誰是Y公司的採購代理", BUYER),
        ("Y purchasing", BUYER),
        ("Who is the purchasing agent at Y?", BUYER),
        ("Y 采购的电话", BUYER),
        ("Y 采购的邮箱", Question(Ask.PERSON, "y", "purchasing", ("email",))),
        ("Y 应付账款在哪个办公室", OFFICE),
        ("Y 應付帳款在哪個辦公室？", OFFICE),
        ("In which office is the accounts payable department of Y?", OFFICE),
        ("最近买马克杯的客户", BOUGHT),
        ("哪些客户买过马克杯", BOUGHT),
        ("customers who bought 马克杯", BOUGHT),
        ("下一个电话", NEXT),
        ("下一個電話是什麼時候", NEXT),
        ("when is my next sales call?", NEXT),
        ("下次什么时候联系 Y", Question(Ask.NEXT, "y")),
        ("上次什么时候联系 Y", LAST),
        ("上次什麼時候聯繫Y", LAST),
        ("上次给 Y 打电话是什么时候", LAST_CALL),
        ("When did I last call Y?", LAST_CALL),
        ("last contact Y", LAST),
        ("Y 的地址", Question(Ask.POINT, "y", points=("address",))),
        ("where is the office of Y", Question(Ask.POINT, "y", points=("address",))),
    ],
)
def test_the_seven_questions_in_three_ways_of_writing(typed: str, meant: Question) -> None:
    assert questions(typed)[-1] == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Y",
        "义乌明达礼品有限公司",
        "mailbox",
        "buyers-club",
        "13800138000",
        "a@b.example",
        "采购",
        "邮箱",
        "next",
        "的",
    ],
)
def test_a_plain_name_or_number_asks_nothing(typed: str) -> None:
    assert questions(typed) == []


def test_a_name_that_begins_like_a_question_is_read_whole_first() -> None:
    assert questions("采购在线的邮箱")[0] == Question(Ask.POINT, "采购在线", points=("email",))
    assert questions("Next Call Ltd phone")[0] == Question(Ask.POINT, "next call ltd", points=PHONES)


def test_every_role_can_be_asked_for() -> None:
    assert {f"role:{code}" for code in CONTACT_ROLES} <= set(PHRASES)


def test_the_phrases_are_as_fold_writes_them() -> None:
    phrases = [phrase for some in PHRASES.values() for phrase in some]
    assert [phrase for phrase in phrases if fold(phrase) != phrase] == []
    assert len(set(phrases)) == len(phrases)


# Names that have no phrase at either end.
NAMES = st.builds(
    "".join,
    st.lists(
        st.sampled_from(["晴川", "锦绣", "harbour ", "finch ", "恒达", "Øre ", "42 "]), min_size=1, max_size=4
    ),
)
TEMPLATES = st.sampled_from(
    [
        ("{} 的邮箱", Ask.POINT),
        ("e-mail of {}", Ask.POINT),
        ("谁是{}的采购代理", Ask.PERSON),
        ("{} purchasing agent", Ask.PERSON),
        ("{} 应付账款在哪个办公室", Ask.OFFICE),
        ("上次什么时候联系{}", Ask.LAST),
        ("when did i last call {}?", Ask.LAST),
        ("谁买过 {}", Ask.BUYERS),
    ]
)


@given(NAMES, TEMPLATES)
def test_whatever_the_name_it_is_what_is_left(name: str, template: tuple[str, Ask]) -> None:
    last = questions(template[0].format(name))[-1]
    assert (last.ask, last.subject) == (template[1], fold(name))


@given(
    st.text(max_size=120)
    | st.lists(st.sampled_from([p for some in PHRASES.values() for p in some])).map("".join)
)
def test_anything_may_be_typed(typed: str) -> None:
    found = questions(typed)
    assert len(found) <= 2
    for one in found:
        assert one.subject or one.ask in (Ask.NEXT, Ask.LAST, Ask.BUYERS)
        assert one.subject == one.subject.strip()
