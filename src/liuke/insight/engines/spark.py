"""Apache Spark, for logs that outgrow one machine: the same steps on a cluster, scoring where the customers are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from liuke.insight.engines.base import Distributed, Engine, Work
from liuke.insight.engines.traffic import Traffic, traffic_of
from liuke.insight.errors import MissingExtra, TooManyRows, gettext_noop
from liuke.insight.expressions import ibis
from liuke.insight.kinds import Expression, Table, pa
from liuke.insight.reading.lines import Reading, refuse_nobody
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.reading.source import SAMPLE_ROWS
from liuke.insight.reading.spread import FILE, ROW, TOLD, joined, planned

PARTS_PER_CORE: Final = 3
MOST_BROUGHT: Final = "spark.driver.maxResultSize"
SETTINGS: Final = {
    "spark.app.name": "liuke",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a sum that overflows stops; it doesn't turn round
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
    # a table from here goes to the workers as it is; as Java's rows in a plan, some megabytes choke a small process
    "spark.sql.execution.arrow.localRelationThreshold": "256k",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.showConsoleProgress": "false",
}


class SparkEngine(Engine):
    """A session on the cluster at `master` ("spark://host:7077", "yarn", "k8s://…", or "local[2]" for this machine alone).

    `settings` are Spark's own (memory, cores, storage keys) and win over ours; `partitions` of a shuffle are three for each
    core of the cluster unless told. The workers need Python with Liuke of this version (`PYSPARK_PYTHON` names it).
    What is kept is held in memory, and on disk where that runs out, by the workers; what a lost worker held is made
    again from the log.

    One process has one session: `close` ends it, and a second engine with another master raises `ValueError` until then.
    Errors: `MissingExtra` when pyspark or Java isn't installed.
    """

    dialect = "pyspark"
    local = False

    def __init__(
        self,
        master: str = "local[*]",
        *,
        settings: Mapping[str, str] | None = None,
        partitions: int | None = None,
    ) -> None:
        self.session = _session(master, {**SETTINGS, **(settings or {})})
        if partitions is None:
            partitions = max(PARTS_PER_CORE * self.session.sparkContext.defaultParallelism, 4)
        self.session.conf.set("spark.sql.shuffle.partitions", str(partitions))
        self._frames: dict[str, Any] = {}
        super().__init__(ibis.pyspark.connect(self.session))

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session and its Java process; the tables are gone with them."""
        context = self.session.sparkContext
        gateway = context._gateway
        self.session.stop()
        gateway.shutdown()
        started = getattr(gateway, "proc", None)
        if started is not None:  # it ends when nobody talks to it any more
            started.stdin.close()
            started.wait()
        type(context)._gateway = type(context)._jvm = None  # so that a later engine starts anew

    def traffic(self) -> Traffic:
        """What came here, what went between the workers and what they hold, in bytes."""
        return traffic_of(self.session)

    def take(self, table: Table, name: str) -> Expression:
        return self._stored(self.session.createDataFrame(table), name)

    def open(
        self, path: str, mapping: Mapping[str, str] | None, *, timezone: str
    ) -> tuple[Expression, Reading] | None:
        """Parquet, one file or a directory of them, where the workers can read it (a shared path, "s3a://…", "hdfs://…")."""
        if not _is_parquet(path):
            return None
        table = Path(path).name
        frame = self._parquet(path)
        if frame is None:
            return None
        plan = planned(frame.limit(SAMPLE_ROWS).toArrow(), mapping, table=table, timezone=timezone)
        if plan is None:
            return None
        numbered = frame.select(
            *(f"`{name}`" for name in dict.fromkeys(plan.columns.values())),
            (frame["_metadata.row_index"] + 1).alias(ROW),
            frame["_metadata.file_name"].alias(FILE),
        )
        schema = _spark_schema(plan.schema.append(pa.field(TOLD, pa.string())))
        read = numbered.mapInArrow(_each(plan), schema).persist()  # held once: the lines are a view of it
        told = read.where(read[TOLD].isNotNull()).select(TOLD).toArrow()[TOLD].to_pylist()
        try:
            reading = joined(told, plan)
            refuse_nobody(reading, table=table)
        except UnreadablePurchases:
            read.unpersist()
            raise
        lines = read.where(read["customer"].isNotNull()).drop(TOLD)
        return self._named(lines, "lines", held=read), reading

    def _parquet(self, path: str) -> Any:
        """The file as a frame; None for one that Spark can't read as it is and we perhaps can (nanoseconds, doubled columns)."""
        from pyspark.errors import PySparkException  # noqa: PLC0415 - only with the extra

        try:
            return self.session.read.parquet(path)
        except PySparkException:
            return None

    def keep(self, expression: Expression, name: str) -> Expression:
        return self._stored(self.frame(expression), name)

    def frame(self, expression: Expression) -> Any:
        """The expression as a data frame of Spark, not yet computed."""
        return self.session.sql(self.sql(expression))

    def _stored(self, frame: Any, name: str) -> Expression:
        frame = frame.persist()
        frame.count()  # computes it, once
        return self._named(frame, name, held=frame)

    def _named(self, frame: Any, name: str, *, held: Any) -> Expression:
        """The frame as a table; `held` is what the workers hold of it and let go when it is dropped."""
        made = self.unique(name)
        frame.createOrReplaceTempView(made)
        self._frames[made] = held
        return self.backend.table(made)

    def drop(self, table: Expression) -> None:
        name = table.op().name
        self.session.catalog.dropTempView(name)
        self._frames.pop(name).unpersist()

    def fetch(self, expression: Expression) -> Table:
        found = self.frame(expression).toArrow()
        return found.cast(pa.schema(expression.schema().to_pyarrow()))

    def distribute(self, expression: Expression, work: Work, *, notes: str) -> Distributed:
        """The workers do it, each on the parts that it holds; a part is ordered by customer, so it is the same done twice."""
        frame = self.frame(expression)
        schema = _spark_schema(work(frame.limit(1).toArrow()).schema)
        done = frame.sortWithinPartitions("customer").mapInArrow(_each(work), schema).persist()
        return Scattered(done, notes)


