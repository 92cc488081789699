"""Arrow under short names. Its stubs know too few overloads, so calls go unchecked; the types of values are kept."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow
import pyarrow.compute

if TYPE_CHECKING:
    import numpy as np  # not at run time: the child process does without NumPy

Array: TypeAlias = "pyarrow.Array[Any]"
Column: TypeAlias = "pyarrow.Array[Any] | pyarrow.ChunkedArray[Any]"
Kind: TypeAlias = "pyarrow.DataType"
Batch: TypeAlias = "pyarrow.RecordBatch"
Schema: TypeAlias = "pyarrow.Schema"
Table: TypeAlias = "pyarrow.Table"
Integers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Booleans: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"

pa: Any = pyarrow
compute: Any = pyarrow.compute


@cache
def words(*texts: str) -> Array:
    """Words to look up in, made when first used: with the first array that is made of Python values Arrow loads pandas,
    which takes most of a second, and a process that reads no file needs none.
    """
    made: Array = pa.array(texts, pa.string())
    return made
