"""Names of columns: made unique for reading, folded for comparing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from liuke.tabular.problems import Problem

NAME_SHOWN = 120  # a longer heading is a title or a sentence; cut so that screens and messages hold it

# Traditional to simplified for the characters that occur in names of columns; not a general converter.
_TRADITIONAL: Final = str.maketrans(
    "戶編號碼單據訂購買賣價額數幣國產類別稱電話機動聯絡繫郵務業員經屬團隊門銷貨發時間費會錢實應總計稅開帳賬記錄條體備註說關鍵詞標籤區縣鄉鎮鄰"
    "徵戰級頭銜職階狀態來歷顧資訊冊詳細統簡準淨結圖帶際進場點線貼書紀離責擔當與專個廠辦樓綫鋪舖獲後協議約簽營寶貝題運網種負質組維護師證櫃優報",
    "户编号码单据订购买卖价额数币国产类别称电话机动联络系邮务业员经属团队门销货发时间费会钱实应总计税开账账记录条体备注说关键词标签区县乡镇邻"
    "征战级头衔职阶状态来历顾资讯册详细统简准净结图带际进场点线贴书纪离责担当与专个厂办楼线铺铺获后协议约签营宝贝题运网种负质组维护师证柜优报",
)
_IN_BRACKETS: Final = re.compile(r"[(\[{【「<（［｛〈《][^)\]}】」>）］｝〉》]*[)\]}】」>）］｝〉》]")


def key(name: str) -> str:
    """The name without case, width, spaces and punctuation, in simplified characters: what two names are compared by."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_TRADITIONAL)
    return "".join(c for c in folded if c.isalnum())


def key_without_brackets(name: str) -> str:
    """As `key`, leaving out what stands in brackets, usually a unit: 金额（元）, Amount (USD)."""
    return key(_IN_BRACKETS.sub(" ", unicodedata.normalize("NFKC", name)))


def letter(position: int) -> str:
    """The letter of the column as spreadsheets show it: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def tidy(name: str) -> str:
    """A heading as a name: NFC, one line, without outer blanks, invisible characters and a byte order mark."""
    text = unicodedata.normalize("NFC", name)
    text = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED
    )
    return " ".join(text.split())[:NAME_SHOWN]


_DROPPED: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}


def unique(
    headings: Sequence[str | None], first_column: int = 0
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """One name per column, each different; what had to be changed is told."""
    taken: set[str] = set()
    names: list[str] = []
    told: list[Problem] = []
    wanted = [tidy(heading or "") for heading in headings]
    for position, name in enumerate(wanted):
        unnamed = not name
        if unnamed:
            told.append(Problem("unnamed_column", params={"letter": letter(position + first_column)}))
            name = letter(position + first_column)
        elif name in taken:
            told.append(Problem("duplicate_column", value=name))
        number, free = 1, name
        while free in taken or ((unnamed or number > 1) and free in wanted):
            number += 1
            free = f"{name} ({number})"
        taken.add(free)
        names.append(free)
    return tuple(names), tuple(told)


def letters(count: int, first_column: int = 0) -> tuple[str, ...]:
    return tuple(letter(position + first_column) for position in range(count))
