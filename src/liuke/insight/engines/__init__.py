"""Where the tables live and the steps run: one small class, one subclass per engine."""

from liuke.insight.engines.base import Engine, Spread
from liuke.insight.engines.duck import DuckEngine, local_engine

__all__ = ["DuckEngine", "Engine", "Spread", "local_engine"]
