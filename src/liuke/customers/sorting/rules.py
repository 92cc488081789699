"""A purchase log as typed columns, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from liuke import tabular
from liuke.customers.reading.rules import Choices, Sieve, Styles, code_column, mask, name_column, per_word
from liuke.customers.wording.rules import Mark, mark
from liuke.tabular.arrow import Array, Batch, Kind, Table, compute, pa

NUMBER_LIMIT: Final = 58  # of an order's number as read; two more are for the entry that takes it back
PRODUCT_CODE_LIMIT: Final = 60
CUSTOMER_LIMIT: Final = 40
CUSTOMER_NAME_LIMIT: Final = 120
NAME_LIMIT: Final = 200
CHANNEL_LIMIT: Final = 40

Bits: TypeAlias = npt.NDArray[np.uint64]


def product_code(text: str) -> str:
    """A code as it is; a name that stands in for one as far as a code goes, told apart by its end."""
    if len(text) <= PRODUCT_CODE_LIMIT:
        return text
    return f"{text[: PRODUCT_CODE_LIMIT - 17]}-{blake2b(text.encode(), digest_size=8).hexdigest()}"


_ABSENT: Final = -(2**62)  # no amount that can be kept


def fingerprints(product: Array, *numbers: Array) -> Array:
    """64 bits per line that depend on nothing but the values: kept with each order, so they outlive any library."""
    coded = compute.fill_null(product, "").dictionary_encode()
    words = [
        int.from_bytes(blake2b(w.encode(), digest_size=8).digest()) for w in coded.dictionary.to_pylist()
    ]
    mixed = np.array(words, dtype=np.uint64)[coded.indices.to_numpy()]
    for column in numbers:
        value = compute.fill_null(column, _ABSENT).to_numpy(zero_copy_only=False).view(np.uint64)
        mixed = _stirred(mixed ^ _stirred(value))
    found: Array = pa.array(mixed)
    return found


def _stirred(bits: Bits) -> Bits:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): every bit in moves half the bits out."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


LINES: Final = pa.schema(
    [
        ("row", pa.int64()),
        ("number", pa.string()),
        ("customer", pa.string()),
        ("customer_name", pa.string()),
        ("country", pa.string()),
        ("instant", pa.int64()),  # microseconds since 1970, UTC
        ("day", pa.date32()),  # in the file's zone
        ("currency", pa.string()),
        ("channel", pa.string()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("category", pa.string()),
        ("quantity", pa.int64()),  # thousandths
        ("amount", pa.int64()),  # minor units
        ("cost", pa.int64()),
        ("mark", pa.string()),  # the type of the entry: refund, cancellation
        ("off", pa.string()),  # the state of the order: refunded, cancelled
        ("reverses", pa.string()),
        ("priced", pa.int64()),  # price times quantity, where the file has an amount as well
        ("content", pa.uint64()),  # a fingerprint of product, quantity, amount and cost
    ]
)

BROKEN: Final = pa.schema([LINES.field(name) for name in ("row", "number", "customer", "currency")])


class PurchaseBatch:
    """One batch of a purchase log, column by column."""

    def __init__(self, batch: Batch, columns: Mapping[str, str], styles: Styles, choices: Choices) -> None:
        self._batch, self._columns, self._styles, self._choices = batch, columns, styles, choices
        self.sieve = Sieve(batch.column(tabular.ROW))
        self.broken: Table = BROKEN.empty_table()  # wrong rows, as far as they say of which order they are

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def lines(self) -> Table:
        """The rows that can be used, typed; what can't is in the sieve."""
        currency = self._currency()
        at = self._at()
        quantity, amount, priced = self._quantity_and_amount(currency)
        cost = self._amount("cost", currency)
        wall = compute.local_timestamp(compute.cast(at, pa.timestamp("us", tz=self._choices.zone)))
        code, name = self._code("product_code", PRODUCT_CODE_LIMIT), self._name("product_name", NAME_LIMIT)
        columns = {
            "row": compute.cast(self._batch.column(tabular.ROW), pa.int64()),
            "number": self._code("order_number", NUMBER_LIMIT),
            "customer": self._customer(),
            "customer_name": self._name("customer_name", CUSTOMER_NAME_LIMIT),
            "country": self._name("country", 80),
            "instant": compute.cast(at, pa.int64()),
            "day": compute.cast(wall, pa.date32()),
            "currency": currency,
            "channel": self._name("channel", CHANNEL_LIMIT),
            "code": per_word(compute.coalesce(code, name), product_code),
            "name": name,
            "category": self._name("category", 80),
            "quantity": quantity,
            "amount": amount,
            "cost": cost,
            "mark": self._mark("kind"),
            "off": self._mark("status"),
            "reverses": self._code("reverses", NUMBER_LIMIT),
        }
        columns["priced"] = priced
        columns["content"] = fingerprints(columns["code"], quantity, amount, cost)
        table: Table = pa.Table.from_pydict(columns, schema=LINES)
        if not self.sieve.bad.any():
            return table
        self.broken = self._broken(table)
        used: Table = table.filter(pa.array(~self.sieve.bad))
        return used

    def _broken(self, table: Table) -> Table:
        """The wrong rows; a currency that can't be read is none, not the company's."""
        rows = table.select(BROKEN.names)
        unread = self.sieve.refused(self._columns.get("currency", ""))
        place = rows.column_names.index("currency")
        named = compute.if_else(pa.array(~unread), rows["currency"], pa.scalar(None, pa.string()))
        broken: Table = rows.set_column(place, "currency", named).filter(pa.array(self.sieve.bad))
        return broken

    def _raw(self, name: str) -> Array | None:
        return self._batch.column(self._columns[name]) if name in self._columns else None

    def _nothing(self, kind: Kind) -> Array:
        nothing: Array = pa.nulls(len(self), kind)
        return nothing

    def _all(self, text: str) -> Array:
        same: Array = pa.array(np.full(len(self), text, dtype=object), pa.string())
        return same

    def _code(self, name: str, limit: int) -> Array:
        values = self._raw(name)
        if values is None:
            return self._nothing(pa.string())
        whole = self._styles.whole_floats.get(name, False)
        return code_column(self.sieve, values, column=self._columns[name], limit=limit, whole_floats=whole)

    def _name(self, name: str, limit: int) -> Array:
        values = self._raw(name)
        return (
            self._nothing(pa.string())
            if values is None
            else name_column(self.sieve, values, column=self._columns[name], limit=limit)
        )

    def _mark(self, name: str) -> Array:
        values = self._raw(name)
        if values is None:
            return self._nothing(pa.string())
        return per_word(values, lambda word: found.value if isinstance(found := mark(word), Mark) else None)

    def _customer(self) -> Array:
        if "customer" in self._columns:
            return self._code("customer", CUSTOMER_LIMIT)
        # A log that knows names only: as long as it is sorted, the name is what a customer is known by.
        return self._name("customer_name", CUSTOMER_NAME_LIMIT)

    def _currency(self) -> Array:
        values = self._raw("currency")
        if values is None:
            return self._all(self._choices.currency)
        parsed = self.sieve.keep(
            tabular.parse_currency(values), column=self._columns["currency"], originals=values
        )
        named: Array = compute.fill_null(parsed, pa.scalar(self._choices.currency, pa.string()))
        return named

    def _at(self) -> Array:
        values = self._raw("at")
        assert values is not None  # the matching refuses a log without a date  # noqa: S101
        style, choices = self._styles.dates.get("at"), self._choices
        parsed = tabular.parse_instant(
            values,
            zone=choices.zone,
            style=style,
            order=choices.date_order,
            epoch=choices.epoch,
            latest=choices.latest,
        )
        at = self.sieve.keep(parsed, column=self._columns["at"], originals=values)
        self._require(at, "at")
        return at

    def _require(self, values: Array, *names: str, after: Sequence[str] = ()) -> None:
        """`after` are fields without which this one can't be worked out: their fault is the one to tell."""
        name = next((n for n in names if n in self._columns), names[0])
        column = self._columns.get(name, name)
        blank = mask(compute.is_null(values))
        self.sieve.reject(
            blank, "blank_required", column=column, originals=None, after=self._named(*names, *after)
        )

    def _named(self, *fields: str) -> list[str]:
        return [self._columns[name] for name in fields if name in self._columns]

    def _amount(self, name: str, currency: Array) -> Array:
        values = self._raw(name)
        if values is None:
            return self._nothing(pa.int64())
        parsed = tabular.parse_amount(
            values, currency=self._one(currency), style=self._styles.numbers.get(name)
        )
        return self.sieve.keep(
            parsed, column=self._columns[name], originals=values, after=self._named("currency")
        )

    def _one(self, currency: Array) -> str | Array:
        return currency if "currency" in self._columns else self._choices.currency

    def _quantity_and_amount(self, currency: Array) -> tuple[Array, Array, Array]:
        counted = self._quantity()
        given = self._amount("amount", currency)
        priced = self._priced(counted, currency)
        amount = compute.coalesce(given, priced)
        if "unit_price" in self._columns and "amount" not in self._columns:
            self._require(self._batch.column(self._columns["unit_price"]), "unit_price")
            self._require(counted, "quantity")
        self._require(amount, "amount", "unit_price", after=("quantity", "currency"))
        thousandths = tabular.unscaled(counted) if counted.type != pa.int64() else counted
        sign = compute.if_else(compute.less(amount, 0), -1000, 1000)
        quantity = compute.coalesce(thousandths, compute.cast(sign, pa.int64()))
        taken_back = compute.and_(
            compute.and_(compute.less(quantity, 0), compute.greater(amount, 0)), compute.is_valid(given)
        )
        signed = compute.if_else(compute.fill_null(taken_back, False), compute.negate(amount), amount)
        both = "amount" in self._columns and "unit_price" in self._columns
        return quantity, signed, priced if both else self._nothing(pa.int64())

    def _quantity(self) -> Array:
        values = self._raw("quantity")
        if values is None:
            return self._nothing(pa.decimal128(18, 3))
        parsed = tabular.parse_quantity(values, style=self._styles.numbers.get("quantity"))
        return self.sieve.keep(parsed, column=self._columns["quantity"], originals=values)

    def _priced(self, counted: Array, currency: Array) -> Array:
        values = self._raw("unit_price")
        if values is None:
            return self._nothing(pa.int64())
        one = self._choices.currency if "currency" not in self._columns else None
        parsed = tabular.parse_price(values, currency=one, style=self._styles.numbers.get("unit_price"))
        column = self._columns["unit_price"]
        price = self.sieve.keep(parsed, column=column, originals=values)
        total = self._nothing(pa.int64())
        for code in compute.unique(currency).to_pylist():
            if code not in tabular.DECIMALS:
                continue
            product = tabular.multiply_amount(price, counted, currency=code)
            here = compute.fill_null(compute.equal(currency, code), False)
            after = self._named("quantity", "currency")
            values_here = self.sieve.keep(product, column=column, originals=values, after=after)
            total = values_here if one else compute.if_else(here, values_here, total)
        return total
