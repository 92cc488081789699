"""What the import screens show: the file as it is read, columns and fields, counts and problems in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language, gettext

from liuke.customers.fields.actions import imported_fields
from liuke.customers.findings.rules import FIELDS as FIELD_NAMES
from liuke.customers.reading.rules import fields_of
from liuke.customers.recognising.rules import fields_of_key, keys_there_are, own_keys
from liuke.platform.kit.rules import currencies
from liuke.tabular import DECIMALS
from liuke.tabular.problems import shown

if TYPE_CHECKING:
    from liuke.customers.models import ImportBatch

CELL_SHOWN = 40
TONES = {
    "uploaded": "plain",
    "checked": "info",
    "running": "info",
    "done": "ok",
    "failed": "danger",
    "undoing": "warn",
    "undone": "plain",
}
SAMPLES: Mapping[str, str] = {
    "customers": """\
客户编号,客户名称,客户类型,手机,邮箱,国家,省份,城市,地址,来源,联系人,职务,负责人,备注
C1001,义乌明达礼品有限公司,企业,13800138000,order@mingda.example,中国,浙江,义乌,福田街道 8 号,展会,王芳,采购经理,,
C1002,Harbour Gifts Ltd,经销商,,anna@harbour.example,英国,,London,,转介绍,Anna Reed,Buyer,,每季下单
C1003,张伟,个人,13900139000,,中国,上海,上海,,网店,,,,
""",
    "purchases": """\
