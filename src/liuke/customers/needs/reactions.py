"""What two records of one customer need is needed by the one."""

from __future__ import annotations

from liuke.customers.moving.actions import carry, moves

moves("customers.Need.customer")(carry)
