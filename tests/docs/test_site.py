"""The site of the docs: every page of a language is on it, every link leads somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tools_needed import needs, needs_module

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh", "en")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


@pytest.fixture(params=LANGUAGES)
def staged(request: pytest.FixtureRequest, website: ModuleType, tmp_path: Path) -> Path:
    """The pages of a language as Sphinx gets them, without the diagrams drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(website, "svg", lambda diagram: "<svg/>")
        website.stage(request.param, tmp_path)
    return tmp_path


def test_every_link_of_a_laid_page_leads_to_a_laid_file(staged: Path) -> None:
    lost, seen = [], 0
    for page in staged.rglob("*.md"):
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for target in (found[1] or found[2] for found in LINK.finditer(text)):
            if "://" not in target and not target.startswith("#"):
                seen += 1
                lost += [f"{page.name}: {target}"] * (not (page.parent / target.partition("#")[0]).exists())
    assert lost == []
    assert seen > 50


def test_every_page_of_the_language_is_laid_and_none_of_the_other(staged: Path, website: ModuleType) -> None:
    names = {page.relative_to(staged).as_posix() for page in staged.rglob("*.md")}
    chapters = {f"manual/{path.name}" for path in (ROOT / "docs" / "manual" / "zh").glob("*.md")}
    decisions = {f"decisions/{path.name}" for path in (ROOT / "docs" / "decisions").glob("0*.md")}
    others = {"index.md", "guide/tour.md", "reference/keys.md", "changelog.md", "security.md"}
    assert chapters | decisions | others <= names
    assert len([name for name in names if name.startswith("manual/")]) == len(chapters)


def test_both_languages_have_the_same_pages(website: ModuleType) -> None:
    zh, en = ({page.place for page in website.pages(language).values()} for language in LANGUAGES)
    assert zh == en


def test_the_readme_is_laid_in_one_language(website: ModuleType) -> None:
    zh, en = (website.text_of("README.md", language) for language in LANGUAGES)
    assert "台账是证据" in zh
    assert "台账是证据" not in en
    assert "The ledger is evidence" in en
    assert zh.startswith("# repairdesk")
    assert en.startswith("# repairdesk")


def test_a_link_that_leads_nowhere_stops_the_build(website: ModuleType) -> None:
    page = website.Page("docs/guide/zh/tour.md", "guide/tour.md")
    with pytest.raises(SystemExit, match=r"leads nowhere: nowhere\.md"):
        website.relinked("[gone](nowhere.md)", page, website.pages("zh"))


def test_a_link_to_what_is_no_page_becomes_its_name_and_a_typed_one_stays(website: ModuleType) -> None:
    page, known = website.Page("bench/README.md", "bench.md"), website.pages("zh")
    assert website.relinked("see [the floors](floors.py)", page, known) == "see the floors (`bench/floors.py`)"
    assert website.relinked("```text\n[x](y)\n```\n", page, known) == "```text\n[x](y)\n```\n"
    assert website.relinked("[why](../docs/lifecycle.md#a)", page, known) == "[why](lifecycle.md#a)"


def test_a_line_that_breaks_within_chinese_goes_on_without_a_blank(website: ModuleType) -> None:
    page, known = website.Page("docs/guide/zh/tour.md", "guide/tour.md"), website.pages("zh")
    assert website.relinked("账单，\n逐行\n\n- 一\n- 二\na line\nof letters\n", page, known) == (
        "账单，逐行\n\n- 一\n- 二\na line\nof letters\n"
    )
    assert website.relinked("```text\n一\n二\n```", page, known) == "```text\n一\n二\n```"


@pytest.mark.parametrize(
    ("page", "found"),
    {
        '<script src="https://elsewhere.example/a.js"></script>': True,
        '<link rel="stylesheet" href="//elsewhere.example/a.css">': True,
        '<img alt="x" src="http://elsewhere.example/a.png">': True,
        "<style>@import 'https://elsewhere.example/a.css'</style>": True,
        "<style>a { background: url(https://elsewhere.example/a.png) }</style>": True,
        '<a href="https://elsewhere.example/">a link to follow</a>': False,
        '<script src="_static/a.js"></script>': False,
    }.items(),
)
def test_what_a_browser_would_fetch_from_elsewhere_is_found(
    page: str, found: bool, website: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert bool(website.fetched(tmp_path)) is found


def test_a_diagram_that_cannot_be_drawn_stops_the_build(website: ModuleType) -> None:
    needs("dot")
    drawn = website.svg("stateDiagram-v2\n    [*] --> reported: intake\n    reported --> [*]\n")
    assert "<svg" in drawn
    assert "reported" in drawn
    with pytest.raises(SystemExit, match=r"cannot draw: +note right of x"):
        website.svg("stateDiagram-v2\n    note right of x\n")


@pytest.mark.slow
def test_the_site_is_built_and_its_search_finds_chinese() -> None:
    needs("dot")
    needs_module("sphinx")
    done = subprocess.run([sys.executable, "tools/website.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    index = (ROOT / "build" / "site" / "zh" / "searchindex.js").read_text(encoding="utf-8")
    assert json.dumps("返单") in index or '"返单"' in index
    assert "splitQuery" in (ROOT / "build" / "site" / "zh" / "_static" / "language_data.js").read_text(encoding="utf-8")
