"""How many duplicates are found, how many proposals are right, and how long a whole base takes.

    python benchmarks/duplicates.py [--customers 100000] [--seed 20] [--splink]

Invents a base of firms and persons, Chinese and foreign, of whom one in ten is noted a second time as people do: another
legal form, Traditional characters, pinyin, a slip in the name, another or a mistyped number, no address; and such as look
alike and are not: branches in other cities, firms of one switchboard, persons of one name. Then finds them as the night
does (customers/alike), beside plain matching of equal numbers, addresses and names, and, with --splink, beside splink 5
(a package of its own, not one of ours: pip install splink) trained on the same columns. Precision is the share of proposed
pairs that are one customer; recall the share of the known pairs that are proposed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import django
from opencc import OpenCC

from liuke.customers.alike.rules import traits
from liuke.customers.records.rules import name_key, normal_point
from liuke.customers.spelling.rules import fold, pinyin

WORD = re.compile(r"\w+")
CITIES = WORD.findall(
    "上海 北京 广州 深圳 杭州 宁波 义乌 苏州 南京 青岛 厦门 成都 武汉 重庆 天津 西安 长沙 郑州 佛山 温州"
)
SIGNS = (
    "华盛锦恒瑞祥泰丰源鑫达宏博远诚信美佳嘉润德茂隆昌永兴顺康宁安和新天地龙凤云海山江河明光辉煌金"
    "银玉石春秋晨星月日东南西北中正大同方圆联合众力创智慧科腾飞翔越卓优品尚雅艺风韵灯笼竹梅兰菊松柏"
)
TRADES = WORD.findall(
    "贸易 礼品 工艺品 电子 机械 五金 服饰 食品 建材 家具 灯饰 文化传媒 信息技术 物流 化工 纺织 塑料 "
    "包装 医疗器械 国际贸易"
)
FORMS = WORD.findall("有限公司 有限责任公司 股份有限公司 公司 厂 商行")
FAMILIES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国志文斌宇浩然子轩欣怡梓涵思远嘉琪雨婷"
ROADS = WORD.findall("人民路 解放路 中山路 建设路 青年路 和平路 文化路 工业大道 科技路 新华路 长江路 黄河路")
TOWNS = WORD.findall("London Berlin Milano Paris Madrid Chicago Toronto Sydney Warszawa Istanbul Dubai Lagos")
SYLLABLES = WORD.findall(
    "ba be bo da de do fa fi ga go ka ke la le lo ma me mi na ne no pa po ra re ro sa se ta te to va vi za zo"
)
WORDS = WORD.findall(
    "Trading Gifts Import Lighting Foods Textiles Tools Design Stores Supplies Homeware Toys"
)
ENDINGS = ["Ltd", "Limited", "GmbH", "Inc", "Inc.", "LLC", "Co., Ltd.", "S.A.", "BV", "Pty Ltd"]
TRADITIONAL = OpenCC("s2t")


@dataclass(frozen=True)
class One:
    """A customer as somebody noted him."""

    name: str
    kind: str
    city: str
    address: str
    mobile: str
    mail: str
    core: str = ""  # what the name is beside its form


def firm(draw: random.Random) -> One:
    city, brand = draw.choice(CITIES), "".join(draw.sample(SIGNS, draw.choice((2, 2, 3))))
    core = f"{city}{brand}{draw.choice(TRADES)}"
    return _reached(draw, One(core + draw.choice(FORMS), "enterprise", city, "", "", "", core))


def person(draw: random.Random) -> One:
    name = draw.choice(FAMILIES) + "".join(draw.sample(GIVEN, draw.choice((1, 2, 2))))
    return _reached(draw, One(name, "individual", draw.choice(CITIES), "", "", "", name))


def foreign(draw: random.Random) -> One:
    brand = "".join(draw.choice(SYLLABLES) for _ in range(draw.choice((2, 3, 3)))).title()
    core = f"{brand} {draw.choice(WORDS)}"
    return _reached(
        draw, One(f"{core} {draw.choice(ENDINGS)}", "enterprise", draw.choice(TOWNS), "", "", "", core)
    )


def _reached(draw: random.Random, one: One) -> One:
    mobile = f"1{draw.choice('3578')}{draw.randrange(10**9):09d}" if draw.random() < 0.8 else ""
    mail = (
        f"{''.join(draw.choice(SYLLABLES) for _ in range(4))}{draw.randrange(100)}@example.com"
        if draw.random() < 0.5
        else ""
    )
    address = (
        f"{draw.choice(ROADS)}{draw.randrange(1, 900)}号{draw.randrange(1, 30)}楼"
        if draw.random() < 0.6
        else ""
    )
    return replace(one, mobile=mobile, mail=mail, address=address)


# --- the second time -------------------------------------------------------------------------------------


def other_form(draw: random.Random, one: One) -> One:
    if one.kind == "individual":
        return replace(one, name=f" {one.name} ")
    latin = one.name.isascii()
    return replace(one, name=f"{one.core}{' ' if latin else ''}{draw.choice(ENDINGS if latin else FORMS)}")


def traditional(draw: random.Random, one: One) -> One:
    return replace(one, name=TRADITIONAL.convert(one.name))


def in_pinyin(draw: random.Random, one: One) -> One:
    readings = pinyin(fold(one.core))
    if not readings:
        return other_form(draw, one)
    return replace(one, name=readings[0].full.title() + (" Co., Ltd." if one.kind == "enterprise" else ""))


def slip(draw: random.Random, one: One) -> One:
    """A character dropped, doubled, swapped or mistaken."""
    place = draw.randrange(max(len(one.core) - 1, 1))
    a, b = one.core[:place], one.core[place:]
    wrong = draw.choice(SYLLABLES)[0] if one.core.isascii() else draw.choice(SIGNS)
    mistakes = [a + b[1:], a + b[:1] + b, a + b[1:2] + b[:1] + b[2:], a + wrong + b[1:]]
    return replace(one, name=one.name.replace(one.core, draw.choice(mistakes)))


def mistyped_number(draw: random.Random, one: One) -> One:
    if len(one.mobile) < 11:
        return replace(one, mobile=f"138{draw.randrange(10**8):08d}")
    place = draw.randrange(3, 10)
    digits = list(one.mobile)
    digits[place], digits[place + 1 if place < 10 else 3] = (
        digits[place + 1 if place < 10 else 3],
        digits[place],
    )
    return replace(one, mobile="".join(digits))


CHANGES: dict[str, Callable[[random.Random, One], One]] = {
    "other legal form": other_form,
    "Traditional": traditional,
    "pinyin": in_pinyin,
    "slip in the name": slip,
}
LOSSES: list[Callable[[random.Random, One], One]] = [
    lambda draw, one: one,
    mistyped_number,
    lambda draw, one: replace(one, mobile=""),
    lambda draw, one: replace(one, mail=""),
    lambda draw, one: replace(one, address=""),
    lambda draw, one: replace(one, city=""),
    lambda draw, one: replace(one, mail=f"info{draw.randrange(10**6)}@example.org"),
]


@dataclass
class Base:
    people: list[One]
    pairs: dict[tuple[int, int], str]  # known duplicates, and how the second differs


def invented(count: int, seed: int) -> Base:
    draw = random.Random(seed)
    people: list[One] = []
    pairs: dict[tuple[int, int], str] = {}
    makers = (firm, firm, firm, person, foreign)
    registered: set[str] = set()
    while len(people) < count:
        one = draw.choice(makers)(draw)
        if one.kind == "enterprise":
            if fold(one.core) in registered:
                continue  # no register has a firm of the same name in one place; one that sounds the same it has
            registered.add(fold(one.core))
        people.append(one)
        what = draw.random()
        if what < 0.1:
            how = draw.choice(list(CHANGES))
            second = CHANGES[how](draw, one)
            for _ in range(draw.choice((0, 1, 1, 2))):
                second = draw.choice(LOSSES)(draw, second)
            people.append(second)
            pairs[len(people) - 2, len(people) - 1] = how
        elif what < 0.12 and one.kind == "enterprise":  # the same in another city, a firm of its own
            city = draw.choice([city for city in CITIES if city != one.city])
            branch = one.core.replace(one.city, city)
            if fold(branch) not in registered:
                registered.add(fold(branch))
                name = one.name.replace(one.core, branch)
                people.append(_reached(draw, replace(one, name=name, city=city, core=branch)))
        elif (
            what < 0.14 and one.mail
        ):  # another firm of one house: the same address and postbox is the house's
            people.append(replace(draw.choice((firm, foreign))(draw), city=one.city, address=one.address))
    order = list(range(len(people)))
    draw.shuffle(order)
    moved = {old: new for new, old in enumerate(order)}
    return Base(
        [people[old] for old in order],
        {tuple(sorted((moved[a], moved[b]))): how for (a, b), how in pairs.items()},  # type: ignore[misc]
    )


# --- found ---------------------------------------------------------------------------------------------------


def records(base: Base) -> Iterator[tuple[int, str, str, str, str]]:
    for pk, one in enumerate(base.people):
        yield pk, one.name, one.kind, one.city, one.address


def points(base: Base) -> Iterator[tuple[int, str, str]]:
    for pk, one in enumerate(base.people):
        if one.mobile:
            yield pk, "mobile", f"+86{one.mobile}"
        if one.mail:
            yield pk, "email", normal_point("email", one.mail)


def ours(base: Base) -> set[tuple[int, int]]:
    from liuke.customers.alike.actions import likenesses

    return {(one.first, one.second) for one in likenesses(records(base), points(base))}


def plain(base: Base) -> set[tuple[int, int]]:
    """Equal number, e-mail or name without its form: what an import and a form ask for."""
    held: dict[str, list[int]] = {}
    for pk, one in enumerate(base.people):
        keys = [one.mobile, one.mail, f"={name_key(one.name)}" if one.kind == "enterprise" else ""]
        for key in filter(None, keys):
            held.setdefault(key, []).append(pk)
    return {pair for ids in held.values() if 2 <= len(ids) <= 40 for pair in combinations(ids, 2)}


def splink(base: Base) -> set[tuple[int, int]]:
    """splink as its guide has it: trained on the base itself, the same normalised columns, pairs from 0.5 on."""
    import logging

    import pyarrow as pa
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as cl

    logging.getLogger("splink").setLevel(logging.WARNING)
    seen = [traits(one.name, kind=one.kind, city=one.city, address=one.address) for one in base.people]
    table = pa.table(
        {
            "unique_id": list(range(len(seen))),
            "core": [one.core for one in seen],
            "sound": [one.sound for one in seen],
            "city": [one.city or None for one in seen],
            "address": [one.address or None for one in seen],
            "mobile": [one.mobile or None for one in base.people],
            "mail": [one.mail or None for one in base.people],
        }
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("sound", [0.97, 0.9, 0.8]),
            cl.LevenshteinAtThresholds("mobile", [2]),
            cl.ExactMatch("mail"),
            cl.ExactMatch("address"),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("sound"),
            block_on("mobile"),
            block_on("mail"),
            block_on("address"),
            block_on("substr(core, 1, 4)", "city"),
        ],
    )
    api = DuckDBAPI()
    linker = Linker(api.register(table), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("mobile"), block_on("mail")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("mobile"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("sound"))
    found = linker.inference.predict(threshold_match_probability=0.5)
    frame = found.as_duckdbpyrelation().project("unique_id_l, unique_id_r").fetchall()
    return {(min(a, b), max(a, b)) for a, b in frame}


def told(name: str, base: Base, find: Callable[[Base], set[tuple[int, int]]], compare: float | None) -> float:
    begun = time.perf_counter()
    found = find(base)
    seconds = time.perf_counter() - begun
    right = found & base.pairs.keys()
    precision, recall = len(right) / max(len(found), 1), len(right) / max(len(base.pairs), 1)
    times = f", {seconds / compare:.1f} times as long" if compare else ""
    print(
        f"{name}: precision {precision:.3f}, recall {recall:.3f}, {len(found):,} pairs, {seconds:.1f} s{times}"
    )
    missed = Counter(how for pair, how in base.pairs.items() if pair not in right)
    of = Counter(base.pairs.values())
    print("   found of each kind:", ", ".join(f"{how} {1 - missed[how] / of[how]:.0%}" for how in sorted(of)))
    return seconds


def main(arguments: Iterable[str] | None = None) -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--customers", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=20)
    asked.add_argument("--splink", action="store_true")
    given: Any = asked.parse_args(list(arguments) if arguments is not None else None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liuke.config.settings")
    django.setup()
    base = invented(given.customers, given.seed)
    print(f"{len(base.people):,} customers, {len(base.pairs):,} of them noted a second time")
    mine = told("as at night", base, ours, None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"   most memory so far, with the invented base: {peak:,.0f} MB")
    told("equal values only", base, plain, mine)
    if given.splink:
        told("splink", base, splink, mine)


if __name__ == "__main__":
    main()
