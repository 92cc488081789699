"""A customer list as an office has kept it for years: GB18030, a title above the names, telephone numbers spelt in five ways,
full-width digits, rows that stand there twice or are in the base already, owners by name, days that do not exist.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

HEADINGS = ("客户编号", "客户名称", "联系电话", "电子邮件", "城市", "业务员", "合同到期", "备注")
OWNERS = ("高远", "罗敏", "明月")
SPELT = (
    "{0}{1}{2}", "{0}-{1}-{2}", "+86 {0} {1} {2}", "０086 {0} {1} {2}", "（{0}）{1} {2}",
)  # fmt: skip
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
DAYS = ("2027-01-31", "2027/1/31", "2027年1月31日", "20270131")
WRONG_DAYS = ("2027-02-30", "2027/13/1", "不详")
SHARED = "客户第0003号商行", "13800000003"  # of G0003: in the list as somebody new


@dataclass
class Ledger:
    rows: list[tuple[str, ...]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # as the import must tell them

    def content(self) -> bytes:
        lines = ["客户总表", ",".join(HEADINGS), *(",".join(row) for row in self.rows)]
        return "\r\n".join([*lines, ""]).encode("gb18030")


def ledger(mark: str, count: int) -> Ledger:
    made = Ledger()
    for n in range(count):
        kind = n % 100
        number, name = f"{mark}{n:05}", f"第{n:05}号㐂来𠮷祥商行"
        note = f"{mark}老账第{n}页"
        phone = SPELT[n % len(SPELT)].format("139", f"{n % 10000:04}", f"{ord(mark) % 10}{n // 10000}00")
        if n % 7 == 0:
            phone = phone.translate(WIDE)
        day, owner, what = DAYS[n % len(DAYS)], OWNERS[n % len(OWNERS)], "created"
        if kind == 99:  # of the base by telephone, without a number
            base = n // 100
            number, name, what = "", f"客户第{base:04}号商行", "updated"
            phone, owner = f"138-0000-{base:04}", "高远"
        elif kind == 98:
            owner, what = "没有此人", "rejected"
        elif kind == 97:
            number, what = made.rows[-3][0], "rejected"  # of a row further up
        elif kind == 96 and n % 200 == 96:
            number, name, phone, what = "", "", "", "rejected"
        elif kind == 50:
            day = WRONG_DAYS[n // 100 % len(WRONG_DAYS)]
            made.counts["incomplete"] += 1
        elif kind == 51 and n % 200 == 51:
            phone = "一三八"
            made.counts["incomplete"] += 1
        elif n == 1:
            name, phone = SHARED
        made.rows.append((number, name, phone, f"{mark.lower()}{n}@example.com", "义乌", owner, day, note))
        made.counts[what] += 1
        made.counts["rows"] += 1
    return made
