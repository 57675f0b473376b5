"""A list of households, read: which column is which, and what the rows of each place say together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from repairdesk.batch import dates, phones
from repairdesk.batch.headers import HOUSEHOLDS, PARTS, joined
from repairdesk.batch.outcome import Reject
from repairdesk.batch.reading import Raw
from repairdesk.desk.households import name_key, phone_key
from repairdesk.domain import intake
from repairdesk.domain.policy import Policies
from repairdesk.domain.times import fold
from repairdesk.errors import N_, BadInput, DeskError, UsageError

FIELDS = HOUSEHOLDS
"""What a column can be, and the names under which each is known."""
_FIELD_OF = {name: field for field, names in FIELDS.items() for name in names}
_HEADER_WITHIN = 10


class _Refused(Exception):
    """A row that cannot be taken: the column and the value to blame, and why.

    Attributes:
        meant: the places that it may be of where its own cannot be read; one that begins with a hyphen is an ending.
            None where nothing stands in its place.
    """

    def __init__(
        self, column: str | None, value: str | None, error: DeskError, meant: Sequence[str] | None = None
    ) -> None:
        super().__init__(str(error))
        self.column, self.value, self.error, self.meant = column, value, error, meant


# --- which column is which


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file are which field.

    Attributes:
        header: the names of all columns.
        index: the places of its columns, by field, in the order of the file.
        shadowed: columns that are named like a field which other columns were mapped to.
    """

    header: Sequence[str]
    index: Mapping[str, Sequence[int]]
    shadowed: tuple[str, ...] = ()

    @property
    def unread(self) -> list[str]:
        """The columns that nothing is taken from."""
        taken = {i for places in self.index.values() for i in places}
        return [name for i, name in enumerate(self.header) if i not in taken and name]

    def said(self, field: str, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The columns of a field with what a row says there, trimmed; a blank cell says nothing."""
        for i in self.index.get(field, ()):
            text = cells[i].strip() if i < len(cells) else ""
            if text:
                yield self.header[i], text

    def named(self, column: str | None) -> str | None:
        """The field that a column is read as."""
        fields = (name for name, places in self.index.items() if column in [self.header[i] for i in places])
        return next(fields, None)

    def first(self, field: str) -> str | None:
        """The first column of a field, as the file calls it; None where it has none."""
        return self.header[self.index[field][0]] if field in self.index else None


def recognised(rows: Sequence[Raw], mapping: Mapping[str, str]) -> tuple[Columns, Sequence[Raw]]:
    """Which column is which, and the rows below the header.

    The header is the first row in which a place and people are found: above it may stand a title or two.

    Args:
        mapping: field by column; fields that are not mapped have the columns that are known by their name.

    Raises:
        UsageError: a mapped field or column does not exist, two columns could be the same field, or nothing says the
            place, or nothing who lives there; the message says what there is.
    """
    named = {" ".join(column.split()): _named(said) for column, said in mapping.items()}
    for i, raw in enumerate(rows[:_HEADER_WITHIN]):
        index = _index(_header(raw), named)
        if "place" in index and ("names" in index or "phones" in index) and set(named) <= set(_header(raw)):
            return _columns(_header(raw), named), rows[i + 1 :]
    # None is, and the refusal names the columns of the row that looks most like one.
    likely = max(rows[:_HEADER_WITHIN], key=lambda raw: (len(_index(_header(raw), named)), sum(map(bool, raw.cells))))
    return _columns(_header(likely), named), ()


def _header(raw: Raw) -> list[str]:
    return [" ".join(name.split()) for name in raw.cells]


def _index(header: Sequence[str], named: Mapping[str, str]) -> dict[str, list[int]]:
    """The columns of each field."""
    index: dict[str, list[int]] = {}
    for i, name in enumerate(header):
        own = _FIELD_OF.get(_folded(name))
        one = named.get(name, own if own not in named.values() else None)
        if one is not None:
            index.setdefault(one, []).append(i)
    return index


def _columns(header: Sequence[str], named: Mapping[str, str]) -> Columns:
    known = [name for name in header if name]
    absent = [column for column in named if column not in header]
    if absent:
        raise UsageError(N_("the file has no column {names}; it has: {known}"), names=absent, known=known)
    index = _index(header, named)
    for one in ("place", "since"):
        several = [header[i] for i in index.get(one, ())]
        if len(several) > 1 and not (one == "place" and one in named.values()):
            message = N_("{names} could each be {field}: say --map COLUMN=FIELD for one of them")
            raise UsageError(message, names=several, field=one)
    if "place" not in index or not ({"names", "phones"} & set(index)):
        missing = [one for one in ("place", "names", "phones") if one not in index]
        message = N_("nothing in the file is {names}: say --map COLUMN=FIELD; its columns: {known}")
        raise UsageError(message, names=missing, known=known)
    shadowed = [name for name in known if name not in named and _FIELD_OF.get(_folded(name)) in named.values()]
    columns = Columns(header, index, tuple(shadowed))
    if "place" not in named.values():
        _refuse_half_a_place(columns)
    return columns


def _named(said: str) -> str:
    found = _FIELD_OF.get(_folded(said))
    if found is None:
        raise UsageError(N_("there is no field {names}; choose: {known}"), names=[said.strip()], known=list(FIELDS))
    return found


def _folded(name: str) -> str:
    return "".join(fold(name).casefold().split())


def _refuse_half_a_place(columns: Columns) -> None:
    parts = [name for name in columns.unread if _folded(name) in PARTS]
    if parts:
        own = columns.first("place") or ""
        raise UsageError(
            N_("{names} stand beside {column}: say which of them make up the place, such as {example}"),
            names=parts, column=own, example=" ".join(f"--map {name}=place" for name in (*parts, own)),
        )  # fmt: skip


# --- rows become households


@dataclass(slots=True)
class Home:
    """What the rows of one place say together; names and phones by what is compared of them."""

    place: str
    said: str
    rows: list[int] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    since: str | None = None
    since_row: int = 0
    bad: int | None = None


def gathered(
    rows: Iterable[Raw], columns: Columns, policies: Policies, order: str | None
) -> tuple[list[Home], list[Reject]]:
    """The households of which every row can be taken, and the rejects by row.

    The rows of one place stand or fall together. A row that says no place (merged cells) goes with the row above it.

    Args:
        order: how to read a date whose year does not stand first: ``dmy`` or ``mdy``.
    """
    homes: dict[str, Home] = {}
    rejects: list[Reject] = []
    spoilt: dict[str, int] = {}
    home: Home | None = None
    for raw in rows:
        own: Home | None = None
        try:
            # The place first: whatever the row is rejected for, it belongs to a household.
            said = _place(raw, columns, policies)
            place = _known(said, columns, policies)
            home = own = homes.setdefault(place, Home(place, said))
            _check_width(raw, columns, policies)
            _add(home, raw, columns, order)
            home.rows.append(raw.row)
        except _Refused as refusal:
            named = columns.named(refusal.column)
            rejects.append(Reject(raw.row, refusal.column, refusal.value, refusal.error, named))
            if refusal.meant is not None:
                home = own
                for text in refusal.meant:
                    spoilt.setdefault(text, raw.row)
            if home is not None and home.bad is None:
                home.bad = raw.row
    for home in homes.values():
        home.bad = home.bad or _spoilt(home.place, spoilt)
        if home.bad is not None:
            error = BadInput(N_("row {row} of the same place is rejected"), row=home.bad)
            rejects += [Reject(row, columns.first("place"), home.said, error, "place") for row in home.rows]
    good = [home for home in homes.values() if home.bad is None]
    return good, sorted(rejects, key=lambda reject: reject.row)


def _known(said: str, columns: Columns, policies: Policies) -> str:
    """The place in its one form; nothing that stands for another one."""
    try:
        return intake.told_place(said, policies)
    except UsageError as error:
        raise _Refused(columns.first("place"), said, error) from None


def _spoilt(place: str, spoilt: Mapping[str, int]) -> int | None:
    """The first rejected row that may be of this place though it does not say so."""
    endings = (place[i:] for i, character in enumerate(place) if character == "-")
    return min((spoilt[text] for text in (place, *endings) if text in spoilt), default=None)


def _check_width(raw: Raw, columns: Columns, policies: Policies) -> None:
    cells, wide = len(raw.cells), len(columns.header)
    if cells > wide and any(cell.strip() for cell in raw.cells[wide:]):
        message = N_("the row has {cells} cells, the header {columns}")
        raise _Refused(None, raw.cells[wide], BadInput(message, cells=cells, columns=wide))
    torn = next((cell for cell in raw.cells if "\n" in cell), None)
    if cells < wide and torn is not None:
        # This is what a quote that is never closed looks like when a later row happens to close it.
        message = N_("the row has {cells} cells, the header {columns}; one runs over several lines: a quote is missing")
        # The rows that it swallowed are of some place too.
        inside = [intake.canonical_place(part, policies) for part in re.split(r"[\n,;\t]", torn)]
        raise _Refused(None, torn, BadInput(message, cells=cells, columns=wide), inside)


def _place(raw: Raw, columns: Columns, policies: Policies) -> str:
    """The place as it was written; of several columns in one, without what each says of itself: 3栋, 2单元, 501."""
    first, parts = columns.first("place"), list(columns.said("place", raw.cells))
    texts = [text for _, text in parts]
    if not parts or parts[0][0] != first:
        # A part that is missing in front may be merged cells; the rest of it would be another place.
        meant = [f"-{joined(texts)}"] if parts else None
        raise _Refused(first, None, UsageError(N_("missing: {fields}"), fields=[first], rule="INT-1"), meant)
    for i, (column, text) in enumerate(parts):
        typed = _typed(text)
        if typed is not None:
            message = N_("the spreadsheet has made a date of the place “{text}”; format the column as text")
            places = [joined([*texts[:i], one, *texts[i + 1 :]]) for one in typed]
            meant = [intake.canonical_place(one, policies) for one in places]
            raise _Refused(column, text, BadInput(message, text=text), meant)
    return texts[0] if len(columns.index["place"]) == 1 else joined(texts)


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*"
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # With both zeros, as a workbook gives it: 2001-1-2 is a place where building 2001 is one.
        rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?:[T ].*)?",
        rf"{_YEAR}/(?P<month>[0-9]{{1,2}})/{_DAY}(?:[T ].*)?",
        rf"(?:{_YEAR}年)?(?P<month>[0-9]{{1,2}})月{_DAY}日",
        rf"{_YEAR}年(?P<month>[0-9]{{1,2}})月",
        rf"{_DAY}-{_MONTH}(?:-(?P<year>[0-9]{{2,4}}))?",
        rf"{_MONTH}-(?P<year>[0-9]{{2}})",
        r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\..*)?",
    )
]


def _typed(text: str) -> list[str] | None:
    """What was typed where a spreadsheet now shows a date or a time: 2026-03-02 was 3-2; None where it shows none."""
    found = next((match for match in (pattern.fullmatch(fold(text).strip()) for pattern in _DATES) if match), None)
    if found is None:
        return None
    said = found.groupdict()
    month = _MONTHS.index(said["name"].casefold()) + 1 if said.get("name") else int(said.get("month") or 0)
    if not month:
        return []
    day, year = int(said.get("day") or 1), int(said.get("year") or 0)
    short = year % 100
    typed = [(month, day), (day, month), (short, month, day), (month, day, short), (day, month, short)]
    typed += [(month, short), (short, month), (month, year), (year, month)] if day == 1 else []
    return ["-".join(map(str, numbers)) for numbers in typed]


def _add(home: Home, raw: Raw, columns: Columns, order: str | None) -> None:
    """Add what a row says of its household; understood as a whole first, so that a rejected row adds nothing."""
    names = _each(columns.said("names", raw.cells), _name)
    numbers = _each(columns.said("phones", raw.cells), phones.phone)
    since = _each(columns.said("since", raw.cells), lambda text: dates.day(text, order), whole=True)
    if not names and not numbers:
        column = columns.first("names") or columns.first("phones")
        raise _Refused(column, None, BadInput(N_("the row names nobody and has no phone")))
    for day, (column, text) in since.items():
        if home.since not in (None, day):
            message = N_("row {row} of the same place says {since}")
            raise _Refused(column, text, BadInput(message, row=home.since_row, since=home.since))
        home.since, home.since_row = day, home.since_row or raw.row
    for name in names:
        home.names.setdefault(name_key(name), name)
    for phone in numbers:
        home.phones.setdefault(phone_key(phone), phone)


_BETWEEN = re.compile(r"[、，,;；/\r\n]")


def _each(
    said: Iterator[tuple[str, str]], read: Callable[[str], str], *, whole: bool = False
) -> dict[str, tuple[str, str]]:
    """What cells say, each of several in a cell by itself, with the column and the text that it comes from.

    Raises:
        _Refused: one of them cannot be read.
    """
    found: dict[str, tuple[str, str]] = {}
    for column, text in said:
        for one in [text] if whole else filter(None, (part.strip() for part in _BETWEEN.split(text))):
            try:
                found.setdefault(read(one), (column, one))
            except DeskError as error:
                raise _Refused(column, one, error) from None
    return found


def _name(text: str) -> str:
    if not any(character.isalpha() for character in text):
        raise BadInput(N_("“{text}” is not a name"), text=text)
    return " ".join(text.split())
