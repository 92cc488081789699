"""Where a company's own fields are kept: a row for each value, or one JSON document for each customer?

    python benchmarks/fields.py [--customers 1000000] [--fields 4] [--postgres URL]

Makes customers with an owner and so many fields (a figure, a word, a day, a choice), keeps them both ways, and times what
a list asks: the first page in the order of a field, a filter with its count, a field that was added a moment ago. SQLite
is asked by its own driver, PostgreSQL by psycopg; the statements are those that the list sends.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

WORDS = [f"word {number:05d}" for number in range(20_000)]
CHOICES = ["o1", "o2", "o3", "o4", "o5"]
FIGURE, WORD, DAY, CHOICE, NEW = 1, 2, 3, 4, 9


def lives(count: int) -> Iterator[tuple[int, int, list[tuple[int, Any]]]]:
    """(customer, owner, values): four of five have each field."""
    rng = random.Random(4)
    for pk in range(1, count + 1):
        drawn: list[tuple[int, Any]] = [
            (FIGURE, rng.randrange(1, 5000)),
            (WORD, rng.choice(WORDS)),
            (DAY, f"20{rng.randrange(10, 30)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"),
            (CHOICE, rng.choice(CHOICES)),
        ]
        yield pk, rng.randrange(1, 200), [one for one in drawn if rng.random() < 0.8]


COLUMN = {FIGURE: "number", WORD: "text", DAY: "day", CHOICE: "text", NEW: "number"}
TABLES = """
CREATE TABLE customer (id BIGINT PRIMARY KEY, owner BIGINT NOT NULL, own {json} NOT NULL);
CREATE TABLE value (id {serial}, customer_id BIGINT NOT NULL, field_id BIGINT NOT NULL, place SMALLINT NOT NULL,
    text VARCHAR(240), number BIGINT, day {day});
