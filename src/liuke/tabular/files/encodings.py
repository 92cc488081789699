"""Which encoding a text is in, by trying those that customers' files come in and judging how likely each result is.

Every candidate that decodes the sample without error gets a likelihood: common characters of the language the encoding
is for are likely, rare ones, symbols and private ones are not. That tells a short GBK list from a Korean or a Big5 one,
which all decode each other's bytes to something. charset-normalizer is asked only when none of the candidates fits.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

MARK_INVALID: Final = (
    "\uffff"  # stands for bytes that could not be decoded; a noncharacter, in no honest text
)
MARK_CUT: Final = "\ufffe"  # stands for half a character at the very end
SAMPLE_BYTES: Final = 64 * 1024
FEW_WRONG: Final = 20  # of so many characters one may be wrong without speaking against the encoding
CERTAIN_MARGIN: Final = 6.0  # natural logarithm of the odds against the runner-up from which no doubt is told

# Names a user may choose, and the codec behind each. GBK and GB2312 are read as their superset GB18030.
CODECS: Final[Mapping[str, str]] = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "big5": "cp950",
    "big5-hkscs": "big5hkscs",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
}
_ALSO: Final[Mapping[str, str]] = {
    "utf8": "utf-8", "utf-8-sig": "utf-8", "utf_8": "utf-8", "ascii": "utf-8", "us-ascii": "utf-8",
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "gb-18030": "gb18030",
    "cp950": "big5", "big-5": "big5", "big5hkscs": "big5-hkscs",
    "utf16": "utf-16-le", "utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "unicode": "utf-16-le",
    "cp949": "euc-kr", "uhc": "euc-kr", "ks_c_5601-1987": "euc-kr", "euckr": "euc-kr",
    "sjis": "shift_jis", "shift-jis": "shift_jis", "cp932": "shift_jis",
    "latin-1": "windows-1252", "latin1": "windows-1252", "iso-8859-1": "windows-1252", "cp1252": "windows-1252",
    "ansi": "windows-1252", "cp1250": "windows-1250", "iso-8859-2": "windows-1250",
    "cp1251": "windows-1251", "iso-8859-5": "windows-1251",
}  # fmt: skip
BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str
    certain: bool


def known_name(name: str) -> str | None:
    """The name as listed in CODECS; None when it is none of ours."""
    folded = name.strip().lower().replace(" ", "")
    folded = _ALSO.get(folded, folded)
    return folded if folded in CODECS else None


def by_bom(head: bytes) -> tuple[str, int] | None:
    """The encoding that a byte order mark names, and the mark's length."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name, len(mark)
    return None


def is_utf16(name: str) -> bool:
    return name.startswith("utf-16")


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    swallowed = error.object.find(b"\n", error.start + 1, error.end)
    if swallowed > 0 and not is_utf16(error.encoding):  # a line end is never part of a character
        return MARK_INVALID, swallowed
    incomplete = any(word in error.reason for word in ("unexpected end", "incomplete", "truncated"))
    return (MARK_CUT if incomplete and error.end >= len(error.object) else MARK_INVALID), error.end


codecs.register_error("liuke.tabular.mark", _marked)


def decoded(raw: bytes, name: str) -> str:
    """The text; bytes that don't fit become MARK_INVALID, half a character at the end MARK_CUT."""
    return raw.decode(CODECS[name], "liuke.tabular.mark")


def detect(sample: bytes) -> Encoding | None:
    """The likeliest encoding of the sample, which should hold lines with non-ASCII bytes; None when nothing fits.

    The sample may end in the middle of a character.
    """
    marked = by_bom(sample)
    if marked is not None:
        return Encoding(marked[0], True)
    sample = sample[:SAMPLE_BYTES]
    if b"\0" in sample:
        return _detect_utf16(sample)
    if sample.isascii():
        return Encoding("utf-8", True)
    if _is_plain_utf8(sample):
        return Encoding("utf-8", True)
    likelihoods = {name: _likelihood(sample, name, model) for name, model in _MODELS.items()}
    scores = {name: score for name, score in likelihoods.items() if score is not None}
    if not scores:
        return _asked(sample)
    best = max(scores, key=lambda name: scores[name])
    rivals = [score for name, score in scores.items() if name != best and name[:4] != best[:4]]
    return Encoding(best, scores[best] - max(rivals, default=-math.inf) >= CERTAIN_MARGIN)


