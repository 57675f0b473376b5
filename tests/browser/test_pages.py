"""The reports as a browser shows them: the figures are the ledger's, nothing is asked for, everyone can read them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repairdesk.domain.rates import percent
from tools_needed import needs

Open = Callable[..., Any]
Document = Callable[..., dict[str, Any]]
NAMES = ("month", "staff", "faults", "callbacks", "complaints", "help", "clocks", "finance")
EMPTY = "2020-01"
RATES = {
    "on_time_rate": ("on_time", "met", "missed"),
    "satisfaction_rate": ("satisfaction", "satisfied", "below"),
    "first_time_fix_rate": ("first_time_fix", "fixed", "reworked"),
    "complete_rate": ("complete", "whole", "lacking"),
}

CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = rgb => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const parsed = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = element => {
    if (element instanceof SVGElement) {
      const box = element.getBoundingClientRect();
      element.scrollIntoView({block: 'center'});
      const now = element.getBoundingClientRect();
      const under = document.elementsFromPoint(now.x + now.width / 2, now.y + now.height / 2);
      const cell = under.find(one => one.tagName === 'path' && getComputedStyle(one).fill !== 'none');
      return cell ? parsed(getComputedStyle(cell).fill) : [255, 255, 255];
    }
    for (let one = element; one; one = one.parentElement) {
      const found = parsed(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || ['TITLE', 'DESC', 'STYLE'].includes(element.tagName.toUpperCase())) continue;
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = parsed(element instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.textContent.trim().slice(0, 40));
  }
  return poor;
}"""


def text(page: Any, figure: str) -> str:
    return str(page.locator(f'[data-figure="{figure}"]').inner_text())


def table(page: Any, name: str) -> list[dict[str, str]]:
    """A table of the page, a row by its heads; those of closed parts too."""
    cells: list[list[str]] = page.locator(f"#{name}").evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


@pytest.mark.rule("RPT-1", "RPT-2")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_of_the_page_is_the_one_that_json_has(opened: Open, document: Document, lang: str) -> None:
    page, month = opened(lang=lang).page, document("month")
    assert (text(page, "orders"), text(page, "finished")) == (str(month["orders"]), str(month["finished"]))
    for rate, (group, good, bad) in RATES.items():
        part, whole = month[group][good], month[group][good] + month[group][bad]
        assert text(page, rate) == percent(part, whole)
        assert (text(page, f"{group}.{good}"), text(page, f"{group}.all")) == (str(part), str(whole))
    for stratum, one in month["callback"].items():
        assert text(page, f"callback.{stratum}") == percent(one["done"], one["quota"])
        assert text(page, f"callback.{stratum}.done") == str(one["done"])
        assert text(page, f"callback.{stratum}.quota") == str(one["quota"])
    shown = set(page.locator("[data-figure]").evaluate_all("all => all.map(one => one.dataset.figure)"))
    assert len(shown) == 2 + 3 * (len(RATES) + len(month["callback"]))


@pytest.mark.rule("RPT-1")
def test_the_tables_behind_the_charts_have_the_figures_of_json(opened: Open, document: Document) -> None:
    page, month, faults = opened().page, document("month"), document("faults")
    rows = table(page, "month-technician")
    assert [row["group"] for row in rows if row["group"] != "–"] == [
        f"{one['technician']} {one['name']}" for one in month["by_technician"] if one["technician"]
    ]
    for row, one in zip(rows, month["by_technician"], strict=True):
        part, whole = one["on_time"]["met"], one["on_time"]["met"] + one["on_time"]["missed"]
        assert row["orders"] == str(one["orders"])
        assert row["on time"] == (f"{percent(part, whole)} ({part}/{whole})" if whole else "–")
    for row, one in zip(table(page, "faults-category"), faults["categories"], strict=True):
        assert (row["orders"], row["repeats"]) == (str(one["orders"]), str(one["repeats"]))
        assert row["cumulated"].startswith(percent(one["cumulated"], faults["orders"]))
    hours = table(page, "hours-table")
    assert hours[-1]["all"] == str(month["orders"])
    assert sum(int(row["all"]) for row in hours[:-1]) == month["orders"]
    trend = table(page, "trend-table")
    assert len(trend) == 12
    assert (trend[-1]["month"], trend[-1]["orders"]) == (month["month"], str(month["orders"]))


@pytest.mark.parametrize("month", ["2026-10", EMPTY])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_and_has_nothing_to_complain_of(opened: Open, name: str, month: str) -> None:
    one = opened(name, month)
    assert one.requests == [one.url]
    assert one.messages == []
    assert one.page.locator("script, link, img, iframe, object, embed").count() == 0


@pytest.mark.parametrize("name", NAMES)
def test_no_page_scrolls_sideways(opened: Open, name: str) -> None:
    page = opened(name, lang="zh").page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width in (360, 800, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_chart_has_a_name_and_says_its_finding(opened: Open, lang: str) -> None:
    page = opened(lang=lang).page
    charts = page.locator("svg")
    # Four rates and the orders over the months, the hours, the quota, the faults, the technicians.
    assert charts.count() == 9
    for chart in charts.all():
        assert chart.get_attribute("role") == "img"
        said = [page.locator(f"#{one}") for one in str(chart.get_attribute("aria-labelledby")).split()]
        assert len(said) == 2
        assert all(one.text_content() for one in said)
    ids: list[str] = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_one_heading_its_landmarks_and_tables_that_say_what_they_are(opened: Open, name: str) -> None:
    page = opened(name, lang="zh").page
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert [page.locator(one).count() for one in ("h1", "header", "main", "footer")] == [1, 1, 1, 1]
    tables = page.locator("table")
    assert tables.count() > 0
    assert page.locator("table > caption").count() == tables.count()
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("thead th:not([scope=col]), tbody th:not([scope=row])").count() == 0


@pytest.mark.parametrize("name", ["month", "faults"])
def test_all_text_stands_out_from_what_is_behind_it(opened: Open, name: str) -> None:
    page = opened(name).page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(CONTRAST) == []


def test_poor_contrast_would_be_found(opened: Open) -> None:
    page = opened().page
    page.evaluate("document.querySelector('h1').style.color = '#888'")
    assert len(page.evaluate(CONTRAST)) == 1


def test_a_month_with_nothing_in_it_says_so_and_draws_nothing(opened: Open) -> None:
    page = opened(month=EMPTY).page
    assert page.locator("svg").count() == 0
    assert [text(page, rate) for rate in RATES] == ["–"] * len(RATES)
    assert page.get_by_text("Nothing to count.").count() > 0
    assert "None" not in page.locator("body").inner_text()


def test_paper_has_every_chart_whole_and_the_tables_that_were_closed(opened: Open, tmp_path: Path) -> None:
    needs("pdftotext")
    page = opened(lang="en").page
    path = tmp_path / "month.pdf"
    page.pdf(path=str(path), prefer_css_page_size=True)
    said = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    assert "23–24" in said, "the table of the hours, which is closed on the screen"
    assert "Figures behind it" not in said, "nobody opens anything on paper"
    page.emulate_media(media="print")
    kept = page.locator("figure").evaluate_all("all => all.map(one => getComputedStyle(one).breakInside)")
    assert set(kept) == {"avoid"}


@pytest.mark.parametrize("name", NAMES)
def test_every_page_fits_the_sheet_that_it_is_printed_on(opened: Open, name: str) -> None:
    page = opened(name).page
    across = 273 if "landscape" in page.locator("style").inner_text() else 186
    sheet = int(across / 25.4 * 96)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": sheet, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= sheet
