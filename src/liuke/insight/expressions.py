"""Ibis, whose functions carry no annotations; apart from `kinds` because loading it takes a second."""

from __future__ import annotations

from typing import Any

import ibis as _ibis

ibis: Any = _ibis
