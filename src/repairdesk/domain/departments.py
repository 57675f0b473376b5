"""Which department a complaint goes to: proposed from its category or its words, decided by the desk (LY 5·4.2)."""

from __future__ import annotations

from collections.abc import Mapping

from repairdesk.domain.policy import Department
from repairdesk.domain.record import NamedTuple


class Proposal(NamedTuple):
    """The department that the policies would send a complaint to, and what speaks for it.

    Attributes:
        department: its code.
        by: ``category`` or ``words``.
        because: the category, or the words that were found in what was said, in the order of the policies.
    """

    department: str
    by: str
    because: tuple[str, ...]


def propose(departments: Mapping[str, Department], category: str | None, said: str) -> Proposal | None:
    """The department of a complaint: the first that has its category, else the one of whose words most were said.

    Of several with as many words it is the first in the policies. None: nothing speaks for any.
    """
    if category:
        for code, one in departments.items():
            if category in one.categories:
                return Proposal(code, "category", (category,))
    text = said.casefold()
    best: Proposal | None = None
    for code, one in departments.items():
        found = tuple(word for word in one.words if word.casefold() in text)
        if len(found) > (len(best.because) if best else 0):
            best = Proposal(code, "words", found)
    return best
