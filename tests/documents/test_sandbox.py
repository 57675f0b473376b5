"""The templates of the paper: a desk's own are used, can do no harm, and say where they are wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from repairdesk.documents import paper, sandbox, words
from repairdesk.documents.sandbox import Templates
from repairdesk.errors import BadRules, NotAllowed, NotFound, StorageError

VALUES: dict[str, Any] = {"order": {"number": "P1", "fault": "<b>", "logs": [1, 2]}}
Fill = Callable[..., str]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Fill in a template that the desk has under a name."""

    def filled(text: str, name: str = "slip.txt.j2") -> str:
        (tmp_path / "templates").mkdir(exist_ok=True)
        (tmp_path / "templates" / name).write_text(text, encoding="utf-8")
        return Templates(tmp_path).fill(name, VALUES, words.FILTERS)

    return filled


def refused(fill: Fill, text: str, name: str = "slip.txt.j2") -> dict[str, Any]:
    with pytest.raises(BadRules) as refusal:
        fill(text, name)
    (problem,) = refusal.value.extra["problems"]
    assert str(refusal.value.values["line"]) in str(refusal.value)
    return dict(problem)


def test_a_template_of_the_desk_stands_in_the_place_of_the_packaged_one(fill: Fill) -> None:
    assert fill("ours: {{ order.number }}") == "ours: P1"


def test_html_is_escaped_and_text_is_not(fill: Fill) -> None:
    assert fill("{{ order.fault }}", "slip.html.j2") == "&lt;b&gt;"
    assert fill("{{ order.fault }}", "slip.txt.j2") == "<b>"


def test_a_template_of_the_desk_can_use_the_packaged_parts(fill: Fill) -> None:
    text = '{% from "parts.html.j2" import choice with context %}{{ choice(order.fault, true) }}'
    assert "&lt;b&gt;" in fill(text, "slip.html.j2")


@pytest.mark.parametrize(
    "text",
    [
        "{{ order.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ order['__class__'] }}",
        "{{ order|attr('__class__') }}",
        "{{ [order]|map(attribute='__class__')|first }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ order.logs.append(3) }}",
        "{{ '{0.__class__}'.format(order) }}",
        "{{ order.logs.__len__.__self__ }}",
        "{{ lipsum() }}",
        "{{ open('/etc/passwd').read() }}",
        "{% import 'os' as os %}",
        "{% include '/etc/passwd' %}",
        "{% include '../policies.yaml' %}",
        "{% include 'policies.yaml' %}",
        "{% extends '../../outside.j2' %}",
        "{{ 'a' * 1000000000 }}",
        "{{ [0] * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_a_template_gets_at_nothing_but_what_it_is_given(text: str, fill: Fill) -> None:
    assert refused(fill, "\n" + text)["line"] == 2


@pytest.mark.parametrize("value", ["cycler(1)", "namespace(a=1)", "joiner()", "range", "order"])
@pytest.mark.parametrize(
    "text",
    [
        "{a.__init__.__globals__[os].environ}", "{a.__class__}", "{a[0]}", "{a[__class__]}", "{a!r}", "{a!s}",
        "{a:>9}", "{a:999999999}", "{a:{a.__class__}}", "{a!r:{a.__class__}}", "{0.__class__}", "{0}", "{}",
        "{a.__class__", "{b}",
    ],
)  # fmt: skip
def test_a_sentence_that_a_template_made_up_gets_at_nothing_inside_its_values(
    text: str, value: str, fill: Fill
) -> None:
    made_up = '{{ {"why": {"text": "TEXT", "values": {"a": VALUE}}}|reason }}'
    made_up = made_up.replace("TEXT", text).replace("VALUE", value)
    assert refused(fill, "\n" + made_up)["line"] == 2


def test_a_sentence_of_the_bill_is_filled_in(fill: Fill) -> None:
    told = '{{ {"why": {"text": "{{a}} of {a} is {b}", "values": {"a": 2, "b": "x{a.__class__}"}}}|reason }}'
    assert fill(told) == "{a} of 2 is x{a.__class__}"


def a_folder(own: Path) -> None:
    own.mkdir()


def a_pipe(own: Path) -> None:
    os.mkfifo(own)


def a_link_outwards(own: Path) -> None:
    (own.parent.parent / "secret.j2").write_text("secret", encoding="utf-8")
    own.symlink_to(own.parent.parent / "secret.j2")


def a_link_to_nothing(own: Path) -> None:
    own.symlink_to(own.with_name("nothing.j2"))


def a_link_to_itself(own: Path) -> None:
    own.symlink_to(own)


def too_much(own: Path) -> None:
    own.write_text("x" * 1_000_001, encoding="utf-8")


def no_text(own: Path) -> None:
    own.write_bytes(b"\xff\xfe")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (a_folder, "it is no file"), (a_pipe, "it is no file"), (a_link_outwards, "a link to a file elsewhere"),
        (a_link_to_nothing, "cannot be read: No such file"), (a_link_to_itself, "cannot be read: "),
        (too_much, "larger than 1000000 bytes"), (no_text, "no UTF-8"),
    ],
)  # fmt: skip
def test_what_stands_under_a_templates_name_is_used_or_refused_and_never_passed_over(
    made: Callable[[Path], None], says: str, tmp_path: Path, fill: Fill
) -> None:
    (tmp_path / "templates").mkdir()
    made(tmp_path / "templates" / "foot.txt.j2")
    problem = refused(fill, "\n\n{% include 'foot.txt.j2' %}")
    assert (problem["file"], problem["line"]) == ("templates/foot.txt.j2", 1)
    assert says in problem["message"]


