"""From what people write to exact values: amounts, quantities, instants, texts."""
