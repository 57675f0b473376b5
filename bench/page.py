"""The page of figures: what the parts of a run found, as JSON in a folder, becomes the tables of README.md.

Each part writes ``PART.json``: what the run saw of the machine, and rows of ``pairs.row``. A table stands on the page
between ``<!-- PART -->`` and ``<!-- end of PART -->``; a part that was not run keeps the table that it has. An aim that
is not met is marked, never left out.

    python bench/page.py RUN_FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sqlite3
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("README.md")
Doc = dict[str, Any]
MISSED = " **missed**"


def machine() -> Doc:
    """What the figures are worth depends on: the day, the versions, and how busy the machine is."""
    return {
        "day": f"{datetime.now():%Y-%m-%d}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
    }


def write(folder: Path, part: str, rows: Sequence[Doc], **more: Any) -> Path:
    """Keep what a part found."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{part}.json"
    doc = {"part": part, "machine": machine(), **more, "rows": list(rows)}
    file.write_text(json.dumps(doc, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def table(doc: Mapping[str, Any]) -> str:
    """The figures of a part: the day and the machine, then one line a figure."""
    seen = doc["machine"]
    load = " ".join(map(str, seen["load"]))
    other = doc.get("against", "floor")
    times = "times as fast" if doc.get("faster") else "ratio"
    versions = f"Python {seen['python']}, SQLite {seen['sqlite']}"
    lines = [
        f"{seen['day']}, {versions}, {seen['cores']} cores; load {load} at the end.",
        "",
        f"| | ours | {other} | {times}: least | median | greatest | of the processor | aim | rounds |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(one, bool(doc.get("faster"))) for one in doc["rows"]),
    ]
    notes = doc.get("notes") or []
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines)


def _line(row: Mapping[str, Any], faster: bool) -> str:
    least, middle, most = row["ratio"]
    aim = "" if row["aim"] is None else f"{'≥' if faster else '≤'} {row['aim']:g}{'' if row['met'] else MISSED}"
    return (
        f"| {row['name']} | {milliseconds(row['ours_ms'])} | {milliseconds(row['floor_ms'])} | {least:.2f} | "
        f"**{middle:.2f}** | {most:.2f} | {row['cpu_ratio']:.2f} | {aim} | {row['rounds']} |"
    )


def milliseconds(value: float) -> str:
    """``0.42 ms``, ``262 ms``, ``12.3 s``."""
    if value < 10:
        return f"{value:.2f} ms"
    return f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"


def placed(text: str, tables: Mapping[str, str]) -> str:
    """The page with these tables.

    Raises:
        SystemExit: the page has no place for one.
    """
    for part, shown in tables.items():
        begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
        place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not place.search(text):
            sys.exit(f"the page has no place {begin}")
        text = place.sub(lambda _, b=begin, s=shown, e=end: f"{b}\n\n{s}\n\n{e}", text, count=1)  # type: ignore[misc]
    return text


def found(folder: Path) -> Iterable[Doc]:
    """What the parts of a run kept."""
    for file in sorted(folder.glob("*.json")):
        doc = json.loads(file.read_text(encoding="utf-8"))
        if "part" in doc:
            yield doc


def bring(folder: Path, file: Path = PAGE) -> list[str]:
    """Bring the page up to date with a run; which tables that are."""
    tables = {doc["part"]: table(doc) for doc in found(folder)}
    file.write_text(placed(file.read_text(encoding="utf-8"), tables), encoding="utf-8")
    return list(tables)


def main() -> int:
    """Bring the page up to date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    print(f"{asked.page}: {', '.join(bring(asked.folder, asked.page))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