def test_a_link_inside_the_folder_is_a_template(tmp_path: Path, fill: Fill) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "foot.txt.j2").symlink_to("slip.txt.j2")
    assert fill("ours") == "ours"
    assert Templates(tmp_path).fill("foot.txt.j2", VALUES, words.FILTERS) == "ours"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deeply"),
        ("{% if 1 %}" * 500 + "{% endif %}" * 500, "nested too deeply"),
        ("{% for i in [1] %}" * 60 + "{% endfor %}" * 60, "too many statically nested blocks"),
        ("{% extends 'slip.txt.j2' %}", "nested too deeply"),
        ("{% include '/etc/passwd' %}", "there is no template “/etc/passwd”"),
        ("{{ {'why': {'text': '{b}', 'values': {}}}|reason }}", "KeyError: 'b'"),
    ],
)
def test_whatever_goes_wrong_with_a_template_of_the_desk_is_the_desks(text: str, says: str, fill: Fill) -> None:
    problem = refused(fill, text)
    assert (problem["file"], problem["line"]) == ("templates/slip.txt.j2", 1)
    assert problem["message"].endswith(says)


@pytest.mark.parametrize("parts", ["", "{% macro head() %}{% endmacro %}"])
def test_a_part_that_lacks_what_the_packaged_templates_take_from_it_is_the_desks(parts: str, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "parts.html.j2").write_text(parts, encoding="utf-8")
    values = {**VALUES, "parts": (), "signatures": (), "copy": None, "category": None}
    with pytest.raises(BadRules) as refusal:
        Templates(tmp_path).fill("slip.html.j2", values, words.FILTERS)
    assert refusal.value.extra["problems"][0]["file"] == "templates/parts.html.j2"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("one\n{% if %}", 2, "Expected an expression"),
        ("one\ntwo\n{{ order.nothing }}", 3, "nothing"),
        ("{{ unheard_of }}", 1, "unheard_of"),
        ("\n\n{{ order.number|unheard_of }}", 3, "unheard_of"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n\n\n{{ order.number + 1 }}", 4, "str"),
        ("{% for x in order.logs %}", 1, "endfor"),
    ],
)
def test_a_broken_template_is_refused_with_its_file_its_line_and_why(
    text: str, line: int, says: str, fill: Fill
) -> None:
    problem = refused(fill, text)
    assert (problem["file"], problem["line"]) == ("templates/slip.txt.j2", line)
    assert says in problem["message"]


def test_the_line_is_that_of_the_part_that_is_broken(tmp_path: Path, fill: Fill) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "parts.html.j2").write_text(
        "{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}", encoding="utf-8"
    )
    problem = refused(fill, '{% from "parts.html.j2" import m %}\n\n\n{{ m() }}', "slip.html.j2")
    assert (problem["file"], problem["line"]) == ("templates/parts.html.j2", 2)


