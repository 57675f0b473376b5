"""Write docs/reference/: every key of the rules files, and every rule of the procedures with its commands and tests.

The keys are those of the models (``tools/schemas.py``), their values those of the presets; the tests of a rule are
those that carry its id. What is said of a key or a rule stands in ``tools/rule_keys.py`` and ``tools/rule_lines.py``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import schemas
from rule_keys import Meaning
from rule_lines import CHAPTERS, lines

from repairdesk.cli import app
from repairdesk.rules.marks import compose, plain_data
from repairdesk.rules.preset import calendar_text, preset_names, preset_text

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
LANGUAGES = ("zh", "en")
SHOWN = 2
"""Tests of a rule that the page quotes; the rest are run by its id."""
LONGEST = 60
"""Characters of a value that is shown; longer ones stand in the file."""

WORDS = {
    "made": (
        "<!-- 由 tools/reference.py 生成；改动源头后运行 `make reference`。 -->",
        "<!-- Made by tools/reference.py; `make reference` writes it again. -->",
    ),
    "keys": ("规则文件的每个键", "Every key of the rules files"),
    "keys-about": (
        "三个规则文件里能写的键都在这里：怎么写，各规程模板里是什么，依据哪条规则。\n"
        "表由程序读文件所用的模型生成。`*` 是自取的名字，`[]` 是列表里的每一项；\n"
        "“必填”是指上一级在就得写。怎么改、怎么试，见[编写规程](../../guide/zh/policies.md)。",
        "Every key that the three files know: how it is typed, what it is in each preset, which rule it serves. The\n"
        "tables are made from the models that read the files. `*` is a name of the desk's own, `[]` each of a list;\n"
        "what is required has to stand wherever the key above it does. How to change and to try them:\n"
        "[writing policies](../../guide/en/policies.md).",
    ),
    "head": ("键 | 说明 | 写法 | `standard` | 规则", "key | says | typed as | `standard` | rule"),
    "required": ("必填", "required"),
    "mapping": ("下列各键", "the keys below"),
    "list": ("列表", "a list"),
    "presets": ("各规程模板的不同", "Where the presets differ"),
    "presets-about": (
        "表里没有的键，各模板都与 `standard` 相同。空格是与 `standard` 相同，“–”是没有这个键。",
        "Keys that are not in this table are those of `standard` everywhere. An empty cell is as in `standard`;\n"
        "“–” means that the preset does not have the key.",
    ),
    "key": ("键", "key"),
    "obligations": ("各项时限", "The obligations"),
    "obligations-about": (
        "`standard` 里的每一项：谁欠、从哪些事起、几点以前。字段的意思见上面的 `obligations.*`。",
        "Each of `standard`: who owes it, from which events on, by when. What the fields mean is said at\n"
        "`obligations.*` above.",
    ),
    "obligations-head": (
        "项 | 谁欠 | 从 | 期限 | 梯次 | 规则，出处",
        "obligation | owed by | from | due | ladder | rule, source",
    ),
    "rules": ("每条规则：命令和测试", "Every rule: its commands and its tests"),
    "rules-about": (
        "规程里的每条规则，用自己的一句话写出；哪些命令照它办，哪些测试证明它。\n"
        "测试的名字就是它证明的句子；每条只引两个，全部运行用 `make test ARGS='--rule FEE-3'`。",
        "Every rule of the procedures in a line of our own, the commands that keep it, and tests that show it. The\n"
        "name of a test is the sentence that it shows; two are quoted, `make test ARGS='--rule FEE-3'` runs all.",
    ),
    "rules-head": ("规则 | 一句话 | 命令 | 测试", "rule | in a line | commands | shown by"),
}
"""The texts of the pages, Chinese and English."""


def said(word: str, language: str) -> str:
    """A text of the pages."""
    return WORDS[word][LANGUAGES.index(language)]


def table(head: str, rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table, line by line."""
    columns = head.split(" | ")
    yield f"| {head} |"
    yield f"|{'---|' * len(columns)}"
    yield from ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