def _is_plain_utf8(sample: bytes) -> bool:
    """Whether it is UTF-8 with characters of three bytes, which other encodings hardly hold together by chance."""
    text = decoded(sample, "utf-8")
    wrong = text.count(MARK_INVALID)
    long = sum(c >= "\u0800" for c in text) - wrong - text.count(MARK_CUT)
    return long > FEW_WRONG * wrong


def _detect_utf16(sample: bytes) -> Encoding | None:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even == odd:
        return None
    name = "utf-16-be" if even > odd else "utf-16-le"
    text = decoded(sample[: len(sample) & ~1], name)
    broken = sum(text.count(c) for c in ("\0", MARK_INVALID)) + sum(
        unicodedata.category(c) == "Cn" for c in text[:2000]
    )
    return Encoding(name, True) if broken * 20 <= len(text) and _has_row_ends(text) else None


def _has_row_ends(text: str) -> bool:
    return "\n" in text or "\r" in text or len(text) < 2000


def _asked(sample: bytes) -> Encoding | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - loads tables that hardly any file needs

    best = from_bytes(sample).best()
    name = known_name(best.encoding.replace("_", "-")) if best is not None else None
    return Encoding(name, False) if name else None


def _likelihood(sample: bytes, name: str, weight: Callable[[str], float]) -> float | None:
    """Logarithm of how likely the text is, ASCII counted alike for all; None when it is hardly that encoding."""
    text = decoded(sample, name)
    wrong, cut = text.count(MARK_INVALID), text.count(MARK_CUT)
    if wrong * FEW_WRONG > sum(c >= "\x80" for c in text):
        return None
    known = (c for c in text if c not in (MARK_INVALID, MARK_CUT))
    score = sum(weight(c) if c >= "\x80" else _ASCII for c in known) + _PRIOR.get(name, -3.0)
    jumbled = sum(1 for _ in _JUMBLES[name].finditer(text)) if name in _JUMBLES else 0
    return score + _WRONG * wrong + _CUT * cut + _JUMBLED * jumbled


_ASCII: Final = math.log(1 / 60)
_PRIOR: Final = {"utf-8": 0.0, "gb18030": 0.0, "big5": -1.0, "big5-hkscs": -4.0, "windows-1250": -7.0}
_NEVER: Final = -18.0
_CUT: Final = -8.0  # half a character at the end
_WRONG: Final = -16.0  # bytes that are no character
_JUMBLED: Final = -6.0
# What single-byte encodings make of each other's words: alphabets mixed, signs between letters.
_JUMBLES: Final = {
    "windows-1251": re.compile(r"(?<=[a-z])[\u0400-\u045f]|[\u0400-\u045f](?=[a-z])", re.IGNORECASE),
    # 楼 and 拢 of GBK, as in 5楼: a sign of money stands before its amount and not behind one
    "utf-8": re.compile(r"(?<=[\w])[¥£]|[¥£](?![\s\d.-])"),
    "windows-1252": re.compile(r"(?<=[^\W\d_])[£²³¹°´·•©®™½¼«»¿¡ª](?=[^\W\d_])|[£€](?=[^\W\d_])"),
}

