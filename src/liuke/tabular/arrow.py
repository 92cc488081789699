"""Arrow's types under short names, for annotations; and its functions without the stubs, which know too few overloads."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

Array: TypeAlias = "pa.Array[Any]"
Column: TypeAlias = "pa.Array[Any] | pa.ChunkedArray[Any]"

compute: Any = pyarrow.compute
