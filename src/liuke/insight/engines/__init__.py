"""Where the tables live and the steps run: one small class, one subclass per engine."""

from liuke.insight.engines.base import Distributed, Engine
from liuke.insight.engines.duck import DuckEngine, local_engine

__all__ = ["Distributed", "DuckEngine", "Engine", "local_engine"]