# The characters most used in names, addresses and headings of business tables; simplified, then traditional forms.
_FREQUENT_SIMPLIFIED: Final = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好"
    "都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此"
    "实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真"
    "听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路"
    "期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统"
    "色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半"
    "候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容"
    "研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴切须格号列编码"
    "客户姓名电话手机邮箱地址省市县区镇街道路号楼室备注订单金额数量价格产品商店铺购买付款时间日期会员卡积分等级类型状态来源"
    "渠道业务员负责销售团队部门职位生日标签公司有限责任企业个人零售批发贸易进出口集团实业科技股份厂服饰礼品玩具饰五袜针织箱"
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭郎鲁韦昌马苗凤方俞任袁柳鲍史唐费薛雷"
    "贺倪汤罗毕郝安常傅卞齐康伍余顾孟黄萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝季贾江郭梅林钟徐邱骆高夏蔡田胡凌霍万柯卢莫房"
    "丁邓洪包左石崔龚程邢裴陆翁甄曲封储靳段焦侯宁仇甘武符刘景詹龙叶幸司黎白蒲池乔鲜闻翟谭贡冉桑牛燕尚温庄晏柴瞿阎慕连习艾容"
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英慧建辉玲红梅鹏飞浩婷雪倩宇欣佳琳晶莹玉兰洁凯斌鑫波宁振国庆"
    "浙江义乌苏州沪京粤闽鲁豫川渝湘鄂皖赣冀晋陕甘宁青藏蒙黑吉辽津琼桂黔滇港澳台杭温绍嘉湖衢舟金华宁波深圳广州上海北京天津"
)
_FREQUENT_TRADITIONAL: Final = (
    "這來國個說們為時會過學對裡後麼還發當無開見經頭從動兩長樣現將與進實點種聲話兒問機給幾業間電門東關並內軍產萬體別處總場"
    "師書員華報馬張難車應親務記邊風戰請愛讓認論義術結資隊帶條變聯權傳紅決達辦運強轉眾輕語滿寫識極臉錢黨設雙歷錄導網專讀飛觀"
    "爭組視濟離雖壞興須號編碼戶單據訂購買賣價額數幣類稱絡郵箱費銷貨賬款備註區縣鄉鎮樓層廠鋪禮飾針織貿責職態標籤團"
    "趙錢孫吳鄭馮陳褚衛蔣韓楊許呂嚴陶謝鄒蘇魯韋鳳鮑費賀湯羅畢齊顧黃蕭龐紀項阮藍賈鐘駱盧鄧龔陸儲劉葉喬聞譚貢溫莊閻連習"
    "偉靜麗軍豔傑濤剛輝鵬瑩蘭潔凱寧慶蘇滬粵閩遼瓊滇灣灣臺瓊縣溫紹義烏廣陽漢龍雲鄰"
)
_FREQUENT_HANGUL: Final = (
    "이다의는을에가한지고사리로기하인어은나도자대시서들아라그해전정수장원주일구부소스상제과보여동성요안전만신조유으게공화호"
    "김박최강윤임오권황송류홍양손배백허남심노곽우민진현영준재경용선태철광희숙순옥미연서울산천북충청명번품금액량객메처회름"
    "주문고객전화이름번호날짜수량상품가격합계주소업체담당자비고"
)


@cache
def _levels() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """The characters each standard put first as the common ones: GB 2312 level 1 and 2, Big5 level 1 and 2."""

    def block(codec: str, rows: range, cells: tuple[range, ...]) -> frozenset[str]:
        return frozenset(
            "".join(bytes((r, c)).decode(codec, "ignore") for r in rows for part in cells for c in part)
        )

    high, low = range(0xA1, 0xFF), range(0x40, 0x7F)
    return (
        block("gb2312", range(0xB0, 0xD8), (high,)),
        block("gb2312", range(0xD8, 0xF8), (high,)),
        block("cp950", range(0xA4, 0xC7), (low, high)),
        block("cp950", range(0xC9, 0xFA), (low, high)),
    )


def _is_han(c: str) -> bool:
    return "\u4e00" <= c <= "\u9fff"


def _is_punctuation(c: str) -> bool:
    return "\u3000" <= c <= "\u3017" or "\uff01" <= c <= "\uff5e" or c in "“”‘’—…·￥×￡℃①②③④⑤№"


def _simplified(c: str) -> float:
    common, second, _, _ = _levels()
    if _is_han(c):
        if c in _SIMPLIFIED:
            return _log(0.62, 800)
        return _log(0.25, 3000) if c in common else _log(0.04, 3000) if c in second else _log(0.02, 15000)
    return _other(c)


