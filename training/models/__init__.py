"""Networks that count, as plain torch modules."""
