"""Where the tables live and the steps run: one small class, one subclass per engine."""

from .base import Engine
from .duck import DuckEngine, local_engine

__all__ = ["DuckEngine", "Engine", "local_engine"]
