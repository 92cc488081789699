"""How a file of customers or purchases is read: its fields, what the person chose, and the rows that can't be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np

from liuke import tabular
from liuke.customers.fields.rules import Definition
from liuke.tabular import Field, Kind, Parsed, Problem, Severity
from liuke.tabular.arrow import Array, Batch, Booleans, Table, compute, pa, words

EXAMPLES: Final = 3  # values that a remark repeats
ROWS_TOLD: Final = 5  # rows that a remark names
LONGEST_TEXT: Final = 10_000  # a name is cut at its limit; more than this is no name


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_KIND = Field(
    "kind",
    _words(
        "单据类型 业务类型 交易类型 订单类型 销售类型 单据种类 出入库类型 收支类型 transaction_type order_type document_type "
        "record_type sale_type entry_type type_of_transaction"
    ),
    vague=("类型", "type", "kind"),
)
_STATUS = Field(
    "status",
    _words(
        "订单状态 交易状态 单据状态 付款状态 支付状态 退款状态 售后状态 order_status payment_status financial_status "
        "transaction_status invoice_status"
    ),
    vague=("状态", "status", "state"),
)
_REVERSES = Field(
    "reverses",
    _words(
        "原订单号 原订单编号 原单号 原单据号 原单据编号 关联订单号 关联单号 退货原单号 original_order original_order_number "
        "original_invoice reversed_order refund_of return_of related_order"
    ),
    Kind.CODE,
)

FURTHER: Final = (2, 3, 4)  # persons of a customer beside the first, each with columns of his own


def _further(n: int) -> tuple[Field, ...]:
    """联系人2, 职务2, 电话2, 邮箱2 and how else such columns are called."""
    return (
        Field(
            f"contact_name_{n}",
            _words(f"联系人{n} 联系人姓名{n} 联系人{n}姓名 contact_{n} contact_name_{n} contact_person_{n}"),
            Kind.NAME,
        ),
        Field(
            f"title_{n}",
            _words(f"职务{n} 职位{n} 联系人{n}职务 job_title_{n} position_{n} contact_{n}_title"),
        ),
        Field(
            f"contact_phone_{n}",
            _words(
                f"电话{n} 手机{n} 联系电话{n} 联系人{n}电话 联系人{n}手机 phone_{n} mobile_{n} contact_{n}_phone"
            ),
            Kind.PHONE,
        ),
        Field(f"contact_email_{n}", _words(f"邮箱{n} 联系人{n}邮箱 email_{n} contact_{n}_email"), Kind.EMAIL),
    )


# Records have no birthday and no labels: such columns are shown as going nowhere.
CUSTOMERS: Final[tuple[Field, ...]] = (
    *(
        replace(f, instead=("number",)) if f.name == "name" else f
        for f in tabular.CUSTOMER_FIELDS
        if f.name not in {"birthday", "tags"}
    ),
    Field("scope", _words("客户范围 客户群 客户范围类型 customer_scope customer_group")),
    Field("whatsapp", _words("whatsapp whatsapp号码 whatsapp_number"), Kind.PHONE),
    *(field for n in FURTHER for field in _further(n)),
)
PURCHASES: Final[tuple[Field, ...]] = (
    *tabular.PURCHASE_FIELDS,
    _KIND,
    _STATUS,
    _REVERSES,
)
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {"customers": CUSTOMERS, "purchases": PURCHASES}

_NO_VALUE: Final = ("null", "none", "nan", "nat", "n/a", "na", "#n/a", "-", "--", "—", "\\n", "<na>")


def fields_of(target: str, own: Sequence[Definition] = ()) -> tuple[Field, ...]:
    """The fields that a column can go into: those that all have, and for customers the company's own."""
    if target != "customers":
        return FIELDS[target]
    return (*FIELDS[target], *(Field(one.name, tuple(one.names.values())) for one in own))