"""
INDEXES = """
CREATE INDEX customer_owner ON customer (owner, id);
CREATE UNIQUE INDEX value_unique ON value (customer_id, field_id, place);
CREATE INDEX value_text ON value (field_id, text, customer_id) WHERE text IS NOT NULL;
CREATE INDEX value_number ON value (field_id, number, customer_id) WHERE number IS NOT NULL;
CREATE INDEX value_day ON value (field_id, day, customer_id) WHERE day IS NOT NULL;
ANALYZE;
"""
ROWS = {
    "first page by a figure": "SELECT c.id, v.number FROM customer c LEFT JOIN value v ON v.customer_id = c.id AND v.field_id = 1"
    " WHERE v.number IS NOT NULL AND v.number <= 9223372036854775807 ORDER BY v.number DESC, c.id DESC LIMIT 51",
    "first page by a figure, of one owner": "SELECT c.id, v.number FROM customer c LEFT JOIN value v ON v.customer_id = c.id"
    " AND v.field_id = 1 WHERE c.owner = 7 AND v.number IS NOT NULL ORDER BY v.number DESC, c.id DESC LIMIT 51",
    "filter by a figure: count": "SELECT COUNT(*) FROM customer c WHERE c.id IN"
    " (SELECT customer_id FROM value WHERE field_id = 1 AND number >= 4900)",
    "filter by a choice: count": "SELECT COUNT(*) FROM customer c WHERE c.id IN"
    " (SELECT customer_id FROM value WHERE field_id = 4 AND text IN ('o2'))",
    "filter by a choice: first page": "SELECT c.id FROM customer c WHERE c.id IN"
    " (SELECT customer_id FROM value WHERE field_id = 4 AND text IN ('o2')) ORDER BY c.id LIMIT 51",
    "filter by a beginning: count": "SELECT COUNT(*) FROM customer c WHERE c.id IN"
    " (SELECT customer_id FROM value WHERE field_id = 2 AND text LIKE 'word 0012%')",
    "a field added a moment ago": "SELECT c.id, v.number FROM customer c LEFT JOIN value v ON v.customer_id = c.id"
    " AND v.field_id = 9 WHERE v.number IS NOT NULL ORDER BY v.number DESC, c.id DESC LIMIT 51",
    "values of fifty customers": "SELECT * FROM value WHERE customer_id BETWEEN 500 AND 549",
}
FIGURE_OF = {
    "sqlite": "CAST(own ->> '$.1' AS INTEGER)",
    "postgres": "((own ->> '1')::bigint)",
}
NEW_OF = {"sqlite": "CAST(own ->> '$.9' AS INTEGER)", "postgres": "((own ->> '9')::bigint)"}
TEXT_OF = {"sqlite": "(own ->> '$.{n}')", "postgres": "(own ->> '{n}')"}


def documents(kind: str) -> dict[str, str]:
    """The same questions of a JSON document with an index on each expression but the one of the field that is new."""
    figure, new = FIGURE_OF[kind], NEW_OF[kind]
    word, choice = (TEXT_OF[kind].format(n=n) for n in (WORD, CHOICE))
    return {
        "first page by a figure": f"SELECT id, {figure} FROM customer WHERE {figure} IS NOT NULL"
        f" ORDER BY {figure} DESC, id DESC LIMIT 51",
        "first page by a figure, of one owner": f"SELECT id, {figure} FROM customer WHERE owner = 7 AND {figure} IS NOT NULL"
        f" ORDER BY {figure} DESC, id DESC LIMIT 51",
        "filter by a figure: count": f"SELECT COUNT(*) FROM customer WHERE {figure} >= 4900",
        "filter by a choice: count": f"SELECT COUNT(*) FROM customer WHERE {choice} IN ('o2')",
        "filter by a choice: first page": f"SELECT id FROM customer WHERE {choice} IN ('o2') ORDER BY id LIMIT 51",
        "filter by a beginning: count": f"SELECT COUNT(*) FROM customer WHERE {word} LIKE 'word 0012%'",
        "a field added a moment ago": f"SELECT id, {new} FROM customer WHERE {new} IS NOT NULL"
        f" ORDER BY {new} DESC, id DESC LIMIT 51",
        "values of fifty customers": "SELECT own FROM customer WHERE id BETWEEN 500 AND 549",
    }


def timed(ask: Callable[[str], Any], statements: dict[str, str]) -> dict[str, float]:
    found = {}
    for name, sql in statements.items():
        spent = []
        for _ in range(5):
            start = time.perf_counter()
            ask(sql)
            spent.append(time.perf_counter() - start)
        found[name] = median(spent) * 1000
    return found


def of_sqlite(count: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "fields.sqlite3")
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA cache_size = -65536;")
        db.executescript(TABLES.format(json="TEXT", serial="INTEGER PRIMARY KEY", day="DATE"))
        for pk, owner, values in lives(count):
            db.execute("INSERT INTO customer VALUES (?, ?, ?)", (pk, owner, json.dumps(dict(values))))
            db.executemany(
                "INSERT INTO value (customer_id, field_id, place, text, number, day) VALUES (?, ?, 0, ?, ?, ?)",
                [
                    (pk, n, *(v if COLUMN[n] == c else None for c in ("text", "number", "day")))
                    for n, v in values
                ],
            )
        db.commit()
        db.executescript(INDEXES)
        rows = timed(lambda sql: db.execute(sql).fetchall(), ROWS)
        start = time.perf_counter()
        db.execute(f"CREATE INDEX own_1 ON customer ({FIGURE_OF['sqlite']}, id)")
        added = (time.perf_counter() - start) * 1000
        for n in (WORD, CHOICE):
            db.execute(f"CREATE INDEX own_{n} ON customer ({TEXT_OF['sqlite'].format(n=n)}, id)")
        db.execute("ANALYZE")
        whole = timed(lambda sql: db.execute(sql).fetchall(), documents("sqlite"))
        db.close()
    return {"rows": rows, "documents": whole | {"adding a field's index, locked": added}}


def of_postgres(count: int, url: str) -> dict[str, dict[str, float]]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP TABLE IF EXISTS value; DROP TABLE IF EXISTS customer")
        db.execute(TABLES.format(json="JSONB", serial="BIGSERIAL PRIMARY KEY", day="DATE"))
        held = list(lives(count))
        with db.cursor().copy("COPY customer FROM STDIN") as copy:
            for pk, owner, values in held:
                copy.write_row((pk, owner, json.dumps(dict(values))))
        with db.cursor().copy(
            "COPY value (customer_id, field_id, place, text, number, day) FROM STDIN"
        ) as copy:
            for pk, _owner, values in held:
                for n, v in values:
                    copy.write_row(
                        (pk, n, 0, *(v if COLUMN[n] == c else None for c in ("text", "number", "day")))
                    )
        db.execute(INDEXES)
        rows = timed(lambda sql: db.execute(sql).fetchall(), ROWS)
        start = time.perf_counter()
        db.execute(f"CREATE INDEX own_1 ON customer ({FIGURE_OF['postgres']}, id)")
        added = (time.perf_counter() - start) * 1000
        for n in (WORD, CHOICE):
            db.execute(f"CREATE INDEX own_{n} ON customer ({TEXT_OF['postgres'].format(n=n)}, id)")
        db.execute("ANALYZE")
        whole = timed(lambda sql: db.execute(sql).fetchall(), documents("postgres"))
    return {"rows": rows, "documents": whole | {"adding a field's index, locked": added}}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--postgres", default="")
    given = asked.parse_args()
    found = {"SQLite": of_sqlite(given.customers)}
    if given.postgres:
        found["PostgreSQL"] = of_postgres(given.customers, given.postgres)
    for database, ways in found.items():
        print(f"\n{database}, {given.customers:,} customers: ms, median of five")
        for name in ways["documents"]:
            row = ways["rows"].get(name)
            print(
                f"  {name:40} {'–' if row is None else f'{row:10.1f}'} rows {ways['documents'][name]:10.1f} documents"
            )


if __name__ == "__main__":
    main()
