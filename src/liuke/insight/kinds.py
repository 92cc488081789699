"""Short names for what passes between the steps.

Arrow's stubs know too few overloads and Ibis builds its expressions at run time, so calls into both go unchecked; NumPy's
arrays are checked.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow
import pyarrow.compute

Vector: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"  # one figure per customer
Table: TypeAlias = "Any"  # of Arrow
Column: TypeAlias = "Any"  # of Arrow, chunked or not
Expression: TypeAlias = "Any"  # of Ibis: a table not yet computed

pa: Any = pyarrow
pc: Any = pyarrow.compute
