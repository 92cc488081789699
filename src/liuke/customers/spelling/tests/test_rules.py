from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.spelling.rules import digits, fold, letters, pinyin


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Hampton  GIFTS", "hampton gifts"),
        ("ＨＡＭＰＴＯＮ　１２３", "hampton 123"),
        ("諾丁山家居（倫敦）", "诺丁山家居(伦敦)"),
        ("José Müller-Straße", "jose muller-strasse"),
        ("O'Brien’s", "obriens"),
        ("ガール", "ガール"),  # the marks of kana are no accents
        ("", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_upper_case_and_full_width_fold_alike(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert fold(wide) == fold(text)


def both(name: str) -> set[tuple[str, str]]:
    return {(p.full, p.initials) for p in pinyin(fold(name))}


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("周敏", "zhoumin", "zm"),
        ("重庆银行", "chongqingyinhang", "cqyh"),
        ("長沙音樂", "changshayinyue", "csyy"),
        ("义乌市A1礼品", "yiwushia1lipin", "ywsa1lp"),
        ("吕布", "lvbu", "lb"),
        ("吕布", "lubu", "lb"),
    ],
)
def test_pinyin_is_full_and_initials(name: str, full: str, initials: str) -> None:
    assert (full, initials) in both(name)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("单雄信", "shanxiongxin"),
        ("曾国藩", "zengguofan"),
        ("仇英", "qiuying"),
        ("区大伦", "oudalun"),
        ("查良镛", "zhaliangyong"),
        ("解缙", "xiejin"),
        ("朴志勇", "piaozhiyong"),
        ("盖叫天", "gejiaotian"),
        ("尉迟恭", "yuchigong"),
        ("乐毅", "yueyi"),
        ("缪昌期", "miaochangqi"),
        ("翟志刚", "zhaizhigang"),
        ("秘小明", "bixiaoming"),
        ("覃辉", "qinhui"),
        ("单于明", "chanyuming"),
    ],
)
def test_family_names_are_read_as_family_names(name: str, full: str) -> None:
    assert full in {reading for reading, _ in both(name)}


def test_the_usual_reading_stays_beside_the_family_name() -> None:
    assert {reading for reading, _ in both("解放路商店")} == {"jiefanglushangdian", "xiefanglushangdian"}


def test_a_latin_name_has_no_pinyin() -> None:
    assert pinyin("hampton gifts") == ()


def test_letters_and_digits() -> None:
    assert letters("Hampton-Gifts (UK) Ltd.") == "hamptongiftsukltd"
    assert digits("+86 138-0013 ８０００") == "8613800138000"
