"""Play the manual and the guide: compare what they show with what comes out, or write it into them.

tools/manual.py [--update] [--guide] [LANGUAGE…]

Write a chapter by typing commands into it, let ``--update`` fill in what came out, and read it.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "manual")]

import transcript  # noqa: E402


def main() -> int:
    """1 if a chapter shows something else than what comes out."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--update", action="store_true", help="write what comes out into the chapters")
    reader.add_argument("--guide", action="store_true", help="only the pages of the guide")
    reader.add_argument("languages", nargs="*", help="zh, en; all")
    said = reader.parse_args()
    stale = 0
    for language in transcript.languages():
        if said.languages and language.name not in said.languages:
            continue
        with tempfile.TemporaryDirectory() as folder:
            texts = {} if said.guide else transcript.played(language, Path(folder))
        for page in transcript.guides(language):
            with tempfile.TemporaryDirectory() as folder:
                texts[page] = transcript.played_alone(page, Path(folder))
        for chapter, text in texts.items():
            before = chapter.read_text(encoding="utf-8")
            if text == before:
                continue
            name = str(chapter.relative_to(ROOT))
            if said.update:
                chapter.write_text(text, encoding="utf-8")
                print(f"{name}: updated")
            else:
                stale = 1
                difference = difflib.unified_diff(before.splitlines(True), text.splitlines(True), name, "played")
                sys.stdout.writelines(difference)
    return stale


if __name__ == "__main__":
    sys.exit(main())
