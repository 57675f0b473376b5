"""What the columns of a kind of file can be: its fields, the names under which each is known, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from repairdesk.batch import headers
from repairdesk.domain.times import fold
from repairdesk.errors import N_, UsageError

_NO_FIELD = N_("there is no field {names}; choose: {known}")


@dataclass(frozen=True)
class Fields:
    """The fields of one kind of file.

    Attributes:
        names: by field the names under which its column is known, parted by blanks.
        needed: the fields without which every row would be rejected.
        identity: the field that tells one row from another, in every file of its kind.
        words: by field what stands in files for each of the desk's own words.
    """

    names: Mapping[str, str]
    needed: tuple[str, ...]
    identity: str
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def _field_of(self) -> dict[str, str]:
        return {word: name for name, words in self.names.items() for word in words.split()}

    @cached_property
    def _meant(self) -> dict[str, dict[str, str]]:
        return {name: {word: code for code, words in table.items() for word in words.split()}
                for name, table in self.words.items()}  # fmt: skip

    @cached_property
    def known(self) -> frozenset[str]:
        """The folded names under which any of the fields is known."""
        return frozenset(self._field_of)

    def field_of(self, name: str) -> str | None:
        """The field that a column of this name is; None where nothing is known of it."""
        plain = headers.folded(name)
        return self._field_of.get(plain) or self._field_of.get(headers.unbracketed(plain))

    def named(self, said: str) -> str:
        """The field of that name, or of one that it has in Chinese; nothing is none.

        Raises:
            UsageError: there is no such field.
        """
        plain = said.strip()
        name = plain if plain in self.names or not plain else None if plain.isascii() else self.field_of(plain)
        if name is None:
            raise UsageError(_NO_FIELD, names=[plain], known=list(self.names))
        return name

    def meant(self, name: str, text: str) -> str:
        """The desk's own word for a value of a column, or the text as it is where none is known."""
        return self._meant.get(name, {}).get(headers.folded(text), text)

    def choice(self, name: str, text: str) -> str:
        """One of the desk's words that a field may be, however it is capitalized, or what offices call it.

        Raises:
            UsageError: it is none of them.
        """
        code = self.meant(name, fold(text).casefold())
        if code not in self.words[name]:
            raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=text, field=name,
                             known=list(self.words[name]))  # fmt: skip
        return code

    def check_word(self, name: str, code: str) -> None:
        """Whether a word of the desk can stand in a field.

        Raises:
            UsageError: there is no such field, or it has other words.
        """
        if name not in self.names:
            raise UsageError(_NO_FIELD, names=[name], known=list(self.names))
        if name in self.words:
            self.choice(name, code)


REPORTS = Fields(headers.REPORTS, ("kind", "place", "fault"), "external_id", headers.WORDS)
"""A report a row: the options of ``intake``, and when it was reported."""

OF_HISTORIES = frozenset(headers.HISTORIES)
"""The fields of what became of an order."""

HISTORIES = Fields(
    {**headers.REPORTS, **headers.HISTORIES}, ("kind", "place", "fault", "external_id", "reported_at"), "external_id",
    {**headers.WORDS, "rating": headers.RATINGS, "status": headers.STATES},
)  # fmt: skip
"""An order a row, from its report to its file."""

STAFF = Fields(headers.STAFF, ("id", "name", "role"), "id", {"role": headers.ROLES})
"""A person a row: the options of ``staff add``."""

CALLBACKS = Fields(headers.CALLBACKS, ("number", "at", "outcome", "method"), "", headers.CALLS)
"""A callback a row: the options of ``callback record``, who called and when. No field alone tells one from another."""