订单号,下单时间,客户编号,客户名称,产品编码,产品名称,数量,单价,币种,渠道
SO-0001,2026-03-02 09:30,C1001,义乌明达礼品有限公司,GX-01,陶瓷马克杯,120,6.80,CNY,展会
SO-0001,2026-03-02 09:30,C1001,义乌明达礼品有限公司,GX-02,礼品袋,120,1.20,CNY,展会
SO-0001,2026-03-02 09:30,C1001,义乌明达礼品有限公司,YF,运费,1,80,CNY,展会
SO-0002,2026-03-05 15:10,C1002,Harbour Gifts Ltd,GX-01,陶瓷马克杯,600,1.05,USD,网站
TH-0001,2026-03-20 10:00,C1001,义乌明达礼品有限公司,GX-02,礼品袋,-20,1.20,CNY,展会
""",
}


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


FORMATS: Mapping[str, str] = {
    "csv": gettext_noop("text with columns (CSV, TSV)"),
    "xlsx": "Excel (XLSX)",
    "xlsb": "Excel (XLSB)",
    "xls": "Excel (XLS)",
    "ods": "OpenDocument (ODS)",
    "parquet": "Parquet",
    "jsonl": gettext_noop("JSON lines"),
}
DELIMITERS: Mapping[str, str] = {
    ",": gettext_noop("comma"),
    "\t": gettext_noop("tab"),
    ";": gettext_noop("semicolon"),
    "|": gettext_noop("bar"),
    " ": gettext_noop("blanks"),
}
ENCODINGS: Mapping[str, str] = {
    "gb18030": gettext_noop("Simplified Chinese, GBK"),
    "big5": gettext_noop("Traditional Chinese"),
    "big5-hkscs": gettext_noop("Traditional Chinese, Hong Kong"),
    "euc-kr": gettext_noop("Korean"),
    "shift_jis": gettext_noop("Japanese"),
    "windows-1252": gettext_noop("Western European"),
    "windows-1250": gettext_noop("Central European"),
    "windows-1251": gettext_noop("Cyrillic"),
}
HOW: Mapping[str, str] = {
    "chosen": gettext_noop("chosen by hand"),
    "name": gettext_noop("by its name"),
    "similar_name": gettext_noop("by a similar name"),
    "content": gettext_noop("by what it holds"),
}
STEPS: Mapping[str, str] = {
    "reading": gettext_noop("reading the file"),
    "checking": gettext_noop("checking the rows"),
    "comparing": gettext_noop("comparing with what is there"),
    "writing": gettext_noop("writing"),
    "undoing": gettext_noop("taking back"),
}
COUNTS: Mapping[str, str] = {
    "rows": gettext_noop("Rows in the file"),
    "created": gettext_noop("New"),
    "updated": gettext_noop("Changed"),
    "unchanged": gettext_noop("As before"),
    "rejected": gettext_noop("Left out"),
    "joined": gettext_noop("Rows with further persons"),
    "incomplete": gettext_noop("In without a cell"),
    "orders": gettext_noop("Orders"),
    "customers_created": gettext_noop("New customers"),
    "aside": gettext_noop("Rows without a customer"),
    "kept_customers": gettext_noop("Customers that stay"),
    "kept_products": gettext_noop("Products that stay"),
    "kept_rows": gettext_noop("Changes that stay"),
}


@dataclass(frozen=True)
class Place:
    """A field, the column that goes into it, and what that column holds."""

    name: str
    label: str
    column: str
    how: str
    samples: Sequence[str]
    is_required: bool
    is_missing: bool


def missing_fields(batch: ImportBatch) -> list[str]:
    """Fields that need a column and have none."""
    return list(
        dict.fromkeys(p["field"] for p in batch.reading["mismatches"] if p["code"] == "column_missing")
    )


def cell(value: Any) -> str:
    text = "" if value is None else shown(str(value))
    return text if len(text) <= CELL_SHOWN else f"{text[: CELL_SHOWN - 1]}…"


def places(batch: ImportBatch) -> list[Place]:
    columns = batch.reading["options"]["columns"]
    samples = batch.reading.get("samples", [])
    how = batch.reading.get("how", {})
    found = []
    own, missing = own_labels(), missing_fields(batch)
    for field in fields_of(batch.target, imported_fields()):
        column = batch.mapping.get(field.name, "")
        held = [row[columns.index(column)] for row in samples if column in columns]
        seen = list(dict.fromkeys(cell(value) for value in held if value))[:3]
        label, reason = (
            own.get(field.name) or gettext(FIELD_NAMES[field.name]),
            gettext(HOW[how[field.name]]) if field.name in how else "",
        )
        found.append(Place(field.name, label, column, reason, seen, field.required, field.name in missing))
    return found


def preview(batch: ImportBatch) -> list[tuple[Any, list[str]]]:
    rows = zip(batch.reading.get("sample_rows", []), batch.reading.get("samples", []), strict=False)
    return [(number, [cell(value) for value in row]) for number, row in rows]


def counted(batch: ImportBatch) -> list[tuple[str, str, int, str]]:
    """The counts that say something, each with its name and the address of the customers behind it, if it has some."""
    counts: Mapping[str, Any] = batch.counts
    twice = {"customers_created"} if batch.target == "customers" else set()
    always = ("rows", "created", "updated", "unchanged", "rejected")
    told = [
        name for name in COUNTS if name in counts and name not in twice and (name in always or counts[name])
    ]
    new = "created" if batch.target == "customers" else "customers_created"
    opened = {}
    if batch.state == "done" and counts.get(new):
        opened[new] = f"{reverse('customers')}?imported={batch.pk}"
    if batch.state == "undone":
        opened["kept_customers"] = reverse("import-kept", args=[batch.pk])
    return [(name, gettext(COUNTS[name]), counts[name], opened.get(name, "")) for name in told]


def own_labels() -> dict[str, str]:
    """The company's own fields as the reader calls them."""
    return {one.name: one.label(get_language() or "") for one in imported_fields()}


def currency_choices(of_company: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The frequent ones with the company's own, then all others, each with its name."""
    language = get_language() or ""
    often = currencies(language, of_company)
    others = [one for one in currencies(language, *sorted(DECIMALS)) if one not in often]
    return [
        (gettext("Often used"), [one for one in often if one[0] in DECIMALS]),
        (gettext("All others"), others),
    ]


def encoding_name(name: str) -> str:
    language = gettext(ENCODINGS[name]) if name in ENCODINGS else ""
    return f"{name.upper()} · {language}" if language else name.upper()


def key_choices(masked: Collection[str]) -> list[tuple[str, str]]:
    """By what customers may be recognised: number, a way to reach them, the name with a second field, an own field that
    is not `masked`."""
    own = {one.name: one.label(get_language() or "") for one in own_keys(imported_fields(), masked)}

    def named(key: str) -> str:
        return " + ".join(own.get(part) or gettext(FIELD_NAMES[part]) for part in fields_of_key(key))

    first = ("", gettext("number; without one telephone or e-mail; without these the name"))
    return [first, *((key, named(key)) for key in keys_there_are(list(own)))]
