"""Making a new desk: the three rule files and an empty ledger, or nothing at all."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repairdesk.desk.rulebooks import FILES, Rulebooks
from repairdesk.desk.turn import By
from repairdesk.domain.times import parse_at
from repairdesk.errors import N_, NotAllowed, StorageError
from repairdesk.ledger.database import Store
from repairdesk.ledger.journal import Ledger


def found(
    home: Path, preset: str, by: By, now: datetime, ledger: Path | Store | None = None, *, kind: type[Ledger] = Ledger
) -> dict[str, Any]:
    """A desk, ready to use; refuses to overwrite anything.

    Raises:
        NotFound: no such preset. NotAllowed: there is a desk already. StorageError: it cannot be written.
    """
    from repairdesk.rules import preset as presets  # pydantic and yaml: nothing else of a desk needs them

    files = (*presets.preset_text(preset), presets.calendar_text())
    texts = dict(zip(FILES.values(), files, strict=True))
    book = kind(ledger or home / "ledger.db").store
    there = [str(path) for path in (home / name for name in texts) if path.exists()]
    there += [str(book)] if book.exists() else []
    if there:
        raise NotAllowed(N_("there is a desk already: {files}"), files=there)
    made: list[Path] = []
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            _write(home / name, text)
            made.append(home / name)
        new_ledger = kind.create(book)
        try:
            _first_entry(new_ledger, home, preset, by, now.astimezone(UTC).replace(microsecond=0), texts)
        except BaseException:
            book.unmake()
            raise
    except OSError as error:
        _undo(made)
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(home), why=error.strerror or "") from None
    except BaseException:
        _undo(made)
        raise
    return {"home": str(home), "ledger": str(book), "preset": preset}


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as stream:
        stream.write(text)


def _undo(made: list[Path]) -> None:
    for path in made:
        os.unlink(path)


def _first_entry(ledger: Ledger, home: Path, preset: str, by: By, now: datetime, texts: dict[str, str]) -> None:
    """The ledger begins with who made it, from what; the rules are put on record with it (REC-4)."""
    actor = by.actor or f"os:{by.os_user}"
    keyboard = f"os:{by.os_user}"
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    with ledger.write() as writer:
        books = Rulebooks(home)
        rules = books.current(writer)
        at = (parse_at(by.at, rules.zone) if isinstance(by.at, str) else by.at) or now
        if at > now:
            raise NotAllowed(N_("{at} is in the future; now it is {now}"), rule="REC-2", at=at, now=now)
        writer.append(
            "desk",
            "init",
            actor=actor,
            keyboard=keyboard,
            occurred_at=at,
            recorded_at=now,
            late=False,
            data={"preset": preset, "files": digests},
        )
        books.adopt(writer, actor, keyboard, now)