def _traditional(c: str) -> float:
    _, _, common, second = _levels()
    if _is_han(c):
        if c in _TRADITIONAL:
            return _log(0.62, 800)
        return _log(0.25, 4600) if c in common else _log(0.02, 7600) if c in second else _log(0.002, 5000)
    return _other(c)


def _korean(c: str) -> float:
    if "\uac00" <= c <= "\ud7a3":
        if c in _HANGUL:
            return _log(0.6, 200)
        return _log(0.3, 2150) if _in_ksc(c) else _log(0.005, 8800)
    return _log(0.01, 4900) if _is_han(c) else _other(c)


@cache
def _in_ksc(c: str) -> bool:
    try:
        return len(c.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def _japanese(c: str) -> float:
    if "\u3041" <= c <= "\u30fe":
        return _log(0.55, 170)
    if "\uff61" <= c <= "\uff9f":
        return _log(0.01, 63)  # half-width kana; other encodings' bytes decode to them all the time
    return _log(0.3, 3000) if _is_han(c) else _other(c)


def _unicode(c: str) -> float:
    """UTF-8 holds every language; what it decodes is believed unless it is a jumble of rare letters."""
    if _is_han(c):
        return max(_simplified(c), _traditional(c)) - 0.7
    if c in "¥£":
        return _western("£")
    if "\u00c0" <= c <= "\u017f":
        return _western(c) - 0.7
    if "\u0400" <= c <= "\u045f":
        return _cyrillic(c) - 0.7
    if "\uac00" <= c <= "\ud7a3":
        return _korean(c) - 0.7
    return _other(c) if _is_punctuation(c) else _log(0.02, 1500) if c.isalpha() else _log(0.02, 1000)


def _western(c: str) -> float:
    if c in "äöüßéèêàçñáíóúâôîëïœæøåÄÖÜÉÅØÁÓÑÇÀÈ":
        return _log(0.85, 40)
    if c in "€£":
        return _log(0.1, 4)
    if c in "’‘“”–—°²³´·•…©®™½¼«»¿¡ª\u00a0":
        return _log(0.1, 30)
    return _log(0.02, 60) if c.isalpha() else _NEVER


def _central(c: str) -> float:
    if c in "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčšžřďťňěůáéíýúČŠŽŘĎŤŇĚŮÁÉÍÝÚőűŐŰöüÖÜșțăâî":
        return _log(0.8, 60)
    return _log(0.05, 60) if c.isalpha() else _log(0.02, 60)


def _cyrillic(c: str) -> float:
    if "а" <= c <= "я" or "А" <= c <= "Я" or c in "ёЁіїєґІЇЄ":
        return _log(0.97, 66)
    return _log(0.02, 60) if c in "№«»–—" else _NEVER


def _other(c: str) -> float:
    if _is_punctuation(c):
        return _log(0.07, 120)
    if "\u0391" <= c <= "\u03c9" or "\u3041" <= c <= "\u30fe":
        return _log(0.002, 250)
    if unicodedata.category(c) in ("Co", "Cn", "Cc"):
        return _NEVER
    return _log(0.002, 1500)


@cache
def _log(share: float, characters: int) -> float:
    return math.log(share / characters)


_SIMPLIFIED: Final = frozenset(_FREQUENT_SIMPLIFIED)
_TRADITIONAL: Final = frozenset(_FREQUENT_TRADITIONAL) | frozenset(
    c for c in _FREQUENT_SIMPLIFIED if c in _levels()[2]
)
_HANGUL: Final = frozenset(_FREQUENT_HANGUL)
_MODELS: Final[Mapping[str, Callable[[str], float]]] = {
    "utf-8": _unicode,
    "gb18030": _simplified,
    "big5": _traditional,
    "big5-hkscs": _traditional,
    "euc-kr": _korean,
    "shift_jis": _japanese,
    "windows-1252": _western,
    "windows-1250": _central,
    "windows-1251": _cyrillic,
}
