"""Write the JSON Schemas of the rules files, from the models that read them: src/repairdesk/rules/schemas/*.json.

They are for editors, which propose keys and mark mistakes while a file is typed. A schema refuses nothing that the
desk takes; what several keys must agree on only ``policies check`` and its like see.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from rule_keys import FILES, Meaning, meanings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from repairdesk.rules import days, schema, units  # noqa: E402

FOLDER = ROOT / "src" / "repairdesk" / "rules" / "schemas"
FORMS = {"policies": schema.PoliciesForm, "fees": schema.FeesForm, "calendar": days.CalendarFileForm}
DRAFT = "http://json-schema.org/draft-07/schema#"
"""The newest that every editor knows."""


class Reader(NamedTuple):
    """How a value that one of ``units`` reads is typed: for editors, and in the words of both languages."""

    shape: JsonSchemaValue
    zh: str
    en: str


def _text(pattern: str = "", *others: str) -> JsonSchemaValue:
    """A text; ``others`` are the types that YAML makes of it without quotes. A pattern holds for texts alone."""
    kinds = ["string", *others]
    return {"type": kinds if others else "string"} | ({"pattern": pattern} if pattern else {})


# Blanks may stand around a value, and full-width forms are folded: whatever is not ASCII is left to the desk.
_ODD = r"|[^\x00-\x7F]"
_NAME = r"[^\s!-,/:-@\[-^`{-~]{1,40}"
_AMOUNT = rf"^\s*([0-9]+(\.[0-9]{{1,2}})?)\s*${_ODD}"
READERS: dict[Callable[[object], object], Reader] = {
    units.line: Reader(_text("\\S", "number", "boolean"), "一行文字", "one line of text"),
    units.code: Reader(_text(rf"^\s*{_NAME}\s*$", "number"), "代码", "a code"),
    units.version: Reader(_text(r"^\s*[^\s!-*,/:-@\[-^`{-~]{1,60}\s*$", "number"), "版本名", "a name of a version"),
    units.prefix: Reader(_text(r"^\s*[A-Z]{1,4}\s*$"), "一到四个大写字母", "one to four capitals"),
    units.currency: Reader(_text(r"^\s*[A-Z]{3}\s*$"), "三个大写字母", "three capitals"),
    units.rule: Reader(_text(r"^\s*[A-Z]{3}-[0-9]{1,2}\s*$"), "规则编号", "the id of a rule"),
    units.duration: Reader(_text(rf"^\s*[0-9]{{1,6}}\s?[smhd]\s*${_ODD}"), "时长：90s、15m、48h、7d",
                           "a duration: 90s, 15m, 48h, 7d"),
    units.period: Reader(_text(rf"^\s*([0-9]{{1,5}}\s?[yd]|forever)\s*${_ODD}"), "期限：2y、90d、forever",
                         "a period: 2y, 90d, forever"),
    units.size: Reader(_text(rf"^\s*[0-9]{{1,7}}\s?[kKM]B\s*${_ODD}"), "大小：500 kB、20 MB", "a size: 500 kB, 20 MB"),
    units.clock_time: Reader(_text(rf"^\s*[0-9]{{1,2}}:[0-9]{{2}}\s*${_ODD}"), "时刻：HH:MM", "a time of day: HH:MM"),
    units.window: Reader(_text(rf"^\s*[0-9]{{1,2}}:[0-9]{{2}}\s*-\s*[0-9]{{1,2}}:[0-9]{{2}}\s*${_ODD}"),
                         "时段：08:30-12:00", "a window: 08:30-12:00"),
    units.day: Reader(_text(r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$"), "日期：2026-11-22", "a date: 2026-11-22"),
    units.weekdays: Reader(_text(r"^\s*(mon|tue|wed|thu|fri|sat|sun)(-(tue|wed|thu|fri|sat|sun))?\s*$"),
                           "星期：sat、mon-fri", "days of the week: sat, mon-fri"),
    units.amount: Reader({"type": ["string", "number"], "pattern": _AMOUNT, "minimum": 0}, "金额（元），最多两位小数",
                         "an amount in yuan, at most two decimals"),
    units.step: Reader({"type": ["string", "number"], "pattern": _AMOUNT, "exclusiveMinimum": 0}, "金额（元），大于 0",
                       "an amount in yuan, more than 0"),
    units.limit: Reader({"type": ["string", "number"], "pattern": rf"^\s*([0-9]+(\.[0-9]{{1,2}})?|any)\s*${_ODD}",
                         "minimum": 0}, "金额（元），或 any", "an amount in yuan, or any"),
    units.rate: Reader({"type": ["string", "number"], "pattern": rf"^\s*[0-9]{{1,2}}(\.[0-9]{{1,4}})?\s*${_ODD}",
                        "minimum": 0}, "比率：0.30 是三成", "a rate: 0.30 is 30 %"),
    units.share: Reader({"type": ["string", "number"], "pattern": rf"^\s*[01](\.[0-9]{{1,4}})?\s*${_ODD}",
                         "minimum": 0, "maximum": 1}, "比率，0 到 1", "a share, 0 to 1"),
    units.minutes: Reader({"type": ["integer", "string"], "pattern": rf"^\s*[0-9]{{1,4}}\s*${_ODD}", "minimum": 0,
                           "maximum": 1440}, "分钟数，0 到 1440", "minutes, 0 to 1440"),
    units.months: Reader({"type": ["integer", "string"], "pattern": rf"^\s*[0-9]{{1,4}}\s*${_ODD}", "minimum": 0,
                          "maximum": 120}, "月数，0 到 120", "months, 0 to 120"),
    units.day_of_month: Reader({"type": ["integer", "string"], "pattern": rf"^\s*[0-9]{{1,4}}\s*${_ODD}", "minimum": 1,
                                "maximum": 28}, "日，1 到 28", "a day of the month, 1 to 28"),
    units.count: Reader({"type": ["integer", "string"], "pattern": rf"^\s*[0-9]{{1,4}}\s*${_ODD}", "minimum": 1,
                         "maximum": 31}, "次数或天数，1 到 31", "a count, 1 to 31"),
    units.yes_or_no: Reader({"enum": [True, False, "true", "false"]}, "true 或 false", "true or false"),
    units.zone: Reader(_text(r"^\s*[A-Za-z][A-Za-z0-9_+/-]*\s*$"), "时区", "a time zone"),
    units.pattern: Reader(_text("\\S"), "正则表达式", "a regular expression"),
    days._year: Reader(_text(r"^\s*(19[789]|2[0-9]{2})[0-9]\s*$", "integer"), "年份", "a year"),
    days.stretch: Reader(_text(r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?\s*$"),
                         "日期，或 起..止", "a day, or FROM..TO"),
    schema._price: Reader({"type": ["string", "number"], "minimum": 0,
                           "pattern": rf"^\s*([0-9]+(\.[0-9]{{1,2}})?|free|on-quote)\s*${_ODD}"},
                          "金额（元）、free、on-quote", "an amount in yuan, free, on-quote"),
}  # fmt: skip
ASKED: dict[Callable[..., object], JsonSchemaValue] = {
    schema._unique: {"uniqueItems": True},
    schema._some: {"minItems": 1},
    days._named: {"minProperties": 1},
}
"""What is asked of a whole list or mapping."""
KINDS = {"zh": "x-zh", "en": "x-en"}
"""Where a shape keeps how it is typed, in words. What begins with x- does not leave this file."""
GIVEN = "x-given"
"""True of a mapping whose keys are names out of a list, and no keys of a model."""


def reader(function: Callable[[object], object]) -> JsonSchemaValue | None:
    """How the value of a reader is typed; None: it reads no single value.

    Raises:
        SystemExit: a reader that this table does not know.
    """
    if function is schema._every_priority:
        return None
    if function in READERS:
        known = READERS[function]
        return {**known.shape, KINDS["zh"]: known.zh, KINDS["en"]: known.en}
    names = inspect.getclosurevars(function).nonlocals.get("names")
    if names is None:
        sys.exit(f"tools/schemas.py: READERS says nothing of {function}")
    return {"enum": list(names), KINDS["zh"]: "其中之一", KINDS["en"]: "one of"}


class Shapes(GenerateJsonSchema):
    """The schema of what is typed, where pydantic's own is that of what comes out of the readers."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        """What a reader takes; a duration for all priorities, or one for each."""
        function = schema["function"]["function"]
        shape = reader(function)
        if shape is not None:
            return shape
        inner = self.generate_inner(schema["schema"])
        return {"anyOf": [reader(units.duration), inner]}

    def function_after_schema(self, schema_: Any) -> JsonSchemaValue:
        """What is asked of a whole list."""
        shape = self.generate_inner(schema_["schema"])
        function = schema_["function"]["function"]
        return {**shape, **ASKED.get(function, {})}

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        """What may be left out is left out: nothing is typed as null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """Without the default, which is a value that was read already."""
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        """A mapping; where the names are given an editor proposes them."""
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        if "enum" in keys:
            properties = dict.fromkeys(keys["enum"], values)
            return {"type": "object", "properties": properties, "additionalProperties": False, GIVEN: True}
        # A key is always text to JSON Schema, whatever YAML makes of it.
        names = {"propertyNames": {"pattern": keys["pattern"]}} if "pattern" in keys else {}
        return {"type": "object", "additionalProperties": values, **names}

    def tagged_union_schema(self, schema: Any) -> JsonSchemaValue:
        """One of several shapes."""
        return {"anyOf": [self.generate_inner(choice) for choice in schema["choices"].values()]}


def shape(kind: str) -> JsonSchemaValue:
    """The whole schema of a file, with what its models are called resolved, and each key with how it is typed."""
    made = FORMS[kind].model_json_schema(schema_generator=Shapes, mode="validation")
    inner = made.pop("$defs", {})
    resolved = _resolved(made, inner)
    assert isinstance(resolved, dict)
    return resolved


def _resolved(node: Any, inner: JsonSchemaValue) -> Any:
    if isinstance(node, list):
        return [_resolved(one, inner) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(inner[node["$ref"].removeprefix("#/$defs/")], inner)
    # The models' docstrings are for those who read the code, and their titles are keys once more.
    told = [key for key in ("title", "description") if isinstance(node.get(key), str)]
    return {key: _resolved(value, inner) for key, value in node.items() if key not in told}


def keys(node: JsonSchemaValue, path: str = "") -> Iterator[tuple[str, JsonSchemaValue]]:
    """Every key of a file with its shape, in the order of the models; names that are given count as ``*``."""
    for way in node.get("anyOf", [node]):
        if "items" in way:
            yield from keys(way["items"], f"{path}[]")
            continue
        names = way.get("properties", {})
        given = way.get(GIVEN, False)
        for name, inner in list(names.items())[:1] if given else names.items():
            below = f"{path}.{'*' if given else name}".lstrip(".")
            yield below, inner
            yield from keys(inner, below)
        if isinstance(way.get("additionalProperties"), dict):
            below = f"{path}.*".lstrip(".")
            yield below, way["additionalProperties"]
            yield from keys(way["additionalProperties"], below)


def described(kind: str) -> tuple[JsonSchemaValue, dict[str, tuple[JsonSchemaValue, Meaning]]]:
    """The schema with what each key says, and the keys.

    Raises:
        SystemExit: tools/rule_keys.py leaves one out, or names one that there is not.
    """
    made, said = shape(kind), meanings(FILES[kind])
    found: dict[str, tuple[JsonSchemaValue, Meaning]] = {}
    every = dict(keys(made))
    if wrong := sorted(set(every) ^ set(said)):
        sys.exit(f"tools/rule_keys.py: {kind}.yaml and its table do not agree about: {', '.join(wrong)}")
    for path, node in every.items():
        found[path] = (node, said[path])
    _tell(made, "", said)
    return made, found


def _tell(node: JsonSchemaValue, path: str, said: dict[str, Meaning]) -> None:
    """Put what each key says beside it."""
    for way in node.get("anyOf", [node]):
        if "items" in way:
            _tell(way["items"], f"{path}[]", said)
        properties = way.get("properties", {})
        for name in properties:
            below = f"{path}.{'*' if way.get(GIVEN) else name}".lstrip(".")
            properties[name] = _with(properties[name], said[below])
            _tell(properties[name], below, said)
        if isinstance(way.get("additionalProperties"), dict):
            below = f"{path}.*".lstrip(".")
            way["additionalProperties"] = _with(way["additionalProperties"], said[below])
            _tell(way["additionalProperties"], below, said)


def _with(node: JsonSchemaValue, meaning: Meaning) -> JsonSchemaValue:
    rule = f" [{meaning.rule}]" if meaning.rule else ""
    return {"description": f"{meaning.zh}\n{meaning.en}{rule}", **json.loads(json.dumps(node))}


def typed(node: JsonSchemaValue, language: str) -> str:
    """How a value is typed, in words; empty for a mapping, whose keys say it."""
    known: str = node.get(KINDS[language], "")
    if "enum" in node and not set(node["enum"]) & {True, False}:
        return "、".join(node["enum"]) if language == "zh" else ", ".join(node["enum"])
    if known:
        return known
    if "items" in node:
        inner, list_ = typed(node["items"], language), "列表" if language == "zh" else "a list"
        return f"{list_}{'：' if language == 'zh' else ': '}{inner}" if inner else list_
    ways = [told for way in node.get("anyOf", []) if (told := typed(way, language))]
    return ("，或分写" if language == "zh" else ", or one for each").join([ways[0], ""]) if ways else ""


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(one) for one in node]
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if not key.startswith("x-")}
    return node


def text(kind: str) -> str:
    """The schema of a file as it is shipped."""
    made, _ = described(kind)
    head = {"$schema": DRAFT, "title": f"repairdesk: {kind}.yaml"}
    return json.dumps({**head, **_bare(made)}, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for kind in FORMS:
        (FOLDER / f"{kind}.json").write_text(text(kind), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
