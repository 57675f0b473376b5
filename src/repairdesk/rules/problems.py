"""A mistake in a rules file, with its place, and the refusal that lists all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from repairdesk.errors import N_, BadRules, Sentence

Path = tuple[str | int, ...]

KEY = "[key]"
"""Last step of a path that means the key itself and not its value (pydantic writes it so)."""


MOST = 500
"""Mistakes that are told one by one: more than these nobody mends in one go."""


class Mistake(ValueError):
    """A value that cannot stand; the reader of a single value raises it and does not know where it stands."""

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template)
        self.template = template
        self.values = values


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: file, line and column (from 1), the path of the key, and what is expected."""

    file: str
    line: int
    column: int
    key: str
    message: Sentence

    def as_json(self) -> dict[str, Any]:
        """The shape of ``error.problems`` (exit code 13)."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "key": self.key,
            "message": self.message,
        }

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        return where + (f"{self.key}: " if self.key else "") + self.message


def spell(path: Path) -> str:
    """``("services", 3, "price")`` as ``services[3].price``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def refusal(problems: Iterable[Problem]) -> BadRules:
    """The error (13) that lists ``problems`` from the top of the file to its end."""
    found = sorted(problems, key=lambda problem: (problem.line, problem.column, problem.key))
    if len(found) > MOST:
        next_ = found[MOST]
        more = Sentence(N_("and {count} more mistakes from here on"), {"count": len(found) - MOST})
        found = [*found[:MOST], Problem(next_.file, next_.line, next_.column, "", more)]
    return BadRules(
        N_("{file} cannot be used:\n{problems}"),
        rule="REC-4",
        extra={"problems": [problem.as_json() for problem in found]},
        file=found[0].file,
        problems="\n".join(map(str, found)),
    )
