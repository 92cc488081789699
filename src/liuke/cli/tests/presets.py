"""As somebody at the browser would have left it: a preset “shop” for the orders of test_imports."""

from __future__ import annotations

import io

from liuke.cli.main import start_django

start_django()

from django.utils import timezone  # noqa: E402 - once the settings are known

from liuke.customers.imports.actions import choose, discard, upload  # noqa: E402
from liuke.customers.presets.actions import remember  # noqa: E402

if __name__ == "__main__":
    now = timezone.now()
    text = "客户编号,订单号,下单日期,价钱\nK999,A1,01/02/2025,100\n"
    batch = upload(io.BytesIO(text.encode()), name="orders.csv", target="purchases", by=None, now=now)
    batch = choose(batch, by=None, now=now, mapping={"amount": "价钱"}, choices={"date_order": "dmy"})
    remember(batch, name="shop", by=None, now=now)
    discard(batch, by=None, now=now)
