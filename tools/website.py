"""Build the site of the docs, in both languages: build/site/index.html. Nothing in it is fetched from elsewhere.

A page lies in the repository where its readers look for it; here it is laid where the site has it, and every link goes
along. A link that leads nowhere stops the build, and so does every warning of Sphinx. The diagrams of the states are
drawn by Graphviz.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build" / "site"
LANGUAGES = {"zh": "中文", "en": "English"}

FILES = {
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "bench/README.md": "bench.md",
    "docs/README.md": "index.md",
    "docs/decisions/README.md": "decisions/index.md",
    "docs/lifecycle.md": "lifecycle.md",
    "docs/scale.md": "scale.md",
    "LICENSE": "license.md",
}
"""Pages that lie elsewhere on the site. README.md, which has both languages, is the first page of each."""
FOLDERS = {
    "docs/guide/{language}": "guide",
    "docs/manual/{language}": "manual",
    "docs/reference/{language}": "reference",
    "docs/decisions": "decisions",
    "docs/images": "images",
}
CONTENTS = {
    "zh": {
        "上手": ["guide/tour", "guide/day", "guide/install"],
        "手册": ["manual/*"],
        "怎样用": ["guide/cron", "guide/scripts", "guide/sites", "guide/server", "guide/strong", "guide/policies"],
        "查阅": ["reference/keys", "reference/rules", "lifecycle", "scale", "security", "changelog"],
        "内里（英文）": ["decisions/index", "bench", "license"],
    },
    "en": {
        "Begin": ["guide/tour", "guide/day", "guide/install"],
        "Manual": ["manual/*"],
        "How to": ["guide/cron", "guide/scripts", "guide/sites", "guide/server", "guide/strong", "guide/policies"],
        "Look up": ["reference/keys", "reference/rules", "lifecycle", "scale", "security", "changelog"],
        "Inside": ["decisions/index", "bench", "license"],
    },
}
"""The headings of the contents, and what stands below each."""

LINK = re.compile(r"(?P<before>!?\[[^\]]*\]\()(?P<target>[^)\s]+)(?P<after>\))|(?P<html><img src=\")(?P<source>[^\"]+)")
FENCE = re.compile(r"^(?P<fence>`{3,})(?P<kind>\w*)\n(?P<body>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)
CHINESE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”"
BREAK = re.compile(rf"(?<=[{CHINESE}])\n *(?=[{CHINESE}])")
"""The end of a line within Chinese, which a browser would show as a blank."""
EDGE = re.compile(r"(\S+) --> (\S+?)(?:: (.*))?$")


DRAWING = (
    "digraph {",
    'graph [bgcolor="transparent"]',
    'node [shape=box style="rounded,filled" fillcolor="#eef3f8" color="#5b7083" fontname="sans-serif" fontsize=12]',
    'edge [color="#5b7083" fontname="sans-serif" fontsize=10]',
    'begin [label="" shape=circle width=0.18 fillcolor="#5b7083"]',
)
"""How a diagram begins; an end has a double border."""


class Page(NamedTuple):
    """A page, or a picture: where it lies in the repository and on the site."""

    source: str
    place: str


def pages(language: str) -> dict[str, Page]:
    """Every page and picture of a language, by its place in the repository."""
    found = {source: Page(source, place) for source, place in FILES.items()}
    found["README.md"] = Page("README.md", "index.md")
    for pattern, place in FOLDERS.items():
        folder = ROOT / pattern.format(language=language)
        for path in sorted(folder.iterdir()):
            source = path.relative_to(ROOT).as_posix()
            if path.is_file() and source not in found:
                found[source] = Page(source, f"{place}/{path.name}")
    return found


def text_of(source: str, language: str) -> str:
    """A page as it lies in the repository; of the README the part of one language."""
    text = (ROOT / source).read_text(encoding="utf-8")
    if source == "LICENSE":
        return f"# MIT\n\n```text\n{text}```\n"
    if source != "README.md":
        return text
    chinese, english = text.split("\n---\n", 1)
    return chinese + "\n" if language == "zh" else f"# repairdesk\n{english}"


def relinked(text: str, page: Page, known: dict[str, Page]) -> str:
    """A page whose links lead to where the site has things; what is no page of it is only named.

    Raises:
        SystemExit: a link that leads nowhere.
    """

    def new(found: re.Match[str]) -> str:
        target = found["target"] or found["source"]
        if "://" in target or target.startswith("#"):
            return found[0]
        path, mark, anchor = target.partition("#")
        wanted = os.path.normpath(PurePosixPath(page.source).parent / path)
        if not (ROOT / wanted).exists():
            sys.exit(f"{page.source}: a link leads nowhere: {target}")
        if wanted not in known:
            if found["html"]:
                sys.exit(f"{page.source}: a picture that the site does not have: {target}")
            return f"{found['before'].lstrip('!')[1:-2]} (`{wanted}`)"
        there = os.path.relpath(known[wanted].place, PurePosixPath(page.place).parent)
        if found["html"]:
            return f"{found['html']}{there}"
        return f"{found['before']}{there}{mark}{anchor}{found['after']}"

    # What stands in a fence is typed or came out; it is no link.
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("```") else BREAK.sub("", LINK.sub(new, part)) for part in parts)


def drawn(text: str, page: Page, folder: Path) -> str:
    """A page whose Mermaid diagrams are pictures."""
    count = 0

    def picture(found: re.Match[str]) -> str:
        nonlocal count
        if found["kind"] != "mermaid":
            return found[0]
        count += 1
        name = f"{PurePosixPath(page.place).stem}-{count}.svg"
        (folder / "images").mkdir(exist_ok=True)
        (folder / "images" / name).write_text(svg(found["body"]), encoding="utf-8")
        return f"![]({os.path.relpath(f'images/{name}', PurePosixPath(page.place).parent)})"

    return FENCE.sub(picture, text)


def svg(diagram: str) -> str:
    """A Mermaid diagram of states as a picture.

    Raises:
        SystemExit: Graphviz is not there, or the diagram holds something else than edges.
    """
    program = shutil.which("dot") or sys.exit("dot is not installed (apt install graphviz)")
    head, *lines = diagram.strip().splitlines()
    if head != "stateDiagram-v2":
        sys.exit(f"tools/website.py draws states, not {head}")
    out = list(DRAWING)
    for line in lines:
        edge = EDGE.fullmatch(line.strip()) or sys.exit(f"tools/website.py cannot draw: {line}")
        if edge[2] == "[*]":
            out.append(f'"{edge[1]}" [peripheries=2]')
            continue
        source = "begin" if edge[1] == "[*]" else edge[1]
        out.append(f'"{source}" -> "{edge[2]}" [label="{edge[3] or ""}"]')
    done = subprocess.run([program, "-Tsvg"], input="\n".join([*out, "}"]), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def contents(language: str) -> str:
    """The contents, for the margin of every page."""
    out = []
    for title, entries in CONTENTS[language].items():
        out += ["", "```{toctree}", f":caption: {title}", ":hidden:", ":glob:", "", *entries, "```"]
    return "\n".join(out) + "\n"


def stage(language: str, folder: Path) -> None:
    """Lay every page of a language where the site has it."""
    known = pages(language)
    for page in known.values():
        file = folder / page.place
        file.parent.mkdir(parents=True, exist_ok=True)
        if not page.place.endswith(".md"):
            shutil.copyfile(ROOT / page.source, file)
        elif page.source != "docs/README.md":
            text = drawn(relinked(text_of(page.source, language), page, known), page, folder)
            if page.place == "decisions/index.md":
                text += "\n```{toctree}\n:hidden:\n:glob:\n\n[0-9]*\n```\n"
            file.write_text(text + (contents(language) if page.source == "README.md" else ""), encoding="utf-8")


def build(language: str) -> int:
    """Build one language; the exit code of Sphinx."""
    source = ROOT / "build" / "site-source" / language
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    stage(language, source)
    strict = ["-q", "-E", "-W", "--keep-going", "-b", "html", "-c", str(ROOT / "docs" / "site")]
    places = ["-d", str(source.with_name(f"{language}-read")), str(source), str(SITE / language)]
    call = [sys.executable, "-m", "sphinx", *strict, *places]
    return subprocess.run(call, env=os.environ | {"SITE_LANGUAGE": language}, check=False).returncode


FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|audio|video|embed)\b[^>]*\bsrc\s*=\s*["']?(?:https?:)?//"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|alternate))[^>]*\bhref\s*=\s*["']?(?:https?:)?//"""
    r"""|@import\s*["']?(?:url\()?["']?(?:https?:)?//|url\(["']?(?:https?:)?//"""
)


def fetched(folder: Path) -> list[str]:
    """What a browser would fetch from elsewhere to show the site."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in (".html", ".css"))
    return [f"{path.relative_to(folder)}: {found[0]}" for path in files
            for found in FETCHED.finditer(path.read_text(encoding="utf-8"))]  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Build all of it; 1 if something is wrong with it."""
    shutil.rmtree(SITE, ignore_errors=True)
    for language in LANGUAGES:
        if build(language):
            return 1
    links = " · ".join(f'<a href="{language}/index.html">{name}</a>' for language, name in LANGUAGES.items())
    # Whoever cannot be led on finds the links.
    (SITE / "index.html").write_text(
        '<!doctype html>\n<html lang="zh"><meta charset="utf-8"><title>repairdesk</title>'
        f'<meta http-equiv="refresh" content="0; url=zh/index.html"><p>{links}</p></html>\n', encoding="utf-8"
    )  # fmt: skip
    if elsewhere := fetched(SITE):
        print("\n".join(["what the site would fetch from elsewhere:", *elsewhere]), file=sys.stderr)
        return 1
    print(f"{(SITE / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
