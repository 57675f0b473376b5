"""What can go wrong, each with its exit code and the rule it rests on.

A message is an English template (the key of the translation catalogue) with ``{placeholders}``; the values stay
apart, so that the edge can translate the sentence and format a time in the desk's zone before it puts them in.
This module is the only one that every room may import.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from enum import IntEnum
from typing import Any, ClassVar


class Exit(IntEnum):
    """The exit codes of the contract. A caller may branch on them; they never change their meaning."""

    DONE = 0
    BUG = 1
    USAGE = 2
    NOT_ALLOWED = 10
    NOT_FOUND = 11
    NOT_PERMITTED = 12
    BAD_RULES = 13
    BAD_INPUT = 14
    BUSY = 15
    DAMAGED = 16
    STORAGE = 17
    PARTIAL = 18


def N_(text: str) -> str:
    """Mark a text for the catalogue without translating it here: the language is known only at the edge."""
    return text


class Word(str):
    """A value inside a message that is itself a term of the field (a state, a role) and wants translating."""

    __slots__ = ()


class Sentence(str):
    """An English sentence that still knows its template and values, so that the edge can say it in Chinese."""

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, values: dict[str, Any]) -> Sentence:
        sentence = super().__new__(cls, template.format(**values))
        sentence.template = template
        sentence.values = values
        return sentence

    def __getnewargs__(self) -> tuple[str, dict[str, Any]]:  # type: ignore[override]
        """What it is made of anew when it comes back from a file."""
        return self.template, self.values


class DeskError(Exception):
    """A refusal or a failure that a user can act on.

    Args:
        message: English template, looked up in the catalogue.
        rule: id of the rulebook's rule it rests on, if one does.
        possible: the commands that would be accepted now.
        extra: further keys of the JSON error (``candidates`` of REC-6, ``problems`` of a bad rules file).
        values: what fills the template's placeholders.
    """

    exit: ClassVar[Exit] = Exit.BUG
    kind: ClassVar[str] = "bug"

    def __init__(
        self,
        message: str,
        *,
        rule: str | None = None,
        possible: Sequence[str] = (),
        extra: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.possible = tuple(possible)
        self.extra = dict(extra or {})
        self.values = values
        self.zone: tzinfo | None = None
        """The desk's zone, once it is known; times among the values are shown in it."""

    def __str__(self) -> str:
        return self.message.format(**self.values)


class UsageError(DeskError):
    """Options or values that cannot be understood, or required ones that are missing."""

    exit = Exit.USAGE
    kind = "usage"


class NotAllowed(DeskError):
    """The rules refuse this now: state, guard, consent or the order of time."""

    exit = Exit.NOT_ALLOWED
    kind = "not-allowed"


class NotFound(DeskError):
    """No such order, staff, item or file."""

    exit = Exit.NOT_FOUND
    kind = "not-found"


class NotPermitted(DeskError):
    """This person may not do it."""

    exit = Exit.NOT_PERMITTED
    kind = "not-permitted"


class BadRules(DeskError):
    """policies.yaml or fees.yaml cannot be used; ``extra["problems"]`` lists every mistake with its place."""

    exit = Exit.BAD_RULES
    kind = "bad-rules"


class BadInput(DeskError):
    """A batch file, or a value in it, that cannot be read."""

    exit = Exit.BAD_INPUT
    kind = "bad-input"


class Busy(DeskError):
    """Others hold the ledger for longer than the wait."""

    exit = Exit.BUSY
    kind = "busy"


class Damaged(DeskError):
    """The ledger was altered, is torn, or is not one of ours."""

    exit = Exit.DAMAGED
    kind = "damaged"


class StorageError(DeskError):
    """Disk full, read-only, or no permission."""

    exit = Exit.STORAGE
    kind = "storage"


class Partial(DeskError):
    """Some rows or orders failed; the rest is done."""

    exit = Exit.PARTIAL
    kind = "partial"


_NO_NAME = frozenset((errno.ENAMETOOLONG, errno.ELOOP))


def unreadable(file: object, error: OSError | ValueError) -> DeskError:
    """Why a file that somebody named could not be read: there is none of that name, or the machine does not let us.

    A name that no file can have is a mistake in what was typed and no broken disk: other lines of a batch go on.
    """
    missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
    if missing or not isinstance(error, OSError) or error.errno in _NO_NAME:
        return NotFound(N_("there is no file {file}"), file=str(file))
    return StorageError(N_("{file} cannot be read: {why}"), file=str(file), why=error.strerror or str(error))
