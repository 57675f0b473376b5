"""Paper as PDF: nothing is fetched, nothing is a box, and what is missing on the machine is named."""

from __future__ import annotations

import html
import os
import re
import socket
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import tools_needed
from repairdesk.documents import pdf
from repairdesk.errors import NotFound
from tools_needed import needs, needs_module

NOWHERE = "\U0010fffd"  # private use: no font has it
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


@pytest.fixture(autouse=True)
def _library() -> None:
    needs_module("weasyprint")


@pytest.fixture
def chinese() -> None:
    """A machine with a Chinese font."""
    needs("fc-list")
    if not subprocess.run(["fc-list", ":lang=zh", "file"], capture_output=True, check=True).stdout:
        tools_needed._without("not installed: a Chinese font (apt install fonts-noto-cjk)")


def page(body: str, style: str = "", head: str = "") -> str:
    return f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>协调单 X1</title>{head}' \
           f"<style>{style}</style></head><body>{body}</body></html>"  # fmt: skip


def read(made: bytes, tmp_path: Path, *options: str) -> list[str]:
    """The text of each page."""
    needs("pdftotext")
    file = tmp_path / "read.pdf"
    file.write_bytes(made)
    done = subprocess.run(["pdftotext", *options, str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def inside(made: bytes) -> str:
    """The objects of a PDF, those that are packed together, too."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    packed = [zlib.decompressobj().decompress(one) for one in streams if one[:1] == b"x"]
    return b"\n".join([made, *packed]).decode("latin-1")


RUNNING = """
@page { size: A4; margin: 24mm 16mm 20mm;
  @top-left { content: "协调单 X20261122-0001" }
  @bottom-center { content: "第 " counter(page) " 页 / 共 " counter(pages) " 页" } }
tr { page-break-inside: avoid } td { border: 1px solid; overflow-wrap: anywhere }
td:first-child { white-space: nowrap } thead { display: table-header-group }
"""


@pytest.mark.usefixtures("chinese")
@pytest.mark.rule("COO-6")
def test_sixty_entries_run_over_pages_that_each_have_their_head_and_their_number(tmp_path: Path) -> None:
    fault = html.escape("<script>alert('漏水')</script> & “引号” \"双\"")
    rows = "".join(
        f"<tr><td>第{n}次</td><td>欧阳司徒上官诸葛慕容夏侯尉迟公孙</td><td>联系厂家，{fault}，再约{'长' * n}</td></tr>"
        for n in range(1, 61)
    )
    made = pdf.render(
        page(f"<table><thead><tr><th>次序</th><th>联系人</th></tr></thead><tbody>{rows}</tbody></table>", RUNNING)
    )
    pages = read(made.pdf, tmp_path, "-layout")
    assert made.remarks == ()
    assert len(pages) >= 4
    for n, text in enumerate(pages, start=1):
        flat = "".join(text.split())
        assert "协调单X20261122-0001" in flat
        assert f"第{n}页/共{len(pages)}页" in flat
        assert "联系人" in flat
    whole = "".join("".join(text.split()) for text in pages)
    assert [n for n in range(1, 61) if f"第{n}次" not in whole] == []
    assert "<script>alert('漏水')</script>" in whole


@pytest.mark.usefixtures("chinese")
def test_title_and_language_are_those_of_the_page_and_nothing_says_when_it_was_made(tmp_path: Path) -> None:
    needs("pdfinfo")
    made = pdf.render(page("<h1>派工单</h1>")).pdf
    file = tmp_path / "one.pdf"
    file.write_bytes(made)
    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True, text=True).stdout
    facts = {name: value.strip() for name, _, value in (line.partition(":") for line in told.splitlines())}
    assert facts["Title"] == "协调单 X1"
    assert facts["Tagged"] == "yes"
    assert "CreationDate" not in facts
    assert "/Lang (zh-CN)" in inside(made)


@pytest.mark.usefixtures("chinese")
def test_the_same_page_gives_the_same_bytes() -> None:
    assert pdf.render(page("<h1>派工单</h1>")) == pdf.render(page("<h1>派工单</h1>"))
    assert pdf.render(page("<h1>派工单</h1>")) != pdf.render(page("<h1>协调单</h1>"))


@pytest.mark.usefixtures("chinese")
def test_a_character_that_no_font_has_is_printed_as_a_geta_and_named(tmp_path: Path) -> None:
    body = f"<p>甲{NOWHERE}乙</p><p>丙&#{ord(NOWHERE)};丁</p><p>戊&#X{ord(NOWHERE):x};己</p>"
    made = pdf.render(page(body))
    (remark,) = made.remarks
    assert remark.values == {"characters": ["U+10FFFD"]}
    text = "".join(read(made.pdf, tmp_path))
    assert [line for line in text.splitlines() if line] == ["甲〓乙", "丙〓丁", "戊〓己"]


@pytest.mark.usefixtures("chinese")
def test_a_family_of_joined_characters_is_one_geta(tmp_path: Path) -> None:
    made = pdf.render(page(f"<p>甲{NOWHERE}\u200d{NOWHERE}\ufe0f乙</p>"))
    assert "甲〓乙" in "".join(read(made.pdf, tmp_path))


@pytest.mark.usefixtures("chinese")
def test_a_style_sheet_with_a_character_that_no_font_has_is_refused_and_never_a_box() -> None:
    with pytest.raises(NotFound) as refused:
        pdf.render(page("<p>甲</p>", 'p::after { content: "\\10fffd" }'))
    assert refused.value.values == {"characters": ["U+10FFFD"]}


@pytest.mark.usefixtures("chinese")
def test_a_lone_surrogate_does_not_stop_the_page(tmp_path: Path) -> None:
    assert "甲?乙" in "".join(read(pdf.render(page("<p>甲\udc80乙</p>")).pdf, tmp_path))


@pytest.mark.usefixtures("chinese")
def test_nothing_is_fetched_from_the_disk(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text('p::after { content: "SECRET" }')
    address = (tmp_path / "own.css").as_uri()
    made = pdf.render(
        page("<p>甲</p>", f"@import url({address});", f'<link rel="stylesheet" href="{address}"><base href="file:///">')
    )
    assert "SECRET" not in "".join(read(made.pdf, tmp_path))
    (remark,) = made.remarks
    assert remark.values == {"addresses": [address]}


@pytest.mark.usefixtures("chinese")
def test_nothing_is_fetched_from_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        made = pdf.render(page(f'<img src="{address}"><link rel=attachment href="{address}?b">'))
        with pytest.raises(BlockingIOError):
            server.accept()
    assert address in str(made.remarks)
    assert "/EmbeddedFile" not in inside(made.pdf)


@pytest.mark.usefixtures("chinese")
def test_a_picture_that_the_page_carries_itself_is_in_it() -> None:
    made = pdf.render(page(f'<img alt="" src="data:image/png;base64,{PNG}">'))
    assert "/Subtype /Image" in inside(made.pdf)
    assert made.remarks == ()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(NotFound, match=r"pip install 'repairdesk\[pdf\]'"):
        pdf.render(page("<p>甲</p>"))


def test_without_pango_it_says_what_to_install_and_puts_nothing_on_stdout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weasyprint.py").write_text("print('-----')\nraise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    with pytest.raises(NotFound, match="apt install libpango"):
        pdf.render(page("<p>甲</p>"))
    assert capfd.readouterr() == ("", "")


# --- machines with other fonts


def font(path: Path, characters: str) -> None:
    """A font that has just these characters."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for x, y in ((100, 700), (600, 700), (600, 0)):
        pen.lineTo((x, y))
    pen.closePath()
    names = [".notdef", *(f"u{ord(one):04X}" for one in dict.fromkeys(characters))]
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({int(name[1:], 16): name for name in names[1:]})
    made.setupGlyf(dict.fromkeys(names, pen.glyph()))
    made.setupHorizontalMetrics(dict.fromkeys(names, (700, 100)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": "Made", "styleName": "Regular", "psName": "Made-Regular", "fullName": "Made"})
    made.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    made.setupPost()
    made.save(path)


def rendered_with(fonts: Path, body: str) -> str:
    """What comes of a page on a machine that has the fonts of a folder and no others."""
    config = fonts / "fonts.conf"
    config.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{fonts}</dir><cachedir>{fonts}/cache</cachedir></fontconfig>'
    )
    program = (
        "import sys\nfrom repairdesk.documents import pdf\nfrom repairdesk.errors import DeskError\n"
        "try: print([dict(one.values) for one in pdf.render(sys.argv[1]).remarks])\n"
        "except DeskError as refused: print(refused.exit.value, refused)"
    )
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", program, page(body)], capture_output=True, check=True, text=True,
        env={**os.environ, "FONTCONFIG_FILE": str(config), "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.stdout.strip()


ASCII = "".join(map(chr, range(32, 127)))


def test_without_any_font_it_names_the_fonts_to_install_and_does_not_fall_over(tmp_path: Path) -> None:
    said = rendered_with(tmp_path, "<p>水龙头漏水</p>")
    assert said.startswith("11 ")
    assert "fonts-noto-cjk" in said


@pytest.mark.parametrize("characters", [ASCII, ASCII + "水龙头漏〓"])
def test_without_a_chinese_font_it_names_the_fonts_to_install(tmp_path: Path, characters: str) -> None:
    font(tmp_path / "made.ttf", characters)
    said = rendered_with(tmp_path, "<p>水龙头漏水，已修</p>")
    assert said.startswith("11 ")
    assert "fonts-noto-cjk" in said


def test_with_a_small_chinese_font_the_rare_characters_and_the_emoji_are_named(tmp_path: Path) -> None:
    font(tmp_path / "made.ttf", ASCII + "水龙头漏〓")
    said = rendered_with(tmp_path, "<p>水龙头漏水 \U0001f600 \U00020bb7 體</p>")
    assert said == "[{'characters': ['體 (U+9AD4)', '\U0001f600 (U+1F600)', '\U00020bb7 (U+20BB7)']}]"
