"""From ``policies.yaml`` and ``fees.yaml`` to the frozen objects that the domain judges by (REC-4).

Two halves. ``load`` reads and checks the YAML (``marks``, ``schema``, ``agree``) into normalized JSON-able data and
names every mistake with its place; it runs when a file has changed. ``hydrate`` turns that data into the domain's
dataclasses; it runs in every command and imports neither pydantic nor yaml. ``preset`` writes a new desk's files out
of the standard ones and a preset's differences (``splice``).
"""
