"""Logs that share none of the library's assumptions, for `insight_forecast.py --invented`: who buys, and when, by other rules.

Each takes a generator and gives a table of customer, on, amount. Nobody here has a Poisson rate and a chance of leaving that
a buy-till-you-die model could recover, but for the newcomers of `growth`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

START = date(2024, 1, 1)  # a Monday

Rows = list[tuple[str, int, float]]
Chance = np.random.Generator


def grocery(chance: Chance, customers: int = 600, days: int = 400) -> Rows:
    """Weekly shoppers with weekdays of their own; the shop is shut on holidays, people go away and move away."""
    rows: Rows = []
    shut = {0, 1, 2, 90, 91, 121, *range(358, 362)}
    for number in range(customers):
        weekday = np.array([0.8, 0.8, 0.9, 1.0, 1.4, 1.8, 0.2]) * np.exp(chance.normal(0, 0.8, 7))
        weekday /= weekday.sum()
        visits = chance.choice([0.3, 0.5, 1.0, 1.0, 1.5, 2.5])
        begin = int(chance.integers(0, 60 if chance.random() < 0.6 else days))
        end = days if chance.random() < 0.7 else int(chance.integers(begin, days + 100))
        away = set(shut)
        for _ in range(chance.poisson((days - begin) / 150)):
            leaves = int(chance.integers(begin, days))
            away |= set(range(leaves, leaves + int(chance.integers(7, 22))))
        basket = np.exp(chance.normal(3.3, 0.5))
        came = False
        for day in sorted(set(range(begin, min(end, days))) - away):
            festive = 1.3 if 350 <= day < 358 else 1.0
            if not came or chance.random() < min(0.95, visits * weekday[day % 7] * festive):
                rows.append((f"G{number}", day, basket * np.exp(chance.normal(0, 0.5))))
                came = True
    return rows


def gifts(chance: Chance, customers: int = 1500, days: int = 900) -> Rows:
    """Presents on up to three days of the year, most in December; some years are left out."""
    rows: Rows = []
    for number in range(customers):
        begin = int(chance.integers(0, days - 60))
        occasions = [int(chance.integers(325, 358))] if chance.random() < 0.6 else []
        occasions += [int(chance.integers(0, 365)) for _ in range(chance.integers(0, 3))]
        keeps = chance.beta(4, 2)
        came = False
        for year in range(3):
            for occasion in sorted(occasions or [int(chance.integers(0, 365))]):
                day = year * 365 + occasion + int(chance.normal(0, 5))
                if begin <= day < days and (not came or chance.random() < keeps):
                    rows.append((f"P{number}", day, np.exp(chance.normal(3.8, 0.7))))
                    came = True
    return rows


def monthly(chance: Chance, customers: int = 800, days: int = 500) -> Rows:
    """A box on the same day of each month until it is cancelled; now and then one is skipped."""
    rows: Rows = []
    for number in range(customers):
        begin = int(chance.integers(0, days - 30))
        cancels, price = chance.beta(1.2, 14), float(chance.choice([19.0, 29.0, 49.0]))
        at = float(begin)
        while at < days:
            if at == begin or chance.random() < 0.93:
                rows.append((f"M{number}", int(at), price))
            at += 30.4
            if chance.random() < cancels:
                break
    return rows


def once(chance: Chance, customers: int = 4000, days: int = 500) -> Rows:
    """Furniture: nine in ten buy once."""
    rows: Rows = []
    for number in range(customers):
        at = int(chance.integers(0, days))
        rows.append((f"F{number}", at, np.exp(chance.normal(6, 0.8))))
        for _ in range(chance.geometric(0.6) if chance.random() < 0.1 else 0):
            at += int(np.exp(chance.normal(4.2, 1.0))) + 1
            if at < days:
                rows.append((f"F{number}", at, np.exp(chance.normal(5.5, 0.8))))
    return rows


def accounts(chance: Chance, customers: int = 120, days: int = 700) -> Rows:
    """A factory's few large accounts: half order to a plan, half for projects that come in bursts."""
    rows: Rows = []
    for number in range(customers):
        at, size = float(chance.integers(0, 300)), np.exp(chance.normal(8, 1.2))
        end = days if chance.random() < 0.8 else int(min(days, at + 30 + chance.integers(0, 600)))
        planned = chance.random() < 0.5
        gap = float(chance.choice([7, 14, 30, 30, 60, 90]))
        while at < end:
            for _ in range(1 if planned else chance.integers(1, 12)):
                if at < end:
                    rows.append((f"A{number}", int(at), size * np.exp(chance.normal(0, 0.5))))
                at += max(1.0, gap * (1 + chance.normal(0, 0.15))) if planned else chance.integers(2, 15)
            at += 0 if planned else chance.exponential(120)
    return rows


def growth(chance: Chance, customers: int = 3000, days: int = 450) -> Rows:
    """A young shop that doubles every three months: most of its customers are new."""
    rows: Rows = []
    for number, begin in enumerate(np.log2(1 + chance.random(customers) * (2 ** (days / 90) - 1)) * 90):
        rate = max(chance.gamma(0.8, 1 / 25), 1e-4)
        stays = chance.exponential(90 if chance.random() < 0.6 else 600)
        at = begin
        while at < min(days, begin + stays):
            rows.append((f"N{number}", int(at), np.exp(chance.normal(3, 0.6))))
            at += chance.exponential(1 / rate) + 1
    return rows


