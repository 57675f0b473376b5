"""repairdesk: the ledger and the clocks of a property company's repairs."""

__version__ = "0.1.0"
