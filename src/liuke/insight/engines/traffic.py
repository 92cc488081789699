"""What a Spark session moved, as Spark itself counted it: to the process that started it, between workers, onto disks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Traffic:
    """In bytes, since the session began.

    `brought`   to the process that started it, results and what each task tells of itself (some kilobytes); `most_brought`
                by any one stage
    `tasks`     that told of themselves
    `shuffled`  written to be read by other parts
    `spilled`   written to disk by sorting and grouping that memory couldn't hold
    `in_memory`, `on_disk`  what the workers hold of kept tables now
    """

    brought: int
    most_brought: int
    tasks: int
    shuffled: int
    spilled: int
    in_memory: int
    on_disk: int


def traffic_of(session: Any) -> Traffic:
    """Spark's own figures; of the last `spark.ui.retainedStages` (1,000) stages."""
    context = session.sparkContext
    spark = context._jsc.sc()
    spark.listenerBus().waitUntilEmpty()  # what is counted arrives a little later than the results
    store, java = spark.statusStore(), context._jvm
    nothing = context._gateway.new_array(java.double, 0)
    stages = list(_each(store.stageList(None, False, False, nothing, java.java.util.ArrayList())))
    held = list(_each(store.rddList(True)))
    brought = [stage.resultSize() for stage in stages]
    return Traffic(
        brought=sum(brought),
        most_brought=max(brought, default=0),
        tasks=sum(stage.numTasks() for stage in stages),
        shuffled=sum(stage.shuffleWriteBytes() for stage in stages),
        spilled=sum(stage.diskBytesSpilled() for stage in stages),
        in_memory=sum(table.memoryUsed() for table in held),
        on_disk=sum(table.diskUsed() for table in held),
    )


def _each(sequence: Any) -> Iterator[Any]:
    """The items of a sequence of Scala's."""
    return (sequence.apply(place) for place in range(sequence.size()))
