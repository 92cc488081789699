from liuke.customers.conftest import at_once

__all__ = ["at_once"]