def drifting(chance: Chance, customers: int = 1200, days: int = 800) -> Rows:
    """Everybody's rate wanders, the shop's halves over the log, and each quarter has a week of sales."""
    rows: Rows = []
    weeks = days // 7
    shop = np.exp(np.linspace(0, np.log(0.5), weeks))
    shop[12::13] *= 2.5
    for number in range(customers):
        begin = int(chance.integers(0, weeks if chance.random() < 0.5 else 12))
        rate = np.log(chance.gamma(1.2, 0.12) + 1e-4)
        for week in range(begin, weeks):
            if week == begin or chance.random() < -np.expm1(-np.exp(rate) * shop[week]):
                day = week * 7 + int(chance.integers(0, 7))
                rows.append((f"D{number}", day, np.exp(chance.normal(3.5, 0.6))))
            rate += chance.normal(-0.005, 0.18)
    return rows


def clumpy(chance: Chance, customers: int = 1500, days: int = 500) -> Rows:
    """A game: bouts of buying every few days, then nothing for months."""
    rows: Rows = []
    for number in range(customers):
        at = float(chance.integers(0, days - 10))
        for _ in range(chance.geometric(0.35)):
            for _ in range(chance.geometric(0.3)):
                if at < days:
                    rows.append((f"K{number}", int(at), np.exp(chance.normal(2, 0.8))))
                at += chance.integers(1, 6)
            at += np.exp(chance.normal(4, 0.8))
    return rows


def refills(chance: Chance, customers: int = 500, days: int = 540) -> Rows:
    """A chemist: who needs it daily comes again when the pack is used up, some a week early or late, and buys colds besides."""
    rows: Rows = []
    for number in range(customers):
        at = float(chance.integers(0, 400))
        daily = chance.random() < 0.6
        ends = days if chance.random() < 0.75 else at + chance.integers(20, 500)
        while at < min(ends, days):
            pack = int(chance.choice([30, 60, 90], p=[0.5, 0.2, 0.3]))
            rows.append((f"R{number}", int(at), pack * 0.8 if daily else np.exp(chance.normal(2.5, 0.5))))
            cold = at + chance.integers(3, 40)
            if daily and chance.random() < 0.15 and cold < min(at + pack, days):
                rows.append((f"R{number}", int(cold), np.exp(chance.normal(2.2, 0.5))))
            at += max(2.0, pack * chance.normal(1.0, 0.12)) if daily else chance.exponential(110) + 5
    return rows


def checkups(chance: Chance, customers: int = 700, days: int = 1200) -> Rows:
    """A dentist: twice a year, put off by weeks; a treatment is four visits in two months; one in ten moves away a year."""
    rows: Rows = []
    for number in range(customers):
        at = float(chance.integers(0, 800))
        leaves = at + chance.exponential(3650)
        every = float(chance.choice([182, 182, 365]))
        while at < min(days, leaves):
            rows.append((f"T{number}", int(at), np.exp(chance.normal(4.2, 0.4))))
            if chance.random() < 0.2:
                visits = at + np.cumsum(chance.integers(7, 21, 4))
                rows += [(f"T{number}", int(v), np.exp(chance.normal(5.5, 0.5))) for v in visits if v < days]
            at += every + abs(chance.normal(0, 25)) + (60 if chance.random() < 0.1 else 0)
    return rows


def terms(chance: Chance, customers: int = 400, days: int = 760) -> Rows:
    """A canteen's cards: topped up when they are empty, in term time only; each summer a fifth leave school."""
    rows: Rows = []
    free = {
        day
        for year in range(3)
        for day in (*range(year * 365 + 190, year * 365 + 245), *range(year * 365 + 355, year * 365 + 372))
    }
    for number in range(customers):
        first = int(chance.choice([0, 245, 610])) + int(chance.integers(0, 60))
        lasts, left = float(chance.gamma(6, 4)), 0.0
        gone = days
        for summer in (190, 555):
            if first < summer < gone and chance.random() < 0.2:
                gone = summer
        for day in range(first, min(gone, days)):
            if day in free or day % 7 in {5, 6}:
                continue
            left -= 1.0 if chance.random() < 0.85 else 0.0
            if left <= 0:
                rows.append((f"C{number}", day, float(chance.choice([20.0, 50.0, 100.0]))))
                left = lasts * chance.normal(1.0, 0.2)
    return rows


INVENTED: dict[str, Callable[[Chance], Rows]] = {
    make.__name__: make
    for make in (grocery, gifts, monthly, once, accounts, growth, drifting, clumpy, refills, checkups, terms)
}


def invented(name: str, *, seed: int) -> Any:
    """The log as an Arrow table."""
    import pyarrow as pa

    customer, day, amount = zip(*INVENTED[name](np.random.default_rng(seed)), strict=True)
    on = pa.array([START + timedelta(days=each) for each in day], pa.date32())
    return pa.table({"customer": list(customer), "on": on, "amount": np.round(amount, 2)})
