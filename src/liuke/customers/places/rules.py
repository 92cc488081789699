"""A Chinese address cut into province, city and district, as far as it names them. No database and no gazetteer.

Provinces are a closed list; what stands below them says itself what it is: 市, 自治州, 区, 县, 旗. Nothing is guessed: a city
without its province stays without one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from liuke.customers.spelling.rules import fold


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MUNICIPALITIES = ("北京", "天津", "上海", "重庆")
PROVINCES = (
    *MUNICIPALITIES,
    *_words(
        "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南"
    ),
    *_words("陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"),
)
STANDS_FOR_ITSELF = ("香港", "澳门")
COUNTRY = re.compile(r"(?:中国|中华人民共和国)?[\s,，]*")
PROVINCE = re.compile(
    rf"(?P<name>{'|'.join(PROVINCES)})(?:壮族自治区|回族自治区|维吾尔自治区|特别行政区|自治区|省|市)?"
)
NAME = r"[^\s\d省市区县旗路街道号镇乡村弄巷,，、-]"  # what no name of a city or district has in it
CITY = re.compile(rf"{NAME}{{1,9}}?(?:自治州|地区|市|盟)")
DISTRICT = re.compile(rf"{NAME}{{1,9}}?(?:自治县|自治旗|新区|特区|区|县|市|旗)")
GAPS = " \t　,，、-"


@dataclass(frozen=True)
class Place:
    """`province` without its 省; city and district as they are written; `rest` is street and number."""

    province: str = ""
    city: str = ""
    district: str = ""
    rest: str = ""


def split_address(written: str) -> Place:
    """`written` cut where it says so itself, from the left; whatever is not Chinese comes back whole as `rest`."""
    text = " ".join(written.split())
    plain = _simplified(text)
    start = COUNTRY.match(plain)
    at = start.end() if start else 0
    province = city = district = ""
    if found := PROVINCE.match(plain, at):
        province, at = text[at : found.end("name")], _after(plain, found.end())
        if found["name"] in MUNICIPALITIES:
            city = province + ("市" if plain[: found.end()].endswith("市") else "")
        elif found["name"] in STANDS_FOR_ITSELF:
            city = province
    if not city and (found := CITY.match(plain, at)):
        city, at = text[at : found.end()], _after(plain, found.end())
    if (province or city) and (found := DISTRICT.match(plain, at)):
        district, at = text[at : found.end()], _after(plain, found.end())
    if not (province or city):
        return Place(rest=text)
    return Place(province, city, district, text[at:])


def _after(text: str, at: int) -> int:
    while at < len(text) and text[at] in GAPS:
        at += 1
    return at


def _simplified(text: str) -> str:
    """In simplified characters, one for one, so that places in it are places in `text`."""
    return "".join(one if len(one := fold(c)) == 1 else c for c in text)
