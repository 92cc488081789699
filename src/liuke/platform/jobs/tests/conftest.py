from __future__ import annotations

from collections.abc import Iterator

import pytest

from liuke.platform.jobs.actions import declared
from liuke.platform.jobs.rules import REGISTER


@pytest.fixture(autouse=True)
def _own_register() -> Iterator[None]:
    """Each test sees the jobs it declares, and no other."""
    everything = dict(declared())
    REGISTER.clear()
    yield
    REGISTER.clear()
    REGISTER.update(everything)
