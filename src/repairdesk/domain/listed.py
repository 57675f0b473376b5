"""Looking a code up on the fee table, and proposing what may have been meant where it is not there (FEE-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from repairdesk.domain import money
from repairdesk.domain.fees import FeeTable, Material, Service
from repairdesk.errors import NotFound

_Listed = TypeVar("_Listed", Service, Material)


def listed_service(code: str, fees: FeeTable) -> Service:
    """The service of that code.

    Raises:
        NotFound: it is not on the fee table; the message proposes codes that look like it (FEE-1).
    """
    near = _near(code, fees.services)
    if near is None:
        return fees.services[code]
    if near:
        raise NotFound(
            "{code} is not a service of fee table {version}: perhaps {near}",
            rule="FEE-1",
            code=money.quoted(code),
            version=fees.version,
            near=near,
        )
    raise NotFound(
        "{code} is not a service of fee table {version}", rule="FEE-1", code=money.quoted(code), version=fees.version
    )


def listed_material(code: str, fees: FeeTable) -> Material:
    """The material of that code.

    Raises:
        NotFound: it is not on the fee table; the message proposes codes that look like it (FEE-1).
    """
    near = _near(code, fees.materials)
    if near is None:
        return fees.materials[code]
    if near:
        raise NotFound(
            "{code} is not a material of fee table {version}: perhaps {near}; what is not on the table is "
            "given as NAME:QTY:STOCKCOST",
            rule="FEE-1",
            code=money.quoted(code),
            version=fees.version,
            near=near,
        )
    raise NotFound(
        "{code} is not a material of fee table {version}; what is not on the table is given as NAME:QTY:STOCKCOST",
        rule="FEE-1",
        code=money.quoted(code),
        version=fees.version,
    )


def _near(code: str, listed: Mapping[str, _Listed]) -> str | None:
    """None if ``code`` is listed, else the listed codes that look like it, or whose names do, for a message."""
    if code in listed:
        return None
    from difflib import get_close_matches  # late: only a mistake needs it, and every command starts through here

    spellings = {key.casefold(): key for key in listed} | {item.name.casefold(): key for key, item in listed.items()}
    found = get_close_matches(code.casefold(), list(spellings), n=3)
    return ", ".join(dict.fromkeys(spellings[spelling] for spelling in found))
