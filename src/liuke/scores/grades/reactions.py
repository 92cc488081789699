"""When two customers become one: what is kept about grades comes along."""

from __future__ import annotations

from liuke.customers.moving.actions import carry, moves

moves("scores.GradeChange.customer")(carry)
