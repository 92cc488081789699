"""Who plays, and what they hold in hand: two teams, one reading Chinese and one English, each with lists of its own.

The lists are made so that something is there to see: some buy every three weeks and have been silent for three months,
some are just about to buy, most are occasional. Dates end today, amounts come from a seed.
"""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")  # the company's, by default
PASSWORD = "ledgers and 留客 2026"
TEAMS = {"zh": "东区", "en": "Overseas"}


def today() -> date:
    return datetime.now(ZONE).date()


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    role: str
    team: str

    @property
    def language(self) -> str:
        return {"zh": "zh-hans", "en": "en"}[self.team]


PEOPLE = (
    Person("shen", "沈岚", "supervisor", "zh"),
    Person("li", "李娜", "salesperson", "zh"),
    Person("wang", "王磊", "salesperson", "zh"),
    Person("dana", "Dana Wells", "supervisor", "en"),
    Person("chris", "Chris Lane", "salesperson", "en"),
    Person("pat", "Pat Moore", "salesperson", "en"),
)


def cast(language: str) -> tuple[Person, Person, Person]:
    """Supervisor, salesperson, and the colleague of the salesperson."""
    boss, seller, colleague = (person for person in PEOPLE if person.team == language)
    return boss, seller, colleague


# Silent for long, all of the salesperson's: what the day's list must begin with.
SILENT = {
    "zh": [
        "义乌明达礼品有限公司",
        "杭州锦绣饰品行",
        "宁波海天贸易公司",
        "温州长青文具店",
        "金华福源百货",
        "绍兴越秀工艺",
    ],
    "en": [
        "Harbour Gifts Ltd",
        "Northlight Trading",
        "Maple & Moss",
        "Quayside Crafts",
        "Orchard Lane Store",
        "Pennine Paper",
    ],
}
INITIALS = {"zh": "ywmdlp", "en": "harbour gi"}  # 义乌明达礼品: Yì Wū Míng Dá Lǐ Pǐn
LETTERS = {"zh": "C", "en": "K"}
CUSTOMERS = 90


@dataclass(frozen=True)
class Listed:
    """A row of the customer list and the days on which he bought."""

    number: str
    name: str
    phone: str
    owner: str
    bought_on: tuple[date, ...]
    unit_minor: int


def listed(language: str) -> list[Listed]:
    rng = random.Random(f"stories {language}")
    _boss, seller, colleague = cast(language)
    rows = []
    for place in range(CUSTOMERS):
        silent = place < len(SILENT[language])
        name = SILENT[language][place] if silent else _name(language, place)
        gap = 20 if silent else rng.choice([18, 25, 40, 60])
        # Most begin some day and are gone some day: a log in which nobody ever left would teach that nobody leaves.
        begun = 640 if silent else rng.randrange(40, 700)
        ended = 95 + place if silent else max(begun - rng.expovariate(1 / 320), 0)
        days, ago = [], begun
        while ago >= ended:
            days.append(today() - timedelta(days=ago))
            ago -= max(1, round(rng.gauss(gap, gap / 12)))
        rows.append(
            Listed(
                f"{LETTERS[language]}{1000 + place}",
                name,
                f"139{'0' if language == 'zh' else '1'}{place:07d}",
                (seller if silent or place % 3 else colleague).name,
                tuple(sorted(days)),
                (600_000 - 60_000 * place) if silent else rng.randrange(2_000, 90_000),
            )
        )
    return rows


def _name(language: str, place: int) -> str:
    if language == "zh":
        first, second = "永恒安泰鼎丰瑞祥顺昌隆盛达"[place % 13], "华美诚信嘉和宏远利通"[place // 13 % 10]
        return f"义乌{first}{second}商行"
    first = ["Alder", "Birch", "Cedar", "Dune", "Elm", "Fern", "Gorse", "Hazel", "Iris", "Juniper"][
        place % 10
    ]
    return f"{first} {['House', 'Works', 'Corner', 'Supply', 'Living', 'Room', 'Goods', 'Post', 'Yard'][place // 10]}"


def _csv(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def customers_file(language: str) -> tuple[str, bytes]:
    """As people keep them: GB18030 with spaces and a nameless row, or tabs in UTF-16."""
    rows = listed(language)
    if language == "zh":
        head = ["客户编号", "客户名称", "手机", "负责人", "备注"]
        body = [[f" {r.number}", f"{r.name}　", r.phone, r.owner, ""] for r in rows]
        body[3][4] = "老客户，㙓埗路 8 号"  # beyond GBK: only GB18030 has the first letter
        return "客户名单.csv", _csv(
            [head, *body, ["C9999", "", "", "", "没有名字"], ["", "", "", "", ""]]
        ).encode("gb18030")
    head = ["Customer No", "Company Name", "Mobile", "Account Manager"]
    body = [[r.number, r.name, r.phone, r.owner] for r in rows]
    return "customers.tsv", _csv([head, *body, ["K9999", "", "", ""]], "\t").encode("utf-16")


def purchases_file(language: str) -> tuple[str, bytes]:
    """Thousands separators, full-width digits, currency signs, an impossible date, a line without a customer."""
    place, body = 0, []
    for row in listed(language):
        for on in row.bought_on:
            place += 1
            body.append(
                _line(
                    language, place, row, datetime(on.year, on.month, on.day, 9 + place % 8, 30, tzinfo=UTC)
                )
            )
    if language == "zh":
        head = ["订单号", "下单时间", "客户编号", "商品名称", "数量", "实付金额"]
        odd = [
            ["XS-90001", "2026-02-30 10:00", "C1000", "马克杯", "1", "10.00"],
            ["XS-90002", f"{today() - timedelta(days=9)} 10:00", "", "马克杯", "1", "10.00"],
            ["", "", "", "", "", ""],
        ]
        return "订单流水.csv", _csv([head, *body, *odd]).encode("gb18030")
    head = ["Invoice Number", "Order Date", "Customer No", "Item", "Qty", "Amount"]
    odd = [
        ["INV-90001", "30 Feb 2026", "K1000", "Mug", "1", "10.00"],
        ["INV-90002", _english(today()), "", "Mug", "1", "10.00"],
    ]
    return "orders.csv", _csv([head, *body, *odd], ";").encode("utf-8-sig")


FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


def _line(language: str, place: int, row: Listed, at: datetime) -> list[str]:
    quantity = 1 + place % 5
    amount = f"{row.unit_minor * (8 + place % 5) / 1000:,.2f}"
    if language == "zh":
        paid = {0: f"￥{amount}", 1: amount.translate(FULL_WIDTH)}.get(place % 7, amount)
        return [f"XS-{place:05d}", f"{at:%Y/%m/%d %H:%M}", row.number, "陶瓷马克杯", str(quantity), paid]
    return [f"INV-{place:05d}", _english(at), row.number, "Mug", str(quantity), amount]


def _english(at: date) -> str:
    return f"{at.day} {('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')[at.month - 1]} {at.year}"
