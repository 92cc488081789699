"""Which column is which: names compared, fields known, values weighed."""
