"""The ledger: one append-only, chained journal of entries, and projections of it for looking things up (REC-1, REC-5).

Two halves. ``schema`` and ``statements`` declare tables and statements with SQLModel, and ``compile`` writes them down
as plain text (``sqlite_sql``). ``connection``, ``journal`` and ``verify`` execute that text over the driver; ``chain``
and ``projection`` are pure.
"""
