"""Who is left alone: a permanent random hold-out that any engine finds again from the customer's id alone.

The point of a customer is the first 52 bits of the MD5 hash of `salt/customer` (UTF-8), a whole number from 0 to 2⁵² - 1.
Arms are stretches of that line in the order given. So a customer's arm depends on nothing but salt and id: not on the other
customers, the order of rows, the day, the machine or the engine. Another salt draws anew and independently. The first arm
only grows when its share does: whoever was held out at 5 % is held out at 10 %.

MD5 is broken as a seal and perfectly good as a die; it is the one hash that DuckDB, Spark, PostgreSQL and Python share.

Source: Kohavi, Tang & Xu (2020), Trustworthy Online Controlled Experiments, chapter 14 (randomisation units).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from liuke.insight.errors import BadTable
from liuke.insight.experiments.trial import TABLE, shares_of
from liuke.insight.kinds import Vector, pa, pc
from liuke.insight.models.columns import read_labels, refuse_repeated_customers

BITS: Final = 52
DIGITS: Final = BITS // 4
POINTS: Final = 2**BITS
HELD_OUT, TREATED = "control", "treated"

_SQL: Final = {
    "duckdb": "CAST('0x' || substr(md5({text}), 1, {digits}) AS BIGINT)",
    "spark": "CAST(conv(substr(md5({text}), 1, {digits}), 16, 10) AS BIGINT)",
    "postgres": "('x' || lpad(substr(md5({text}), 1, {digits}), 16, '0'))::bit(64)::bigint",
}
_TEXT: Final = {"duckdb": "VARCHAR", "spark": "STRING", "postgres": "TEXT"}


def points(customers: Any, *, salt: str) -> Vector:
    """The point of each customer in [0, 2⁵²), int64 (n,).

    `customers` are texts or whole numbers (a number counts as its decimal digits), a sequence or an Arrow array.
    Errors: `BadTable` with the row for a missing id, or for ids that are neither text nor whole numbers; `ValueError` for a
    salt that is empty or holds a slash or control characters.

    Formula: the first 52 bits of MD5(salt/customer), read as a whole number.
    Source: this library's own way, so that every database finds the same point; for hashing see
    the head of this module.
    """
    start = hashlib.md5(f"{checked_salt(salt)}/".encode(), usedforsecurity=False)
    found = np.empty(len(customers), dtype=np.int64)
    for row, text in enumerate(_texts(customers)):
        each = start.copy()
        each.update(text.encode())
        found[row] = int.from_bytes(each.digest()[:7], "big") >> 4
    return found


def assign(customers: Any, *, salt: str, shares: Mapping[str, float]) -> Vector:
    """The arm of each customer by its point, object array (n,), for good.

    `shares` arm -> share, 1 together, in the order in which arms lie on the line. Errors: as `points`, and `ValueError` for
    shares that are not above 0 or don't make 1.

    Formula: the arm in whose part of [0, 2⁵²) the point lies, the parts being as long as the shares. Source: as in `points`.
    """
    ends = _ends(shares)
    names = np.array(list(ends), dtype=object)
    at = np.searchsorted(np.array(list(ends.values())), points(customers, salt=salt), side="right")
    found: Vector = names[at]
    return found


def hold_out(customers: Any, *, salt: str, share: float) -> Vector:
    """Whether each customer is held out, bool (n,); `share` between 0 and 1. Errors: as `assign`.

    Formula: point < share · 2⁵². Source: as in `points`.
    """
    if not 0 < share < 1:
        raise ValueError(f"the share held out must lie between 0 and 1, not {share}")
    held: Vector = assign(customers, salt=salt, shares=_two(share)) == HELD_OUT
    return held


def points_sql(column: str, *, salt: str, dialect: str = "duckdb") -> str:
    """The SQL expression of `points` for a column of text or whole numbers; `dialect` duckdb, spark or postgres.

    Errors: `ValueError` for another dialect or a bad salt. Formula and source: as in `points`.
    """
    if dialect not in _SQL:
        raise ValueError(f"dialect is one of {', '.join(_SQL)}, not {dialect!r}")
    name = f"`{column.replace('`', '``')}`" if dialect == "spark" else '"' + column.replace('"', '""') + '"'
    prefix = checked_salt(salt).replace("'", "''") + "/"
    if dialect == "spark":
        prefix = prefix.replace("\\", "\\\\")
    text = f"'{prefix}' || CAST({name} AS {_TEXT[dialect]})"
    return _SQL[dialect].format(text=text, digits=DIGITS)


def assign_sql(column: str, *, salt: str, shares: Mapping[str, float], dialect: str = "duckdb") -> str:
    """The SQL expression of `assign`: equal to it customer by customer. Errors: as `assign`.

    Returns text: an expression with one arm for each row. Formula and source: as in `points`.
    """
    point = points_sql(column, salt=salt, dialect=dialect)
    *before, last = _ends(shares).items()
    escape = "\\'" if dialect == "spark" else "''"
    cases = "".join(
        f" WHEN {point} < {end} THEN '{str(arm).replace(chr(39), escape)}'" for arm, end in before
    )
    return f"CASE{cases} ELSE '{str(last[0]).replace(chr(39), escape)}' END"


def hold_out_sql(column: str, *, salt: str, share: float, dialect: str = "duckdb") -> str:
    """The SQL condition of `hold_out`. Errors: as `hold_out`.

    Returns text: true or false for each row. Formula: point < share · 2⁵². Source: as in `points`.
    """
    if not 0 < share < 1:
        raise ValueError(f"the share held out must lie between 0 and 1, not {share}")
    return f"{points_sql(column, salt=salt, dialect=dialect)} < {_ends(_two(share))[HELD_OUT]}"


def draw(table: Any, *, salt: str, shares: Mapping[str, float], strata: str | None = None) -> Vector:
    """One drawing with even arms in every stratum, object array (n,): for a single campaign to a fixed list.

    `table` has a column `customer` and, when named, the column of `strata`. Within a stratum customers stand in the order
    of their points and the i-th of m goes where (i + u)/m falls on the line of arms, u in [0, 1) drawn by the stratum's
    name: an arm has its share of the stratum to within one customer, and exactly on average over salts. Unlike `assign`
    it depends on who else is on the list (not on their order). Errors: as `assign`, and `DuplicateCustomer`.

    Source: systematic sampling within strata, Cochran (1977), Sampling Techniques, chapter 8.
    """
    refuse_repeated_customers(table, table_name=TABLE)
    customers = read_labels(table, "customer", table_name=TABLE)
    point = points(customers, salt=salt)
    labels = read_labels(table, strata, table_name=TABLE) if strata else pa.array(["all"] * len(customers))
    coded = pc.dictionary_encode(labels)
    stratum = coded.indices.to_numpy(zero_copy_only=False)
    names = [str(name) for name in coded.dictionary.to_pylist()]
    start = points(pa.array(names, pa.string()), salt=f"{salt} strata") / POINTS
    order = np.lexsort((point, stratum))
    sizes = np.bincount(stratum, minlength=len(names))
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    place = (rank - first[stratum] + start[stratum]) / np.maximum(sizes, 1)[stratum]
    ends = _ends(shares)
    at = np.searchsorted(np.array(list(ends.values())) / POINTS, place, side="right")
    found: Vector = np.array(list(ends), dtype=object)[np.minimum(at, len(ends) - 1)]
    return found


def checked_salt(salt: str) -> str:
    """The salt, or `ValueError`: a slash would make two salts draw alike, control characters get lost on the way."""
    if not salt or not salt.isprintable() or "/" in salt:
        raise ValueError(f"a salt is a printable text without a slash, not {salt!r}")
    return salt


def _two(share: float) -> dict[str, float]:
    return {HELD_OUT: share, TREATED: float(1 - Fraction(str(share)))}


def _ends(shares: Mapping[str, float]) -> dict[str, int]:
    """arm -> the first point that no longer belongs to it; shares reckoned as exact decimals."""
    shares_of(shares)
    total, ends = Fraction(0), {}
    for name, share in shares.items():
        total += Fraction(str(share))
        ends[str(name)] = int(total * POINTS)
    ends[str(name)] = POINTS
    return ends


def _texts(customers: Any) -> list[str]:
    ids = read_labels({"customer": customers}, "customer", table_name=TABLE)
    if not (
        pa.types.is_integer(ids.type) or pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)
    ):
        if len(ids) == 0:
            return []
        problem = f"ids are texts or whole numbers (others look different on every engine), the column holds {ids.type}"
        raise BadTable(problem, table=TABLE, column="customer")
    return [str(each) for each in ids.to_pylist()]
