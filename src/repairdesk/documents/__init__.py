"""Paper: what people sign, filled from an order by Jinja2 templates. Nothing here reads the ledger."""