# --- the keys


def presets(kind: str) -> dict[str, Any]:
    """The data of a file in each preset, as it is typed."""
    if kind == "calendar":
        return {"standard": plain_data(compose(calendar_text(), "")[0])}
    place = ("policies", "fees").index(kind)
    return {name: plain_data(compose(preset_text(name)[place], "")[0]) for name in preset_names()}


def value(data: Any, path: str) -> str:
    """What a key is, as it is typed; empty where it depends on a name, or is too long to show."""
    if "*" in path or "[" in path:
        return ""
    for step in path.split("."):
        data = data.get(step) if isinstance(data, dict) else None
    return shown(data)


def shown(data: Any) -> str:
    """A value as it is typed, on one line."""
    if data is None or isinstance(data, dict):
        return ""
    text = f"[{', '.join(map(str, data))}]" if isinstance(data, list) else str(data)
    return f"`{text}`" if len(text) <= LONGEST and "{" not in text else "…"


def typed(node: Any, language: str) -> str:
    """How a key is typed."""
    told = schemas.typed(node, language)
    if told:
        return told
    ways = node.get("anyOf", [node])
    return said("list" if "items" in ways[0] else "mapping", language)


def required(made: Any, path: str) -> bool:
    """Whether a key has to stand wherever the one above it does."""
    for step in path.replace("[]", ".[]").split(".")[:-1]:
        ways = made.get("anyOf", [made])
        if step == "[]":
            made = next(way for way in ways if "items" in way)["items"]
            continue
        below = [way["properties"][step] for way in ways if step in way.get("properties", {})]
        below += [way["additionalProperties"] for way in ways if isinstance(way.get("additionalProperties"), dict)]
        below += [next(iter(way["properties"].values())) for way in ways if way.get(schemas.GIVEN)]
        made = below[0]
    last = path.rpartition(".")[2].removesuffix("[]")
    return any(last in way.get("required", ()) for way in made.get("anyOf", [made]))


def keys_page(language: str) -> str:
    """The page of the keys."""
    out = [f"# {said('keys', language)}", "", said("made", language), "", said("keys-about", language), ""]
    for kind in schemas.FORMS:
        made, keys = schemas.described(kind)
        data = presets(kind)
        rows = key_rows(made, keys, data["standard"], language)
        out += [f"## {kind}.yaml", "", *table(said("head", language), rows), ""]
        if kind == "policies":
            out += [f"## {said('obligations', language)}", "", said("obligations-about", language), ""]
            owed = obligation_rows(data["standard"]["obligations"])
            out += [*table(said("obligations-head", language), owed), ""]
            out += [f"## {said('presets', language)}", "", said("presets-about", language), ""]
            head = f"{said('key', language)} | " + " | ".join(f"`{name}`" for name in data)
            out += [*table(head, difference_rows(data)), ""]
    return "\n".join(out).rstrip() + "\n"


def key_rows(made: Any, keys: dict[str, tuple[Any, Meaning]], data: Any, language: str) -> Iterator[tuple[str, ...]]:
    """A row for each key."""
    for path, (node, meaning) in keys.items():
        must = f" ({said('required', language)})" if required(made, path) else ""
        says = meaning.zh if language == "zh" else meaning.en
        yield f"`{path}`{must}", says, typed(node, language), value(data, path), meaning.rule