_WHOLE_FLOAT: Final = r"^\d+\.0$"
REJECTED: Final = tuple(
    code for code, message in tabular.CODES.items() if message.severity is Severity.REJECTED
)
WRONG: Final = pa.schema(
    [
        ("row", pa.int64()),
        ("field", pa.string()),
        ("code", pa.string()),
        ("value", pa.string()),
        ("params", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person decided about a file beyond its columns."""

    currency: str = "CNY"  # of rows that name none
    zone: str = "Asia/Shanghai"  # of times that name none
    date_order: tabular.Order | None = None
    latest: date = date(2100, 12, 31)
    clear_blanks: bool = False  # a blank cell empties the field instead of leaving it
    epoch: int = 1900
    key: tuple[
        str, ...
    ] = ()  # what customers are recognised by; nothing: number, else telephone or e-mail, else name

    def to_dict(self) -> dict[str, Any]:
        order = self.date_order.value if self.date_order else None
        return {
            "currency": self.currency,
            "zone": self.zone,
            "date_order": order,
            "clear_blanks": self.clear_blanks,
            "key": list(self.key),
        }


@dataclass(slots=True)
class Styles:
    """How a file writes dates and numbers: gathered over all of it before any value is read."""

    dates: dict[str, tabular.DateStyle] = field(default_factory=dict)
    numbers: dict[str, tabular.NumberStyle] = field(default_factory=dict)
    whole_floats: dict[str, bool] = field(default_factory=dict)  # codes written as 17850.0 throughout

    def see(self, batch: Batch, columns: Mapping[str, str], fields: tuple[Field, ...]) -> None:
        rows = batch.column(tabular.ROW)
        for known in fields:
            if known.name not in columns:
                continue
            values = batch.column(columns[known.name])
            if known.kind in {Kind.INSTANT, Kind.DATE}:
                style = tabular.detect_dates(values, rows=rows)
                self.dates[known.name] = self.dates.get(known.name, tabular.DateStyle()).merge(style)
            elif known.kind in {Kind.AMOUNT, Kind.QUANTITY} and pa.types.is_string(values.type):
                number = tabular.detect_numbers(values, rows=rows)
                self.numbers[known.name] = self.numbers.get(known.name, tabular.NumberStyle()).merge(number)
            elif known.kind is Kind.CODE and pa.types.is_string(values.type):
                self.whole_floats[known.name] = self.whole_floats.get(known.name, True) and _whole_floats(
                    values
                )

    def refusals(self, columns: Mapping[str, str], *, order: tabular.Order | None) -> list[Problem]:
        """Columns that can be read in two ways: a guess would be a wrong date or a thousandfold amount."""
        found: list[Problem] = []
        for name, style in self.dates.items():
            if order is None and (problem := style.problem(columns[name])):
                found.append(problem)
        for name, number in self.numbers.items():
            if problem := number.problem(columns[name]):
                found.append(problem)
        return found


def _whole_floats(values: Array) -> bool:
    text = compute.utf8_trim_whitespace(values)
    plain = compute.match_substring_regex(text, _WHOLE_FLOAT)
    blank = compute.or_(compute.equal(text, ""), compute.is_in(compute.utf8_lower(text), words(*_NO_VALUE)))
    return bool(compute.all(compute.or_(plain, blank)).as_py())


@dataclass(slots=True)
class Told:
    """Values that were noticed and yet taken, or left out without their row."""

    count: int = 0
    column: str = ""
    examples: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # the first of them
    params: dict[str, str | int] = field(default_factory=dict)

    def add(self, later: Told) -> None:
        self.count += later.count
        self.rows = [*self.rows, *later.rows][:ROWS_TOLD]
        self.params |= later.params
        self.column = self.column or later.column
        self.examples = list(dict.fromkeys([*self.examples, *later.examples]))[:EXAMPLES]

    def to_dict(self) -> dict[str, Any]:
        rows = ", ".join(map(str, self.rows)) + ("…" if self.count > len(self.rows) else "")
        params = {"count": self.count, "rows": rows, **self.params}
        return {"field": self.column, "value": ", ".join(self.examples), "params": params}


@dataclass(slots=True)
class Sieve:
    """Keeps back the rows that can't be used, each with all that is wrong with it, and notes the cells that are left out
    of rows that can.
    """

    rows: Array
    bad: Booleans = field(init=False)
    wrong: list[Table] = field(default_factory=list)
    lost: list[Table] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    _refused: dict[str, Booleans] = field(default_factory=dict)  # by column

    def __post_init__(self) -> None:
        self.bad = np.zeros(len(self.rows), dtype=bool)

    def keep(self, parsed: Parsed, *, column: str, originals: Array, after: Sequence[str] = ()) -> Array:
        """The values; rows that the parser refused are noted. `after` as for `reject`."""
        if not parsed.clean:
            refused = compute.fill_null(compute.is_in(parsed.codes, words(*REJECTED)), False)
            for code in compute.unique(parsed.codes).to_pylist():
                if code is None:
                    continue
                here = compute.fill_null(compute.equal(parsed.codes, code), False)
                if tabular.CODES[code].severity is Severity.REJECTED:
                    self.reject(
                        mask(compute.and_(here, refused)),
                        code,
                        column=column,
                        originals=originals,
                        params=parsed.params,
                        after=after,
                    )
                else:
                    self.tell(code, here, column=column, originals=originals)
        return parsed.values

    def tell(self, code: str, where: Array, *, column: str, originals: Array) -> None:
        examples = tabular.as_text(originals.filter(where)).unique().to_pylist()[:EXAMPLES]
        count = int(compute.sum(where).as_py())
        rows = compute.cast(self.rows.filter(where)[:ROWS_TOLD], pa.int64()).to_pylist()
        self.told.setdefault(code, Told()).add(Told(count, column, [e for e in examples if e], rows))

    def tell_where(self, where: Array, code: str, column: str, originals: Array) -> None:
        """Tells it of the chosen rows, if there are any that are used."""
        chosen = compute.and_(compute.fill_null(where, False), pa.array(~self.bad))
        if compute.any(chosen).as_py():
            self.tell(code, chosen, column=column, originals=originals)

    def leave_out(self, where: Booleans, *, told: str, cell: str, column: str, originals: Array) -> None:
        """These cells can't be read and their rows come in without them: `told` once for all, `cell` for each."""
        if where.any():
            self.tell(told, pa.array(where), column=column, originals=originals)
            self.lost.append(self._noted(where, cell, column, originals, None))

    def reject(
        self,
        where: Booleans,
        code: str,
        *,
        column: str,
        originals: Array | None,
        params: Mapping[str, str | int] | None = None,
        after: Sequence[str] = (),
    ) -> None:
        """One fault for each cell, and none that only follows from one in the columns `after`."""
        fresh = where.copy()
        for name in (column, *after):
            fresh &= ~self.refused(name)
        if fresh.any():
            self._refused[column] = self.refused(column) | fresh
            self.bad |= fresh
            self.wrong.append(self._noted(fresh, code, column, originals, params))

    def refused(self, column: str) -> Booleans:
        """The rows whose cell of this column has been refused."""
        return self._refused.get(column, np.zeros(len(self.rows), dtype=bool))

    def _noted(
        self,
        where: Booleans,
        code: str,
        column: str,
        originals: Array | None,
        params: Mapping[str, str | int] | None,
    ) -> Table:
        chosen, count = pa.array(where), int(where.sum())
        values = (
            pa.nulls(count, pa.string()) if originals is None else tabular.as_text(originals.filter(chosen))
        )
        columns = [
            compute.cast(self.rows.filter(chosen), pa.int64()),
            pa.array([column] * count, pa.string()),
            pa.array([code] * count, pa.string()),
            values,
            pa.array([json.dumps(dict(params or {}), ensure_ascii=False)] * count, pa.string()),
        ]
        noted: Table = pa.Table.from_arrays(columns, schema=WRONG)
        return noted


def mask(array: Array) -> Booleans:
    found: Booleans = compute.fill_null(array, False).to_numpy(zero_copy_only=False)
    return found


def code_column(sieve: Sieve, values: Array, *, column: str, limit: int, whole_floats: bool) -> Array:
    """Numbers and keys of things as text: 17850.0 is 17850 where the whole column is written so; NULL is blank."""
    text = sieve.keep(tabular.parse_text(values, limit=limit, one_line=True), column=column, originals=values)
    if whole_floats:
        text = compute.replace_substring_regex(text, r"\.0$", "")
    blank = compute.is_in(compute.utf8_lower(text), words(*_NO_VALUE))
    kept: Array = compute.if_else(compute.fill_null(blank, False), pa.scalar(None, pa.string()), text)
    return kept


def name_column(sieve: Sieve, values: Array, *, column: str, limit: int) -> Array:
    """Names, cut at the limit: nobody mends 3,000 names for being too long."""
    text = sieve.keep(
        tabular.parse_text(values, limit=LONGEST_TEXT, one_line=True), column=column, originals=values
    )
    cut: Array = compute.utf8_slice_codeunits(text, 0, limit)
    return cut


def per_word(values: Array, meaning: Callable[[str], str | None]) -> Array:
    """`meaning` of each distinct text, spread over the column."""
    coded = tabular.as_text(values).dictionary_encode()
    meant = pa.array([None if w is None else meaning(w) for w in coded.dictionary.to_pylist()], pa.string())
    spread: Array = meant.take(coded.indices)
    return spread
