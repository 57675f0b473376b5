"""How the site looks: read by Sphinx, which ``tools/website.py`` calls once for each language."""

from __future__ import annotations

import os
import re
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.search import SearchLanguage, languages

LANGUAGE = os.environ["SITE_LANGUAGE"]

project = "repairdesk"
language = {"zh": "zh_CN", "en": "en"}[LANGUAGE]
html_title = {"zh": "repairdesk 手册", "en": "repairdesk"}[LANGUAGE]
extensions = ["myst_parser"]
myst_enable_extensions = ["html_image"]
myst_heading_anchors = 4
html_theme = "furo"
templates_path = ["."]
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_sidebars = {
    "**": ["sidebar/brand.html", "languages.html", "sidebar/search.html", "sidebar/scroll-start.html",
           "sidebar/navigation.html", "sidebar/scroll-end.html"]
}  # fmt: skip
html_copy_source = html_show_sourcelink = html_show_copyright = html_use_index = False
html_last_updated_fmt = None


class Pairs(SearchLanguage):
    """Chinese is written without blanks: it is found by every two characters that follow each other."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = """
function splitQuery(query) {
  const found = [];
  for (const [run] of query.matchAll(/[A-Za-z0-9_.-]+|[\\u3400-\\u9fff]+/g)) {
    if (run.charCodeAt(0) < 0x3400 || run.length === 1) found.push(run);
    else for (let n = 0; n + 1 < run.length; n++) found.push(run.slice(n, n + 2));
  }
  return found;
}
"""
    _RUN = re.compile(r"[A-Za-z0-9_.-]+|[\u3400-\u9fff]+")

    def split(self, text: str) -> list[str]:
        """The words in letters, and the pairs of characters."""
        found: list[str] = []
        for run in self._RUN.findall(text):
            chinese = run[0] >= "\u3400" and len(run) > 1
            found += [run[n : n + 2] for n in range(len(run) - 1)] if chinese else [run]
        return found

    def word_filter(self, word: str) -> bool:
        """Everything is looked for."""
        return True


languages["zh"] = Pairs
languages["zh_CN"] = Pairs


def setup(app: Any) -> None:
    """A table of values has no colours to give."""
    app.add_lexer("csv", TextLexer)