def test_a_template_that_does_not_come_to_its_end_is_stopped(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.2)
    endless = "\n{% for a in range(90000) %}{% for b in range(90000) %}{{ b }}{% endfor %}{% endfor %}"
    assert "did not come to its end" in refused(fill, endless)["message"]


def test_a_mistake_of_a_packaged_template_is_not_blamed_on_the_desk(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="undefined") as failure:
        Templates(tmp_path).fill("slip.html.j2", {}, words.FILTERS)
    assert not isinstance(failure.value, BadRules)


# --- making them one's own


def test_all_templates_are_copied_and_give_the_same_paper(tmp_path: Path) -> None:
    files = sandbox.init(tmp_path)
    assert [Path(file).name for file in files] == sandbox.names()
    assert {"slip.txt.j2", "slip.html.j2", "document.html.j2", "style.html.j2"} <= set(sandbox.names())
    for file in files:
        assert Path(file).read_text(encoding="utf-8") == (sandbox.PACKAGED / Path(file).name).read_text(
            encoding="utf-8"
        )


def test_some_are_copied_by_name_with_or_without_its_ending(tmp_path: Path) -> None:
    made = sandbox.init(tmp_path, ("slip.txt", "foot.txt.j2"))
    assert [Path(file).name for file in made] == ["slip.txt.j2", "foot.txt.j2"]


def test_what_the_desk_has_is_never_overwritten(tmp_path: Path) -> None:
    sandbox.init(tmp_path, ("slip.txt",))
    (tmp_path / "templates" / "slip.txt.j2").write_text("ours", encoding="utf-8")
    with pytest.raises(NotAllowed, match=r"slip\.txt\.j2"):
        sandbox.init(tmp_path)
    assert [path.name for path in (tmp_path / "templates").iterdir()] == ["slip.txt.j2"]
    assert (tmp_path / "templates" / "slip.txt.j2").read_text(encoding="utf-8") == "ours"


@pytest.mark.parametrize("name", ["unheard-of", "../sandbox.py", "/etc/passwd", ""])
def test_what_is_no_packaged_template_is_not_found(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        sandbox.init(tmp_path, (name,))
    assert not (tmp_path / "templates").exists()


def test_where_nothing_can_be_written_it_is_storage(tmp_path: Path) -> None:
    (tmp_path / "templates").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError):
        sandbox.init(tmp_path, ("slip.txt",))


# --- pages


@pytest.mark.rule("COO-6")
def test_blocks_are_packed_whole_and_only_what_is_longer_than_a_page_is_torn() -> None:
    blocks = [[f"{n}.{line}" for line in range(20)] for n in range(7)]
    pages = paper._packed(blocks, head=4, foot=3)
    assert [len(page) for page in pages] == [40, 40, 40, 20]
    assert list(chain(*pages)) == list(chain(*blocks))
    long = paper._packed([["a"] * 10, ["b"] * 130], head=4, foot=3)
    assert list(chain(*long)) == ["a"] * 10 + ["b"] * 130
    assert all(len(page) <= paper.LINES - 3 - (4 if n else 0) for n, page in enumerate(long))


@pytest.mark.rule("COO-6")
@pytest.mark.parametrize(("head", "foot"), [(70, 3), (3, 70), (58, 2), (70, 70)])
def test_where_head_and_foot_leave_no_room_the_pages_come_to_an_end_all_the_same(head: int, foot: int) -> None:
    blocks = [["a"] * 3, ["b"] * 3]
    assert list(chain(*paper._packed(blocks, head, foot))) == list(chain(*blocks))


def test_what_would_steer_a_printer_or_turn_a_line_round_never_reaches_the_paper() -> None:
    said = words.clean({"a": ["x\x1b[31m\x0c\x1e", "\u202eabc\u2066", "\ud83d", "line\nline\tx"]})
    assert said == {"a": ["x\ufffd[31m\ufffd\ufffd", "abc", "\ufffd", "line\nline x"]}


def test_a_text_in_the_style_sheet_ends_neither_its_quotes_nor_the_style() -> None:
    told = str(words.content('a" </style> {page} \\ b'))
    assert "</" not in told
    assert told.count('"') == 4
    assert " counter(page) " in told
