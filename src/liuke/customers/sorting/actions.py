"""Purchase lines into orders with a digest each, columnar: DuckDB does the work, Arrow files below one folder keep it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from pyarrow import ipc

from liuke import tabular
from liuke.customers.reading.actions import Progress, Spool, columns_of
from liuke.customers.reading.rules import ROWS_TOLD, WRONG, Told
from liuke.customers.sorting.rules import BROKEN, LINES, PurchaseBatch
from liuke.customers.spelling.rules import fold
from liuke.customers.wording.rules import is_charge
from liuke.tabular.arrow import Table, compute, pa

MEMORY: Final = "2GB"  # beyond it DuckDB goes to the disk, beside the stage
WRONG_TABLE: Final = (
    "CREATE TABLE wrong(row BIGINT, field VARCHAR, code VARCHAR, value VARCHAR, params VARCHAR)"
)


@contextmanager
def workbench(folder: Path, memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own, in memory as long as it fits."""
    bench = duckdb.connect(
        config={
            "memory_limit": memory,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        bench.execute("SET enable_progress_bar = false")
        yield bench
    finally:
        bench.close()


def keep(table: Table, path: Path) -> None:
    """An Arrow file that can be mapped into memory and sliced at any row without reading the rest."""
    with ipc.new_file(str(path), table.schema) as out:
        out.write_table(table, max_chunksize=1 << 16)


class Pages:
    """A file of record batches that is read a batch at a time, whatever its size."""

    def __init__(self, path: Path, sizes: Sequence[int]) -> None:
        """`sizes` are the rows of each batch: to ask the file for them would be to read it."""
        self._reader = ipc.open_file(pa.OSFile(str(path), "rb"))
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._open: tuple[int, Any] = (-1, None)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def rows(self, places: Sequence[int], columns: Sequence[str]) -> list[dict[str, Any]]:
        """These rows, which come in the order of the file."""
        wanted = np.asarray(places, dtype=np.int64)
        which = np.searchsorted(self._starts, wanted, side="right") - 1
        found: list[dict[str, Any]] = []
        for number in np.unique(which):
            batch = self._batch(int(number)).select(columns)
            found += batch.take(pa.array(wanted[which == number] - self._starts[number])).to_pylist()
        return found

    def _batch(self, number: int) -> Any:
        if self._open[0] != number:
            self._open = (number, self._reader.get_batch(number))
        return self._open[1]


def kept(path: Path) -> Table:
    table: Table = ipc.open_file(pa.memory_map(str(path), "r")).read_all()
    return table


def values(table: Table, column: str) -> list[Any]:
    return list(table[column].to_pylist())


def fetch(bench: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> Table:
    table: Table = bench.sql(query, params=parameters or []).to_arrow_table()
    return table


def sort_purchases(found: Spool, folder: Path, progress: Progress) -> dict[str, int]:
    """Leaves orders, lines, products, customers and what stays out in `folder`, and which columns they came from."""
    (folder / "fields.json").write_text(json.dumps(dict(found.columns)))
    with workbench(folder) as bench:
        bench.execute(WRONG_TABLE)
        broken: list[Table] = [BROKEN.empty_table()]
        _pour(bench, _lines(found, progress, broken))
        _one_spelling(bench, found)
        _take_out_broken(bench, pa.concat_tables(broken), found)
        _repeated(bench, found)
        _part_totals(bench, found)
        _number(bench, found.choices.currency)
        _part_reversals(bench)
        _products(bench)
        bench.execute(_ORDERS)
        _write(bench, folder)
        _remark(bench, found)
        wrong = keep_wrong(found, folder, bench)
        return {"rejected": wrong, "orders": kept(folder / "orders.arrow").num_rows}


def _lines(found: Spool, progress: Progress, broken: list[Table]) -> Iterator[Table]:
    done = 0
    for batch in found.batches():
        one = PurchaseBatch(batch, found.columns, found.styles, found.choices)
        yield one.lines()
        found.wrong.extend(one.sieve.wrong)
        found.tell(one.sieve.told)
        broken.append(one.broken)
        done += batch.num_rows
        progress(done, found.rows, "checking")
    yield pa.Table.from_pylist([], schema=LINES)


def keep_wrong(found: Spool, folder: Path, bench: duckdb.DuckDBPyConnection) -> int:
    """Writes all rows that stay out, those of the table `wrong` too, in the order of the file; how many there are."""
    for table in found.wrong:
        bench.register("incoming", table)
        bench.execute("INSERT INTO wrong SELECT * FROM incoming")
        bench.unregister("incoming")
    table = fetch(bench, "SELECT * FROM wrong ORDER BY row, field, code")
    keep(table, folder / "wrong.arrow")
    return int(compute.count_distinct(table["row"]).as_py())


def _pour(bench: duckdb.DuckDBPyConnection, lines: Iterable[Table]) -> None:
    """By the half million, so that DuckDB takes them in on all cores."""
    verb = "CREATE TABLE lines AS"
    for tables in _grouped(lines, 500_000):
        bench.register("incoming", pa.concat_tables(tables))
        bench.execute(f"{verb} SELECT * FROM incoming")  # noqa: S608 - one of two verbs
        bench.unregister("incoming")
        verb = "INSERT INTO lines"


def _grouped(lines: Iterable[Table], rows: int) -> Iterator[list[Table]]:
    group: list[Table] = []
    for table in lines:
        group.append(table)
        if sum(t.num_rows for t in group) >= rows:
            yield group
            group = []
    if group:
        yield group


def _take_out_broken(bench: duckdb.DuckDBPyConnection, broken: Table, found: Spool) -> None:
    """An order of which a row is wrong stays out with all its rows: its total would be one that nobody ever agreed to.

    Wrong is also a row that names another customer or currency than the order's first. A row that could not be cut into
    cells is of the order whose number stands where the column of the numbers is.
    """
    column = found.columns.get("order_number")
    if column is None:
        return
    bench.register("incoming", broken)
    bench.execute("CREATE TABLE held AS SELECT * FROM incoming WHERE number IS NOT NULL")
    bench.unregister("incoming")
    _find_strangers(bench, found.columns)
    bench.register("uncut", pa.concat_tables([WRONG.empty_table(), *found.wrong]))
    bench.execute(
        r"""
        CREATE TABLE broken AS
        WITH known AS (
            SELECT number, row FROM held
            UNION ALL
            SELECT number, row FROM strangers
            UNION ALL
            SELECT trim(regexp_split_to_array(json_extract_string(params, '$.raw'), '[,;|\t]')[$place], ' "'), row
            FROM uncut WHERE contains(params, '"raw"'))
        SELECT number, min(row) AS wrong_row FROM known WHERE number IS NOT NULL GROUP BY number
        """,
        {"place": [name for name in columns_of(found.path) if name != tabular.ROW].index(column) + 1},
    )
    bench.unregister("uncut")
    bench.execute(
        """
        INSERT INTO wrong
        SELECT row, $column, 'order_incomplete', number, json_object('number', number, 'wrong_row', wrong_row)
        FROM lines JOIN broken USING (number) WHERE row NOT IN (SELECT row FROM strangers)
        """,
        {"column": column},
    )
    bench.execute("DELETE FROM lines WHERE number IN (SELECT number FROM broken)")


def _find_strangers(bench: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """An order has one customer and one currency: those of its first row. Rows that name others are told so, those with
    another fault as well.
    """
    spelt = "customer" if "customer" in columns else "NULL"  # a name in a wrong row may be spelt otherwise
    bench.execute(
        f"""
        CREATE VIEW of_orders AS
        SELECT row, number, customer, currency FROM lines WHERE number IS NOT NULL
        UNION ALL SELECT row, number, {spelt}, currency FROM held;
        CREATE TABLE torn AS SELECT number FROM of_orders GROUP BY number
        HAVING min(customer) IS DISTINCT FROM max(customer) OR min(currency) <> max(currency);
        CREATE TABLE strangers (row BIGINT, number VARCHAR)
        """  # noqa: S608 - one of two words
    )
    for field, code in (("customer", "order_of_two_customers"), ("currency", "order_of_two_currencies")):
        bench.execute(
            f"""
            CREATE OR REPLACE TABLE others AS
            WITH heads AS (SELECT number, arg_min({field}, row) AS kept, min(row) AS first_row
                           FROM of_orders SEMI JOIN torn USING (number) WHERE {field} IS NOT NULL GROUP BY number)
            SELECT o.row, o.number, o.{field} AS value, h.kept, h.first_row
            FROM of_orders o JOIN heads h USING (number) WHERE o.{field} <> h.kept
            """  # noqa: S608 - the two names above
        )
        bench.execute(
            """
            INSERT INTO wrong
            SELECT row, $column, $code, value, json_object('number', number, 'first', kept, 'first_row', first_row)
            FROM others
            """,
            {"column": columns.get(field, field), "code": code},
        )
        bench.execute("INSERT INTO strangers SELECT row, number FROM others")


def _one_spelling(bench: duckdb.DuckDBPyConnection, found: Spool) -> None:
    """Where names tell customers apart, one that is spelt in two ways (case, width, script) is one customer."""
    if "customer" in found.columns:
        return
    names = fetch(
        bench,
        "SELECT customer, min(row) AS first FROM lines WHERE customer IS NOT NULL GROUP BY customer ORDER BY first",
    )
    first: dict[str, str] = {}
    other = [
        (name, kept)
        for name in values(names, "customer")
        if (kept := first.setdefault(fold(name), name)) != name
    ]
    if not other:
        return
    bench.register("incoming", pa.table({"other": [o for o, _ in other], "kept": [k for _, k in other]}))
    bench.execute("UPDATE lines SET customer = kept FROM incoming WHERE customer = other")
    bench.unregister("incoming")


def _repeated(bench: duckdb.DuckDBPyConnection, found: Spool) -> None:
    """Rows that say the same as another row of their order stay: a shop may sell one thing twice. But they are told."""
    pairs = fetch(bench, _REPEATED).to_pylist()
    if pairs:
        shown = "; ".join(f"{pair['row']} = {pair['first']}" for pair in pairs[:ROWS_TOLD])
        shown += "…" if len(pairs) > ROWS_TOLD else ""
        found.tell({"row_repeated": Told(len(pairs), params={"pairs": shown})})


# The fingerprint finds the few that may be the same; those are compared cell by cell.
_REPEATED: Final = """
    WITH alike AS (SELECT number, instant, content FROM lines WHERE number IS NOT NULL GROUP BY ALL HAVING count(*) > 1),
    numbered AS (
        SELECT row, min(row) OVER (PARTITION BY number, instant, content, customer, customer_name, country, currency, channel,
                                   code, name, category, quantity, amount, cost, mark, off, reverses, priced) AS first
        FROM lines SEMI JOIN alike USING (number, instant, content))
    SELECT row, first FROM numbered WHERE row <> first ORDER BY row
"""


def _part_totals(bench: duckdb.DuckDBPyConnection, found: Spool) -> None:
    """Many systems write the order's total beside each of its lines. Where prices show that, the total is shared out.

    A line gets its part by price and quantity; what rounding leaves goes to the order's first line.
    """
    if not {"amount", "unit_price", "quantity", "order_number"} <= found.columns.keys():
        return
    seen = fetch(
        bench,
        """
        WITH orders AS (
            SELECT count(*) AS lines, min(amount) = max(amount) AS same, min(amount) AS total, sum(priced) AS priced,
                   count(*) FILTER (WHERE abs(amount - priced) <= 1) AS fitting
            FROM lines WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1)
        SELECT count(*) AS orders, count(*) FILTER (WHERE fitting = lines) AS fitting,
               count(*) FILTER (WHERE same AND fitting < lines AND total > 0 AND priced > 0 AND total <= priced * 1.2
                                AND total >= priced * 0.3) AS totals
        FROM orders
        """,
    ).to_pylist()[0]
    if not seen["totals"] or seen["totals"] < 4 * seen["fitting"] or seen["totals"] < 0.8 * seen["orders"]:
        return
    bench.execute(
        """
        CREATE TABLE shared AS
        WITH parts AS (
            SELECT row, number, amount AS total, sum(priced) OVER o AS priced_total, row = min(row) OVER o AS is_first,
                   (priced::HUGEINT * amount // nullif(sum(priced) OVER o, 0))::BIGINT AS part
            FROM lines WHERE number IS NOT NULL AND priced IS NOT NULL
            WINDOW o AS (PARTITION BY number))
        SELECT row, part + CASE WHEN is_first THEN total - sum(part) OVER (PARTITION BY number) ELSE 0 END AS amount
        FROM parts WHERE priced_total <> 0 AND number IN
            (SELECT number FROM lines GROUP BY number HAVING count(*) > 1 AND min(amount) = max(amount))
        """
    )
    bench.execute("UPDATE lines SET amount = shared.amount FROM shared WHERE shared.row = lines.row")
    found.tell({"amount_is_total": Told(seen["totals"], found.columns["amount"])})


def _number(bench: duckdb.DuckDBPyConnection, currency: str) -> None:
    """A line without an order number belongs to the order of its customer, day, channel and foreign currency.

    The number says just that, so the same lines get the same one whichever file they come in.
    """
    if not fetch(bench, "SELECT 1 FROM lines WHERE number IS NULL LIMIT 1").num_rows:
        bench.execute("CREATE VIEW numbered AS SELECT *, false AS unnumbered, false AS copied FROM lines")
        return
    bench.execute(
        """
        CREATE TABLE numbered AS
        WITH spoken AS (
            SELECT *, concat_ws('-', strftime(day, '%Y%m%d'), customer, channel,
                                CASE WHEN currency <> $currency THEN currency END) AS made
            FROM lines)
        SELECT * EXCLUDE (made, number), number IS NULL AS unnumbered, false AS copied,
               coalesce(number, CASE WHEN length(made) <= 58 THEN made
                                     ELSE substr(made, 1, 41) || '-' || substr(md5(made), 1, 16) END) AS number
        FROM spoken
        """,
        {"currency": currency},
    )


def _part_reversals(bench: duckdb.DuckDBPyConnection) -> None:
    """Lines whose type says return or cancellation are negative. Under the number of an order they are an entry of
    their own (R, X) that takes it back; so is the negative copy of lines whose order was called off by its state.
    """
    if not fetch(bench, "SELECT 1 FROM numbered WHERE mark IS NOT NULL OR off IS NOT NULL LIMIT 1").num_rows:
        bench.execute("CREATE VIEW parted AS SELECT * FROM numbered")
        return
    bench.execute(
        """
        CREATE TABLE parted AS
        WITH plain AS (SELECT DISTINCT number FROM numbered WHERE mark IS NULL),
        marked AS (
            SELECT n.*, p.number IS NOT NULL AS beside_order, CASE n.mark WHEN 'refund' THEN '-R' ELSE '-X' END AS suffix
            FROM numbered n LEFT JOIN plain p USING (number) WHERE n.mark IS NOT NULL)
        SELECT * FROM numbered WHERE mark IS NULL
        UNION ALL BY NAME
        SELECT * EXCLUDE (suffix, beside_order) REPLACE (
            CASE WHEN beside_order THEN number || suffix ELSE number END AS number,
            -abs(quantity) AS quantity, -abs(amount) AS amount, -abs(cost) AS cost,
            CASE WHEN beside_order THEN number ELSE reverses END AS reverses)
        FROM marked
        UNION ALL BY NAME
        SELECT * REPLACE (
            number || CASE off WHEN 'refund' THEN '-R' ELSE '-X' END AS number,
            -quantity AS quantity, -amount AS amount, -cost AS cost, off AS mark, number AS reverses, true AS copied)
        FROM numbered WHERE mark IS NULL AND off IS NOT NULL AND amount > 0
        """
    )


def _products(bench: duckdb.DuckDBPyConnection) -> None:
    """Each product once, under the name it bears most often; the first of equals, so that the answer never varies."""
    products = fetch(
        bench,
        """
        WITH named AS (SELECT code, name, category, count(*) AS times, min(row) AS first_row
                       FROM parted WHERE code IS NOT NULL GROUP BY ALL)
        SELECT code, coalesce(arg_max(name, (times, -first_row)), '') AS name,
               coalesce(arg_max(category, (times, -first_row)), '') AS category, min(first_row) AS first_row
        FROM named GROUP BY code ORDER BY first_row
        """,
    )
    named = zip(values(products, "code"), values(products, "name"), strict=True)
    kinds = pa.array(["charge" if is_charge(code, name) else "goods" for code, name in named], pa.string())
    place = pa.array(range(products.num_rows), pa.int32())
    bench.register("incoming", products.append_column("kind", kinds).append_column("place", place))
    bench.execute("CREATE TABLE products AS SELECT * FROM incoming")
    bench.unregister("incoming")


_ORDERS: Final = """
    CREATE TABLE orders AS
    WITH typed AS (
        SELECT p.*, coalesce(k.kind, 'goods') = 'goods' AS goods FROM parted p LEFT JOIN products k USING (code)),
    signed AS (  -- goods that money was given back for came back, whatever the sign of the quantity
        SELECT * REPLACE (CASE WHEN goods AND amount < 0 THEN -abs(quantity) ELSE quantity END AS quantity) FROM typed),
    summed AS (
        SELECT number,
               arg_min(customer, row) AS customer, arg_min(customer_name, row) AS customer_name,
               arg_min(country, row) AS country, arg_min(channel, row) AS channel, min(currency) AS currency,
               min(instant) AS instant, min(row) AS first_row, count(*) AS line_count,
               count(*) FILTER (WHERE NOT copied) AS row_count, min(mark) AS mark, min(reverses) AS reverses,
               bool_or(unnumbered) AS unnumbered, count(*) FILTER (WHERE goods) AS goods_lines,
               greatest(count(DISTINCT code) FILTER (WHERE goods), least(count(*) FILTER (WHERE goods), 1)) AS product_count,
               sum(amount)::BIGINT AS amount, coalesce(sum(amount) FILTER (WHERE goods), 0)::BIGINT AS goods_amount,
               coalesce(sum(quantity) FILTER (WHERE goods), 0)::BIGINT AS goods_quantity,
               sum(content) AS content
        FROM signed GROUP BY number),
    numbering AS (  -- C before a number calls an order off, where not all numbers begin so
        SELECT count(*) FILTER (WHERE regexp_matches(number, '^[Cc][0-9]')) * 2 < count(*) AS c_cancels FROM summed),
    judged AS (
        SELECT *, CASE
            WHEN goods_lines = 0 THEN 'charge'
            WHEN mark IS NOT NULL AND amount <= 0 THEN mark
            WHEN c_cancels AND regexp_matches(number, '^[Cc][0-9]') AND amount <= 0 AND (goods_quantity < 0 OR amount < 0)
                THEN 'cancellation'
            WHEN amount < 0 THEN 'refund'
            WHEN amount = 0 AND goods_quantity < 0 AND customer IS NOT NULL THEN 'refund'
            WHEN goods_quantity < 0 THEN 'charge'  -- written off, or more charges than came back: nothing was bought
            ELSE 'order' END AS kind
        FROM summed, numbering)
    SELECT (row_number() OVER (ORDER BY instant, first_row, number) - 1)::BIGINT AS place, number, kind, customer,
           customer_name, country, coalesce(channel, '') AS channel, currency, instant, amount, goods_amount, line_count,
           row_count, product_count,
           CASE WHEN reverses <> number THEN reverses END AS reverses, unnumbered, first_row,
           unhex(md5(concat_ws('|', kind, coalesce(customer, ''), instant, currency, coalesce(channel, ''),
                               coalesce(reverses, ''), line_count, content))) AS digest
    FROM judged
"""


def _remark(bench: duckdb.DuckDBPyConnection, found: Spool) -> None:
    if "customer" in found.columns:
        _remark_names(bench, found)
    nobody = fetch(bench, "SELECT row FROM parted WHERE customer IS NULL AND NOT copied ORDER BY row")
    if rows := values(nobody, "row"):
        column = found.columns.get("customer") or found.columns.get("customer_name", "")
        found.tell({"customer_blank": Told(len(rows), column, [], rows[:ROWS_TOLD])})
    _remark_dates(bench, found)
    unnumbered = fetch(bench, "SELECT count(*) AS rows FROM parted WHERE unnumbered AND NOT copied")
    if count := values(unnumbered, "rows")[0]:
        found.tell({"unnumbered_rows": Told(count)})


def _remark_dates(bench: duckdb.DuckDBPyConnection, found: Spool) -> None:
    """An order has one day. Where its rows name two it gets the earlier one, and that is told."""
    several = fetch(
        bench,
        """
        SELECT number, arg_min(row, (day, row)) AS kept, arg_max(row, (day, -row)) AS other
        FROM parted WHERE NOT copied GROUP BY number HAVING min(day) < max(day) ORDER BY min(row)
        """,
    )
    if several.num_rows:
        first = several.slice(0, ROWS_TOLD).to_pylist()
        shown = "; ".join(f"{one['number']}: {one['kept']}, {one['other']}" for one in first)
        shown += "…" if several.num_rows > ROWS_TOLD else ""
        found.tell(
            {"order_of_two_dates": Told(several.num_rows, found.columns["at"], params={"pairs": shown})}
        )


def _remark_names(bench: duckdb.DuckDBPyConnection, found: Spool) -> None:
    """A column of customer numbers that holds names is not taken without a word."""
    numbers = fetch(
        bench, "SELECT DISTINCT customer FROM parted WHERE customer IS NOT NULL ORDER BY customer LIMIT 200"
    )
    examples = values(numbers, "customer")
    if tabular.are_names(examples):
        found.tell({"numbers_like_names": Told(len(examples), found.columns["customer"], examples[:3])})


_SORTED: Final = """
    SELECT o.place, p.row, k.place AS product,
           CASE WHEN coalesce(k.kind, 'goods') = 'goods' AND p.amount < 0 THEN -abs(p.quantity) ELSE p.quantity END AS quantity,
           p.amount, p.cost
    FROM parted p JOIN orders o USING (number) LEFT JOIN products k ON k.code = p.code
    ORDER BY o.place, p.row
"""


def _write(bench: duckdb.DuckDBPyConnection, folder: Path) -> None:
    orders = "SELECT *, (sum(line_count) OVER (ORDER BY place) - line_count)::BIGINT AS first_line FROM orders ORDER BY place"
    keep(fetch(bench, orders), folder / "orders.arrow")
    keep(fetch(bench, _SORTED), folder / "lines.arrow")
    keep(
        fetch(bench, "SELECT code, name, kind, category FROM products ORDER BY place"),
        folder / "products.arrow",
    )
    customers = """
        SELECT customer AS number, coalesce(arg_min(customer_name, first_row), customer) AS name,
               arg_min(country, first_row) AS country
        FROM orders WHERE customer IS NOT NULL GROUP BY customer ORDER BY min(place)
    """
    keep(fetch(bench, customers), folder / "customers.arrow")
