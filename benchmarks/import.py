"""How fast purchases and customers come in, against SQLite's own bulk insert of the very same rows, in one run.

    python benchmarks/import.py [--file PURCHASES] [--map FIELD=COLUMN …] [--rows N] [--customers N] [--undo] [--json]

Without --file a seeded log is made: N lines (default 200,000) in orders of five. Three times are told:
- bare insert, plain table: the file's rows as they are, one executemany in one transaction, no key, no index;
- bare insert, our tables: every row that the import leaves in the database, into the same tables with their keys and
  indexes, one executemany per table in one transaction; what the import adds beyond that is reading, checking,
  matching, resuming and the ledger's reactions;
- the import itself, from the file to the last commit, in portions that survive kill -9.
Then --customers N (default 20,000) invented customers come in; on a busy machine compare processor seconds. `peak_mb` is
the process's largest memory; for that of a customer list alone say --rows 1000 --customers 1000000.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TABLES = [
    "customers_customer", "customers_customersearch", "customers_contact", "customers_contactpoint", "catalog_product",
    "customers_purchase", "customers_purchaseline", "customers_fact", "customers_stagechange",
]  # fmt: skip


def made_log(path: Path, rows: int) -> Path:
    chance = random.Random(20260302)
    with path.open("w", encoding="utf-8") as out:
        out.write("order_no,order_date,customer_id,sku,product_name,quantity,unit_price\n")
        for number in range(rows // 5):
            customer = chance.randint(1, max(1, rows // 60))
            day, minute = chance.randint(1, 28), chance.randint(0, 1439)
            at = f"2025-{chance.randint(1, 12):02d}-{day:02d} {minute // 60:02d}:{minute % 60:02d}"
            for _ in range(5):
                sku = chance.randint(1, 4000)
                price = f"{chance.randint(50, 9000) / 100:.2f}"
                out.write(
                    f"SO{number:07d},{at},K{customer:06d},P{sku:05d},Product {sku},{chance.randint(1, 40)},{price}\n"
                )
    return path


def made_customers(path: Path, rows: int) -> Path:
    chance = random.Random(20260302)
    places, trades = (
        ["杭州", "义乌", "宁波", "上海", "深圳", "广州"],
        ["贸易", "礼品", "进出口", "百货", "实业", "电子"],
    )
    with path.open("w", encoding="utf-8") as out:
        out.write("客户编号,客户名称,客户类型,手机,邮箱,国家,城市,地址,来源,联系人\n")
        for number in range(rows):
            place = chance.choice(places)
            two = "".join(chr(0x4E00 + chance.randint(0, 3000)) for _ in range(2))
            name = f"{place}{two}{chance.choice(trades)}有限公司"
            mobile = f"13{chance.randint(100000000, 999999999)}"
            out.write(
                f"K{number:06d},{name},企业,{mobile},k{number}@example.com,中国,{place},路 {number} 号,展会,王芳\n"
            )
    return path


def raw_rows(path: Path) -> tuple[int, list[tuple[Any, ...]]]:
    import duckdb

    table = duckdb.sql(f"SELECT * FROM '{path}'")
    rows = [
        tuple(v if isinstance(v, int | float | str | None) else str(v) for v in row)
        for row in table.fetchall()
    ]
    return len(table.columns), rows


def bare_plain(folder: Path, width: int, rows: list[tuple[Any, ...]]) -> float:
    with connected(folder / "plain.sqlite3") as db:
        db.execute(f"CREATE TABLE rows ({', '.join(f'c{i}' for i in range(width))})")
        began = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * width)})", rows)
        db.execute("COMMIT")
        return time.perf_counter() - began


def bare_same_tables(folder: Path, filled: Path, empty: Path) -> tuple[int, float]:
    source = sqlite3.connect(filled)
    content = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    names = {table: [c[1] for c in source.execute(f"PRAGMA table_info({table})")] for table in TABLES}
    batches = source.execute("SELECT * FROM customers_importbatch").fetchall()
    files = source.execute("SELECT * FROM platform_storedfile").fetchall()
    source.close()
    target = folder / "same.sqlite3"
    target.write_bytes(empty.read_bytes())
    with connected(target) as db:
        for table, rows in (("platform_storedfile", files), ("customers_importbatch", batches)):
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        began = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            columns = ", ".join(f'"{name}"' for name in names[table])
            db.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names[table]))})",
                content[table],
            )
        db.execute("COMMIT")
        return sum(len(rows) for rows in content.values()), time.perf_counter() - began


class connected:
    """As the product connects."""

    def __init__(self, path: Path) -> None:
        from liuke.config.database import SQLITE_PRAGMAS
        from liuke.customers.lookup.rules import tokens

        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(SQLITE_PRAGMAS)
        self._db.create_function(
            "liuke_threes", 1, tokens, deterministic=True
        )  # the search index's triggers ask for it

    def __enter__(self) -> sqlite3.Connection:
        return self._db

    def __exit__(self, *_: object) -> None:
        self._db.close()


def bring_in(path: Path, target: str, mapping: dict[str, str | None]) -> tuple[Any, float, float]:
    from django.utils import timezone

    from liuke.customers.imports.actions import choose, run, upload

    began, cpu = time.perf_counter(), time.process_time()
    with path.open("rb") as stream:
        batch = upload(stream, name=path.name, target=target, by=None, now=timezone.now())
    batch = choose(batch, by=None, now=timezone.now(), mapping=mapping)
    batch = run(batch, by=None, now=timezone.now())
    return batch, time.perf_counter() - began, time.process_time() - cpu


def take_out(batch: Any) -> float:
    from django.utils import timezone

    from liuke.customers.imports.actions import take_back, undo

    began = time.perf_counter()
    take_back(undo(batch, by=None, now=timezone.now()), now=timezone.now())
    return time.perf_counter() - began


def measured(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from django.db import connection

    database = Path(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    empty = folder / "empty.sqlite3"
    empty.write_bytes(database.read_bytes())
    file = args.file or made_log(folder / "purchases.csv", args.rows)
    width, rows = raw_rows(file)
    plain = bare_plain(folder, width, rows)
    count = len(rows)
    del rows
    batch, seconds, cpu = bring_in(file, "purchases", dict(args.map))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    written, same = bare_same_tables(folder, database, empty)
    again = bring_in(file, "purchases", dict(args.map))
    result = {
        "rows": count,
        "orders": batch.counts["orders"],
        "rows_written": written,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "rows_per_second": round(count / seconds),
        "bare_plain_seconds": round(plain, 2),
        "bare_same_tables_seconds": round(same, 2),
        "times_bare_plain": round(seconds / plain, 2),
        "times_bare_same_tables": round(seconds / same, 2),
        "again_seconds": round(again[1], 2),
        "again_unchanged": again[0].counts["unchanged"],
    }
    if args.undo:
        result["undo_seconds"] = round(take_out(batch), 2)
    if args.customers:
        people, took, used = bring_in(
            made_customers(folder / "customers.csv", args.customers), "customers", {}
        )
        result |= {
            "customers": people.counts["created"],
            "customers_seconds": round(took, 2),
            "customers_cpu_seconds": round(used, 2),
            "customers_per_second": round(args.customers / took),
            "customers_per_cpu_second": round(args.customers / used),
        }
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result


def pair(text: str) -> tuple[str, str | None]:
    field, _, column = text.partition("=")
    return field, column or None


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", type=Path)
    parser.add_argument("--map", action="append", default=[], type=pair, metavar="FIELD=COLUMN")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--undo", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liuke-benchmark-") as name:
        os.environ |= {"LIUKE_HOME": name, "DJANGO_SETTINGS_MODULE": "liuke.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        result = measured(args, Path(name))
    if args.json:
        print(json.dumps(result))
    else:
        for label, value in result.items():
            print(f"{label.replace('_', ' '):28}{value:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
