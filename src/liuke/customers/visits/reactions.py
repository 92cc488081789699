"""Visits to two records of one customer were visits to the one."""

from __future__ import annotations

from liuke.customers.moving.actions import carry, moves

moves("customers.Visit.customer")(carry)
