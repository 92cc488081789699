"""How a name is written so that it is found: one form for case, width and both scripts, and its pinyin.

pypinyin takes 0.3 ms to read a name, which would be half the time of an import. Only its two tables are used
here: the most common reading of each character, and the phrases that read differently (重庆, 银行).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module, resources
from typing import Any

# Family names that are read otherwise than the character usually is.
SURNAMES = {
    "万俟": "moqi",
    "令狐": "linghu",
    "单于": "chanyu",
    "尉迟": "yuchi",
    "澹台": "tantai",
    "长孙": "zhangsun",
    "仇": "qiu",
    "佴": "nai",
    "区": "ou",
    "单": "shan",
    "召": "shao",
    "句": "gou",
    "员": "yun",
    "乐": "yue",
    "宓": "fu",
    "尉": "yu",
    "折": "she",
    "曾": "zeng",
    "朴": "piao",
    "查": "zha",
    "洗": "xian",
    "盖": "ge",
    "祭": "zhai",
    "种": "chong",
    "秘": "bi",
    "繁": "po",
    "缪": "miao",
    "翟": "zhai",
    "覃": "qin",
    "解": "xie",
    "郇": "xun",
    "阚": "kan",
    "隗": "wei",
    "黑": "he",
    "薄": "bo",
    "牟": "mu",
}
# What a reading is made of; written here, because the tables take half a second to load.
_SYLLABLES = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu
cuan cui cun cuo da dai dan dang dao de deng di dian diao die ding diu dong dou du duan dui dun duo e ei en eng
er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui
gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao
jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun
kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu long lou lu luan lun luo lv lve ma
mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni
nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian
piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren
reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she shen sheng
shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao te teng
ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie
xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang
zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun
zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_SYLLABLES.split())
LONGEST_PHRASE = 4
HAN = re.compile("[\u4e00-\u9fff]+")
ACCENTS = re.compile("[\u0300-\u036f]")
APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´"))
U_UMLAUT = str.maketrans("üǖǘǚǜ", "vvvvv")


def fold(text: str) -> str:
    """Case, width, accents and Traditional characters made alike; blanks single, apostrophes gone."""
    if text.isascii():
        if text.isalnum():
            return text.casefold()
        return " ".join(text.casefold().translate(APOSTROPHES).split())
    if HAN.fullmatch(text):  # most names in an import: they have neither case nor width nor accents
        return text.translate(_simplified())
    plain = unicodedata.normalize("NFKC", text).casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFD", plain)
        if ACCENTS.search(apart):  # a name of Chinese characters alone has none to take off
            plain = unicodedata.normalize("NFC", ACCENTS.sub("", apart))
        plain = plain.translate(_simplified())
    return " ".join(plain.translate(APOSTROPHES).split())


def letters(text: str) -> str:
    """`text` folded, without blanks and punctuation: what two spellings of one name have in common."""
    return only_letters(fold(text))


def only_letters(plain: str) -> str:
    """The same of a text that is folded already."""
    return plain if plain.isalnum() else "".join(c for c in plain if c.isalnum())


def digits(text: str) -> str:
    if text.isascii():
        return text if text.isdigit() else "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())


@dataclass(frozen=True, slots=True)
class Pinyin:
    full: str  # zhoumin
    initials: str  # zm


@lru_cache(8192)  # persons are called alike, and an import reads a hundred thousand
def pinyin(name: str) -> tuple[Pinyin, ...]:
    """The readings of a folded `name` that one may type: as a text, and as somebody's with that family name.

    Empty when there is nothing Chinese in it. Letters and digits stay what they are.
    """
    if name.isascii() or not any("㐀" <= c <= "鿿" for c in name):
        return ()
    readings = [list(_syllables(name))]
    for length in (2, 1):
        if family := SURNAMES.get(name[:length]):
            readings.append([family, *_syllables(name[length:])])
            break
    found = []
    for syllables in readings:
        one = Pinyin("".join(syllables), "".join(s[0] for s in syllables))
        found.append(one)
        if "v" in one.full:  # 吕 is typed lv by some and lu by others
            found.append(Pinyin(one.full.replace("v", "u"), one.initials))
    return tuple(dict.fromkeys(found))


def is_pinyin(text: str) -> bool:
    """Whether it can be read as syllables, one after the other."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(end - length in reached and text[end - length : end] in SYLLABLES for length in range(1, 7)):
            reached.add(end)
    return len(text) in reached


def _syllables(name: str) -> Iterator[str]:
    table = _readings()
    place = 0
    while place < len(name):
        for length in table.lengths.get(name[place : place + 2], ()):
            if phrase := table.phrases.get(name[place : place + length]):
                yield from phrase
                place += length
                break
        else:
            character = name[place]
            if reading := table.characters.get(character):
                yield reading
            elif character.isalnum():
                yield character
            place += 1


@dataclass(frozen=True)
class _Readings:
    characters: dict[str, str]
    phrases: dict[str, tuple[str, ...]]
    lengths: dict[
        str, tuple[int, ...]
    ]  # of the phrases that begin with these two characters, the longest first


@cache
def _readings() -> _Readings:
    tables: Any = import_module("pypinyin.constants")  # half a second, and only those who search need it
    characters = {chr(code): _plain(many.split(",")[0]) for code, many in tables.PINYIN_DICT.items()}
    phrases = {}
    for phrase, readings in tables.PHRASES_DICT.items():
        if 2 <= len(phrase) <= LONGEST_PHRASE and len(readings) == len(phrase):
            syllables = tuple(_plain(reading[0]) for reading in readings)
            if syllables != tuple(characters.get(c, c) for c in phrase):
                phrases[phrase] = syllables
    lengths: dict[str, set[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[:2], set()).add(len(phrase))
    return _Readings(
        characters, phrases, {two: tuple(sorted(held, reverse=True)) for two, held in lengths.items()}
    )


def _plain(syllable: str) -> str:
    """zhōng -> zhong, lǚ -> lv."""
    apart = unicodedata.normalize("NFD", syllable.translate(U_UMLAUT))
    return "".join(c for c in apart if c.isalpha() and c.isascii())


@cache
def _simplified() -> dict[int, str]:
    """OpenCC's table of characters. Its phrases choose between words, which a search does not care for."""
    lines = resources.files("opencc").joinpath("dictionary/TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return {ord(traditional): simplified.split(" ")[0] for traditional, simplified in pairs}