def obligation_rows(obligations: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """A row for each obligation of the standard preset."""
    for key, one in obligations.items():
        named = f" → `{one['name']}`" if "name" in one else ""
        yield (
            f"`{key}`{named}", one["owner"], ", ".join(one["starts"]), due(one), one.get("ladder", ""),
            f"{one['rule']}, {one['source']}",
        )  # fmt: skip


DUE = "within by by_day days_after each times days_left lead anchor calendar overdue".split()


def due(one: dict[str, Any]) -> str:
    """When an obligation is due, as it is typed."""
    parts = []
    for key in DUE:
        if key in one:
            said_ = one[key]
            text = ", ".join(f"{name} {time}" for name, time in said_.items()) if isinstance(said_, dict) else said_
            parts.append(f"`{key}: {text}`")
    return " ".join(parts)


def flat(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, by its path."""
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from flat(inner, f"{path}.{name}".lstrip("."))
    else:
        yield path, data


def difference_rows(data: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """A row for each key that some preset has otherwise than standard."""
    values = {name: dict(flat(one)) for name, one in data.items()}
    standard = values["standard"]
    paths = dict.fromkeys(path for one in values.values() for path in one)
    for path in paths:
        cells = [values[name].get(path) for name in data]
        if path in ("version", "preset") or all(cell == cells[0] for cell in cells):
            continue
        row = [short(cells[0])]
        row += ["" if cell == standard.get(path) else short(cell) for cell in cells[1:]]
        yield f"`{path}`", *row


def short(cell: Any) -> str:
    """A value in a cell; a dash where there is none."""
    return "–" if cell is None else shown(cell)


# --- the rules


def tests() -> dict[str, list[tuple[str, str]]]:
    """The file and the sentence of every test that carries a rule, in the order of the files."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py"), key=_first):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Call)]
            ids = [one.value for mark in marks if ast.unparse(mark.func) == "pytest.mark.rule" for one in mark.args
                   if isinstance(one, ast.Constant)]  # fmt: skip
            for rule in ids:
                told = (file.relative_to(ROOT).as_posix(), node.name.removeprefix("test_").replace("_", " "))
                found.setdefault(str(rule), []).append(told)
    return found


def near(found: list[tuple[str, str]], chapter: str) -> list[tuple[str, str]]:
    """The tests of a rule, those of its own chapter first."""
    return sorted(found, key=lambda test: Path(test[0]).stem != f"test_{chapter.lower()}")


def _first(file: Path) -> tuple[bool, str]:
    """The rooms of the procedures come first: they show a rule as the procedures put it."""
    return file.parent.name not in ("procedure", "domain"), file.as_posix()


def commands() -> set[str]:
    """Every command that can be typed, and every group of commands."""
    found = set()
    for name in " ".join(app.CHAPTERS.values()).split():
        built = app._built(app._info(name))
        found |= {name, *(f"{name} {word}" for word in getattr(built, "commands", {}))}
    return found


def rules_page(language: str) -> str:
    """The page of the rules.

    Raises:
        SystemExit: a rule without a test, or with a command that there is not.
    """
    shown_by, known = tests(), commands()
    strange = sorted({word for *_, words in lines() for word in words} - known - REPORTS)
    bare = [rule for rule, *_ in lines() if rule not in shown_by]
    if strange or bare:
        sys.exit(f"tools/rule_lines.py: no such command: {strange}; no test: {bare}")
    out = [f"# {said('rules', language)}", "", said("made", language), "", said("rules-about", language), ""]
    for chapter, titles in CHAPTERS.items():
        rows = [
            (rule, zh if language == "zh" else en, ", ".join(f"`{word}`" for word in words),
             "<br>".join(f"{sentence} (`{file}`)" for file, sentence in near(shown_by[rule], chapter)[:SHOWN]))
            for rule, zh, en, words in lines() if rule.startswith(f"{chapter}-")
        ]  # fmt: skip
        out += [f"## {chapter} {titles[LANGUAGES.index(language)]}", ""]
        out += [*table(said("rules-head", language), rows), ""]
    return "\n".join(out).rstrip() + "\n"


REPORTS = {"report finance"}
"""What is typed as an argument of a command, and is no command of its own."""


def main() -> int:
    """Write all of them."""
    for language in LANGUAGES:
        folder = FOLDER / language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "keys.md").write_text(keys_page(language), encoding="utf-8")
        (folder / "rules.md").write_text(rules_page(language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
