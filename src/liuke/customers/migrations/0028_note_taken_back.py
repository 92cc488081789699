"""Orders that were wholly taken back before anybody noted it: from now on they count for nothing."""

from django.db import migrations

NOTED = """
UPDATE customers_purchase SET taken_back_at = CASE WHEN amount_minor > 0 THEN (
    SELECT MIN(at) FROM (
        SELECT r.at, SUM(r.amount_minor) OVER (ORDER BY r.at, r.id) AS back FROM customers_purchase r
        WHERE r.reverses_id = customers_purchase.id AND r.kind IN ('refund', 'cancellation')
        AND r.currency = customers_purchase.currency
    ) AS given WHERE back <= -customers_purchase.amount_minor
) ELSE (
    SELECT MAX(r.at) FROM customers_purchase r JOIN customers_purchaseline l ON l.purchase_id = r.id
    WHERE r.reverses_id = customers_purchase.id AND r.kind IN ('refund', 'cancellation')
    HAVING SUM(l.quantity_milli) <= -(
        SELECT SUM(quantity_milli) FROM customers_purchaseline WHERE purchase_id = customers_purchase.id
    )
) END WHERE kind = 'order' AND id IN (SELECT reverses_id FROM customers_purchase WHERE reverses_id IS NOT NULL)
"""
DATES = """
UPDATE customers_customer SET
    first_purchase_at = (
        SELECT MIN(at) FROM customers_purchase
        WHERE customer_id = customers_customer.id AND kind = 'order' AND taken_back_at IS NULL
    ),
    last_purchase_at = (
        SELECT MAX(at) FROM customers_purchase
        WHERE customer_id = customers_customer.id AND kind = 'order' AND taken_back_at IS NULL
    )
WHERE id IN (SELECT customer_id FROM customers_purchase WHERE taken_back_at IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0027_wholly_taken_back")]

    operations = [migrations.RunSQL([NOTED, DATES], migrations.RunSQL.noop)]
