"""A question in the search box, in words: of whom, and what. "谁是 Y 公司的采购代理", "Y purchasing", "when did I last call Y".

No statistics: known phrases are peeled off both ends, in both scripts and in English, until a name is left. A name may
itself begin or end with such a phrase, so the reading that leaves most of it stands before the one that leaves least.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from liuke.customers.spelling.rules import fold

LONGEST = 100


class Ask(StrEnum):
    """What is wanted, after the seven questions of contact managers (CQ01 to CQ07)."""

    POINT = "point"  # a number or an address
    PERSON = "person"
    OFFICE = "office"
    BUYERS = "buyers"
    NEXT = "next"
    LAST = "last"


@dataclass(frozen=True)
class Question:
    """`subject` is a customer in the words of whoever asks, or a product where buyers are asked for; folded."""

    ask: Ask
    subject: str = ""
    role: str = ""  # of the person: records.rules.CONTACT_ROLES; blank is anybody
    points: tuple[str, ...] = ()  # kinds of what is wanted of them
    channel: str = ""  # of the contact; blank is any


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PHONES = ("mobile", "phone", "whatsapp")
# tag -> phrases as `fold` writes them: simplified, lower-case, without apostrophes. Blank: they say nothing by themselves.
PHRASES: Mapping[str, Sequence[str]] = {
    "": (
        *_words(
            "请问 谁是 是谁 谁 是什么 是多少 多少 什么时候 几时 何时 什么 哪一个 哪个 哪些 "
            "哪间 我们 咱们 我 该 是 的 了 吗 呢 跟 和 与 给 对 在 去 过"
        ),
        *_words(
            "who whos what whats which when where customer are is was did do does have has the a an "
            "our my their i we me us of at for from in to with by on please tell show find"
        ),
    ),
    "point:email": (
        *_words("电子邮箱 电子邮件 邮箱地址 邮件地址 电邮 邮箱 email e-mail emails mail"),
        "email address",
        "e-mail address",
    ),
    "point:phone": (
        *_words("电话号码 手机号码 联系电话 手机号 电话 手机 phone telephone mobile tel"),
        "phone number",
        "telephone number",
        "mobile number",
    ),
    "point:wechat": ("微信号", "微信", "wechat"),
    "point:address": ("地址", "address"),
    "person": ("联系人", "对接人", "contact person", "contacts", "contact"),
    "role:purchasing": (
        *_words(
            "采购代理人 采购代理 采购负责人 采购经理 采购主管 采购员 采购部 采购 purchasing procurement buyer purchaser"
        ),
        "purchasing agent",
        "purchasing manager",
    ),
    "role:payment": (
        *_words(
            "应付账款 应付帐款 应付款 应付 付款 财务部 财务 会计 payable payables a/p finance accounting"
        ),
        "accounts payable department",
        "accounts payable",
        "account payable",
    ),
    "role:decision": (
        *_words("决策人 决策者 拍板的人 拍板人 拍板 decider"),
        "decision maker",
        "decision-maker",
        "decision makers",
    ),
    "role:technical": ("技术负责人", "技术人员", "技术", "technical", "technician"),
    "role:user": ("使用人", "使用者"),
    "role:influencer": ("影响者", "influencer"),
    "role:gatekeeper": ("把关人", "gatekeeper"),
    "office": (*_words("在哪个办公室 哪个办公室 办公室 在哪里 在哪儿 在哪 哪里 哪儿 office"), "which office"),
    "last": ("上一次", "上次", "最近一次", "最后一次", "最近", "最后", "last", "latest"),
    "next": ("下一次", "下一个", "下次", "下个", "next"),
    "call:": ("联系", "联络", "contacted", "spoke", "speak", "talked", "talk"),
    "call:phone": ("打电话", "打的电话", "通话", "sales call", "called", "call", "calls"),
    "call:visit": ("拜访", "上门", "visited", "visit"),
    "bought": (*_words("购买过 购买了 购买 买过 买了 买 bought buys purchased"), "recently bought"),
    "customers": ("客户", "顾客", "customers", "clients"),
}
TAGGED = sorted(
    ((phrase, tag) for tag, phrases in PHRASES.items() for phrase in phrases),
    key=lambda pair: (-len(pair[0]), pair[0]),
)
MARKS = re.compile(r"[?？!！。，,、;；:：\"“”「」《》()（）]+")
POSSESSIVE = re.compile(r"(?:['’]s|s['’])(?=\s|$)", re.IGNORECASE)
# Behind a name they say what it is, and stand in no name as it is registered (有限公司 does).
SUFFIXES = ("这家公司", "公司", "这家", "客户", "company")


def questions(text: str) -> list[Question]:
    """How `text` may be read: at most two questions, the one that leaves most of a name first; none for a plain name."""
    rest = " ".join(MARKS.sub(" ", POSSESSIVE.sub(" ", text[:LONGEST])).split())
    rest = _without_fillers(fold("".join(c if c.isprintable() else " " for c in rest)))
    tags: list[str] = []
    read: list[Question] = []
    while peeled := _peel(rest, fillers=False):
        rest, tag = peeled
        rest = _without_fillers(rest)
        tags.append(tag)
        found = _asked(tags, _bare(rest))
        if found and found not in read:
            read.append(found)
    return [read[0], read[-1]] if len(read) > 2 else read


def _asked(tags: Sequence[str], subject: str) -> Question | None:
    kinds = dict(_pairs(tags))
    role = kinds.get("role", "")
    wanted = _points(tags)
    if "bought" in kinds:
        return Question(Ask.BUYERS, subject)
    if "next" in kinds:
        return Question(Ask.NEXT, subject) if "call" in kinds or "person" in kinds or wanted else None
    if "last" in kinds and ("call" in kinds or "person" in kinds or wanted):
        called = kinds.get("call", "phone" if wanted == PHONES else "")
        return Question(Ask.LAST, subject, channel=called)
    if not subject:
        return None
    if "office" in kinds:
        return (
            Question(Ask.OFFICE, subject, role) if role else Question(Ask.POINT, subject, points=("address",))
        )
    if role:
        return Question(Ask.PERSON, subject, role, wanted or PHONES)
    if wanted:
        return Question(Ask.POINT, subject, points=wanted)
    return Question(Ask.PERSON, subject, points=PHONES) if "person" in kinds else None


def _pairs(tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    for tag in reversed(tags):  # what was peeled first, from the end of a question, has the last word
        name, _colon, value = tag.partition(":")
        yield name, value


def _points(tags: Sequence[str]) -> tuple[str, ...]:
    for name, value in _pairs(tags):
        if name == "point":
            return PHONES if value == "phone" else (value,)
    return ()


def _without_fillers(text: str) -> str:
    while peeled := _peel(text, fillers=True):
        text = peeled[0]
    return text


def _peel(text: str, *, fillers: bool) -> tuple[str, str] | None:
    """`text` without the longest phrase at one of its ends, and that phrase's tag."""
    for phrase, tag in TAGGED:
        if (tag == "") != fillers:
            continue
        if text.endswith(phrase) and _apart(text, len(text) - len(phrase) - 1, phrase[0]):
            return text[: -len(phrase)].strip(), tag
        if text.startswith(phrase) and _apart(text, len(phrase), phrase[-1]):
            return text[len(phrase) :].strip(), tag
    return None


def _apart(text: str, place: int, edge: str) -> bool:
    """Whether a phrase ends where a word does: "mail" is none of "mailbox"; Chinese words stand without blanks."""
    if not (0 <= place < len(text)) or not edge.isascii():
        return True
    beside = text[place]
    return not (beside.isascii() and (beside.isalnum() or beside in "-_@./&"))


def _bare(subject: str) -> str:
    for suffix in SUFFIXES:
        bare = subject.removesuffix(suffix).strip()
        if bare and bare != subject and not bare.endswith("有限"):
            return bare
    return subject