class Scattered(Distributed):
    """Rows on the workers."""

    def __init__(self, frame: Any, notes: str) -> None:
        self._frame = frame
        self._notes = notes

    def rows(self) -> Table:
        try:
            return self._frame.drop(self._notes).orderBy("customer").toArrow()
        except Exception as error:  # Java's, under several names
            if MOST_BROUGHT not in str(error):
                raise
            raise TooManyRows(
                f"these rows are more than may come to this process (Spark's {MOST_BROUGHT}); have them written as Parquet, "
                "which the workers do where they are, or raise that setting"
            ) from None

    def notes(self) -> list[Any]:
        column = self._frame[self._notes]
        found: list[Any] = (
            self._frame.where(column.isNotNull()).select(column).toArrow()[self._notes].to_pylist()
        )
        return found

    def write(self, path: str) -> None:
        self._frame.drop(self._notes).write.mode("overwrite").parquet(path)

    def drop(self) -> None:
        self._frame.unpersist()


def _each(work: Work) -> Callable[[Iterator[Any]], Iterator[Any]]:
    def done(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            if batch.num_rows:
                yield from work(pa.Table.from_batches([batch])).combine_chunks().to_batches()

    return done


def _is_parquet(path: str) -> bool:
    """By its name; or a directory of such files, as Spark writes them."""
    there = Path(path)
    return path.lower().rstrip("/").endswith((".parquet", ".pq")) or (
        there.is_dir() and any(there.glob("*.parquet"))
    )


def _spark_schema(schema: Any) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 - only with the extra

    return from_arrow_schema(schema)


def _session(master: str, settings: Mapping[str, str]) -> Any:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - only with the extra
    except ImportError:
        raise MissingExtra(
            gettext_noop("Spark is not installed; bring it with: pip install 'liuke[spark]'")
        ) from None
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        raise MissingExtra(
            gettext_noop(
                "Spark needs Java 17; bring it with: apt-get install openjdk-17-jre-headless "
                "(or set JAVA_HOME to where it is)"
            )
        )
    running = SparkSession.getActiveSession()
    if running is not None and running.sparkContext.master != master:
        raise ValueError(
            f"this process has a session on {running.sparkContext.master}; close that engine before one on {master}"
        )
    builder = SparkSession.builder.master(master)
    if master.startswith("local"):
        builder = builder.config("spark.pyspark.python", sys.executable)
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
