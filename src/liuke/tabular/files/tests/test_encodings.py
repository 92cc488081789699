from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.tabular.files.encodings import CODECS, MARK_CUT, MARK_INVALID, decoded, detect, known_name

SAMPLES = {
    "gb18030": [
        "编号,姓名\n1,张三\n",
        "客户编号,客户名称,电话\n1,义乌市佳美工艺品有限公司,0579-85550000\n",
        "姓名\n李\n",
        "王芳,李娜\n",
        "联通",
        "日期,金额\n",
        "备注",
        "ID,Name\n1,Anna\n2,张三\n",
        "䶮,彧\n客户,刘䶮\n",
    ],
    "big5": [
        "編號,姓名\n1,張三\n",
        "客戶編號,客戶名稱,電話\n1,台北市信義區大同企業有限公司,02-2720\n",
        "姓名\n李\n",
        "王小明,陳大文\n",
        "日期,金額\n",
        "備註",
    ],
    "euc-kr": ["번호,이름\n1,김철수\n", "고객,주문\n", "서울특별시 강남구 테헤란로\n", "날짜,금액\n"],
    "shift_jis": ["番号,氏名\n1,山田太郎様へ\n", "カスタマー,こんにちは\n"],
    "windows-1252": [
        "name,city\nMüller,Köln\n",
        "Café;Zürich\n",
        "José",
        "price\n£5\n",
        "HOT WATER BOTTLE £5\n",
    ],
    "windows-1250": ["Město,Jméno\nPlzeň,Dvořák\n", "Łódź;Wałęsa\n"],
    "windows-1251": ["Имя,Город\nИван,Москва\n"],
    "utf-8": [
        "编号,姓名\n",
        "張三",
        "Müller,Köln\n",
        "Иван\n",
        "김철수\n",
        "é\n",
        "€5\n",
        "plain,ascii\n",
        "😀\n",
    ],
    "utf-16-le": ["编号,姓名\n1,张三\n", "a,b\n1,2\n", "name\n"],
    "utf-16-be": ["编号,姓名\n1,张三\n", "a,b\n1,2\n", "name\n"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in SAMPLES.items() for text in texts]
)
def test_small_files_are_told_apart(name: str, text: str) -> None:
    found = detect(text.encode(CODECS[name]))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_byte_order_mark_decides(name: str) -> None:
    found = detect(("\ufeff" + "a,b\n").encode(CODECS[name]))
    assert found is not None
    assert (found.name, found.certain) == (name, True)


SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂子轩梓涵一诺欣怡宇航浩然雨泽佳琪思远文博晓东建国志强海燕春梅"


@pytest.mark.parametrize("seed", range(20))
def test_lists_of_names_in_gbk_are_never_taken_for_korean_or_big5(seed: int) -> None:
    draw = random.Random(seed)
    people = ["".join([draw.choice(SURNAMES), *draw.choices(GIVEN, k=draw.choice([1, 2]))]) for _ in range(3)]
    found = detect("\n".join(people).encode("gb18030"))
    assert found is not None
    assert found.name == "gb18030", people


TRADITIONAL = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高"
TRADITIONAL_GIVEN = "志明家豪俊傑淑芬美玲雅婷怡君建宏宗翰承恩詩涵宜蓁佳穎冠宇柏翰品妍子晴"


@pytest.mark.parametrize("seed", range(20))
def test_lists_of_names_in_big5_are_never_taken_for_gbk_or_korean(seed: int) -> None:
    draw = random.Random(seed)
    people = ["".join([draw.choice(TRADITIONAL), *draw.choices(TRADITIONAL_GIVEN, k=2)]) for _ in range(3)]
    found = detect("\n".join(people).encode("big5"))
    assert found is not None
    assert found.name == "big5", people


@pytest.mark.parametrize("name", ["utf-8", "gb18030", "big5"])
def test_a_wrong_byte_in_a_long_text_does_not_change_its_encoding(name: str) -> None:
    text = "客戶編號,客戶名稱\n" * 40
    raw = bytearray(text.encode(CODECS[name]))
    line_end = raw.index(b"\n", 300)
    raw[line_end - 1 : line_end] = b"\xff"
    found = detect(bytes(raw))
    assert found is not None
    assert found.name == name


def test_a_wrong_byte_never_swallows_a_line_end() -> None:
    assert decoded(b"\xa3\x35\na,b\n", "gb18030").count("\n") == 2
    assert decoded(b"\xa3\n\xa3\x35\n", "gb18030").count("\n") == 2
    assert decoded(b"\xe5\xbc\na\n", "utf-8").count("\n") == 2


def test_half_characters_in_utf_16_leave_the_rest_in_step() -> None:
    assert decoded(b"\xd8\x0a\x00a\x00\n", "utf-16-be") == f"{MARK_INVALID}a\n"


def test_a_doubtful_text_is_told_as_doubtful() -> None:
    certain = detect("客户编号,客户名称,电话\n".encode("gb18030"))
    doubtful = detect("张三".encode("gb18030"))
    assert certain is not None
    assert certain.certain
    assert doubtful is not None
    assert not doubtful.certain


def test_random_bytes_fit_nothing_or_are_doubted() -> None:
    found = detect(bytes(random.Random(1).randrange(128, 256) for _ in range(400)))
    assert found is None or not found.certain


def test_names_of_encodings_are_understood_as_people_write_them() -> None:
    assert known_name("GBK") == known_name("gb2312") == known_name("GB 18030") == "gb18030"
    assert known_name("UTF8") == known_name("utf-8-sig") == "utf-8"
    assert known_name("Big5") == "big5"
    assert known_name("klingon") is None


def test_bytes_that_do_not_fit_are_marked_and_not_lost() -> None:
    assert decoded(b"a\xffb", "utf-8") == f"a{MARK_INVALID}b"
    assert decoded("张".encode()[:2], "utf-8") == MARK_CUT
    assert decoded("张".encode("gb18030")[:1], "gb18030") == MARK_CUT
    assert decoded("a".encode("utf-16-le") + b"\x00", "utf-16-le").startswith("a")
    assert MARK_INVALID in decoded(b"\x00\xd8a\x00", "utf-16-le")


@given(st.binary(max_size=300))
def test_no_bytes_break_detection_or_decoding(raw: bytes) -> None:
    found = detect(raw)
    for name in CODECS:
        decoded(raw, name)
    assert found is None or found.name in CODECS


@given(
    st.text(alphabet=st.characters(codec="utf-8"), min_size=1),
    st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]),
)
def test_what_is_encoded_is_decoded(text: str, name: str) -> None:
    if MARK_INVALID not in text and MARK_CUT not in text:
        assert decoded(text.encode(CODECS[name]), name) == text
