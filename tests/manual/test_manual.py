"""The manual shows what really comes out, names every command, and its links lead somewhere."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import on_server
import pytest
import transcript

from postgres_server import Server
from repairdesk.cli import app

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = transcript.languages()
GUIDES = [page for language in LANGUAGES for page in transcript.guides(language)]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- what comes out


@pytest.mark.parametrize("language", LANGUAGES, ids=name)
def test_every_chapter_shows_what_really_comes_out(language: Path, tmp_path: Path) -> None:
    # One test for the chapters of a language: they are one story, and workers that run side by side play it once.
    difference: list[str] = []
    for chapter, text in transcript.played(language, tmp_path).items():
        shown = chapter.read_text(encoding="utf-8").splitlines()
        difference += difflib.unified_diff(shown, text.splitlines(), name(chapter), "what comes out", lineterm="")
    assert not difference, "tools/manual.py --update\n" + "\n".join(difference)


@pytest.fixture
def lobby(server: Server, database: Callable[[], str]) -> str:
    """A database beside which ledgers are made, on a server that knows the clerk."""
    import psycopg

    with psycopg.connect(server.url(), autocommit=True) as db:
        if db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (on_server.ACCOUNT,)).fetchone() is None:
            db.execute(f"CREATE ROLE {on_server.ACCOUNT} LOGIN".encode())
    return database()


# A minute and more for each language: CI plays one of them (.ci/run), and ``make soak`` both.
@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES, ids=name)
def test_every_chapter_shows_the_same_with_its_ledgers_on_a_server(language: Path, tmp_path: Path, lobby: str) -> None:
    difference: list[str] = []
    for chapter, text in transcript.played(language, tmp_path, lobby).items():
        shown = on_server.expected(chapter).splitlines()
        difference += difflib.unified_diff(shown, text.splitlines(), name(chapter), "on a server", lineterm="")
    assert not difference, "\n".join(difference)


# What installs, and what a ledger in a file is upgraded by, asks for a file.
@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in GUIDES if page.stem not in on_server.OF_FILES], ids=name)
def test_every_page_of_the_guide_shows_the_same_with_its_ledger_on_a_server(
    page: Path, tmp_path: Path, lobby: str
) -> None:
    shown, played = on_server.expected(page), transcript.played_alone(page, tmp_path, lobby)
    difference = difflib.unified_diff(shown.splitlines(), played.splitlines(), name(page), "on a server", lineterm="")
    assert shown == played, "\n".join(difference)


def test_a_difference_that_is_declared_and_not_there_any_more_is_told(tmp_path: Path) -> None:
    page = tmp_path / "07-try.md"
    page.write_text("```console\n$ ls\na.txt\nledger.db\n\n$ ls b\nledger.db\n```\n", encoding="utf-8")
    gone = on_server.Different("07", "ls", "a reason", {"^ledger": "", "txt": "csv"})
    assert on_server.expected(page, [gone]) == "```console\n$ ls\na.csv\n.db\n\n$ ls b\nledger.db\n```\n"
    with pytest.raises(AssertionError, match="is not shown any more"):
        on_server.expected(page, [gone._replace(command="ls b")])


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_every_page_of_the_guide_shows_what_really_comes_out(page: Path, tmp_path: Path) -> None:
    shown, played = page.read_text(encoding="utf-8"), transcript.played_alone(page, tmp_path)
    difference = difflib.unified_diff(shown.splitlines(), played.splitlines(), name(page), "played", lineterm="")
    assert shown == played, "tools/manual.py --update\n" + "\n".join(difference)


def test_the_guide_has_the_same_pages_in_both_languages() -> None:
    zh, en = ([page.name for page in transcript.guides(folder)] for folder in both())
    assert zh == en
    assert len(zh) >= 6


@pytest.mark.rule("VIS-1")
@pytest.mark.parametrize("language", LANGUAGES, ids=name)
def test_three_visits_of_17_20_and_3_05_and_0_41_are_1266_seconds(language: Path) -> None:
    # What the manual shows is what comes out: see above.
    assert '"handling_seconds": 1266,' in text_of(language)


def test_both_languages_type_the_same_commands() -> None:
    zh, en = ([words[1] for words in transcript.commands(text_of(folder))] for folder in both())
    assert zh == en
    assert len(zh) > 100


def both() -> tuple[Path, Path]:
    return transcript.MANUAL / "zh", transcript.MANUAL / "en"


def text_of(language: Path) -> str:
    pages = (*transcript.chapters(language), *transcript.guides(language))
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


# --- the runner itself


def test_a_changed_output_is_found_and_written_anew(tmp_path: Path) -> None:
    language, desk = tmp_path / "en", tmp_path / "desk"
    language.mkdir()
    desk.mkdir()
    chapter = language / "01-try.md"
    chapter.write_text(
        "Text stays.\n\n<!-- at 2026-11-22T09:00 -->\n<!-- file note.txt -->\n```text\nhello\n```\n\n"
        "<!-- edit note.txt: hello => good bye -->\n\n"
        "```console\n$ cat note.txt\nsomething else\n$ repairdesk show \\\n    --home nowhere\n"
        "$ repairdesk policies schema | head -1\n```\n",
        encoding="utf-8",
    )
    assert transcript.played(language, desk)[chapter] == (
        "Text stays.\n\n<!-- at 2026-11-22T09:00 -->\n<!-- file note.txt -->\n```text\nhello\n```\n\n"
        "<!-- edit note.txt: hello => good bye -->\n\n"
        "```console\n$ cat note.txt\ngood bye\n\n$ repairdesk show \\\n    --home nowhere\n"
        "missing: NUMBER\n→ repairdesk show --help shows how it is typed\n[exit 2]\n\n"
        "$ repairdesk policies schema | head -1\n{\n```\n"
    )


# --- every command, and no option that does not exist


def commands_of(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield path, command
        return
    for word, one in inner.items():
        yield from commands_of(one, *path, word)


@cache
def program() -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for word in " ".join(app.CHAPTERS.values()).split():
        found |= commands_of(app._built(app._info(word)), word)
    return found


@pytest.mark.parametrize("language", LANGUAGES, ids=name)
def test_every_command_is_in_the_manual(language: Path) -> None:
    text = re.sub(r"\\\n\s*", "", text_of(language))
    missing = [" ".join(path) for path in program() if not re.search(rf"repairdesk {' '.join(path)}\b", text)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_types_only_commands_and_options_that_exist(page: Path) -> None:
    strange = []
    for words in transcript.commands(page.read_text(encoding="utf-8")):
        path = next((tuple(words[1:end]) for end in (3, 2) if tuple(words[1:end]) in program()), None)
        if path is None:
            if words[1] != "--help":
                strange.append(" ".join(words[:3]))
            continue
        known = {option for parameter in program()[path].params for option in parameter.opts} | {"--help"}
        strange += [f"{' '.join(path)} {word}" for word in words if word.startswith("--") and word not in known]
    assert strange == []


# --- links

LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = [found[0] or found[1] for found in LINK.findall(text)]
    inside = [link.partition("#")[0] for link in links if "://" not in link and not link.startswith("#")]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.is_file():
            continue
        reached.add(page)
        links = (a or b for a, b in LINK.findall(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links if link.endswith(".md")]
    assert [name(page) for page in PAGES if page not in reached] == []
