"""The Chinese catalogue: complete, compiled, with the same places to fill; and the language that is chosen."""

from __future__ import annotations

import ast
import gettext
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from repairdesk import locale
from repairdesk.cli import app, common
from repairdesk.cli.__main__ import main
from repairdesk.domain import guards
from repairdesk.rules.problems import Mistake, Problem, Sentence, refusal

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import catalog  # noqa: E402  (a tool of the repository, not of the package)

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with catalog.FILE.open("rb") as stream:
        return read_po(stream, locale="zh")


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    locale.use("en")


def messages(chinese: Catalog) -> list[Message]:
    return [message for message in chinese if message.id]


def test_every_text_that_users_read_is_in_the_catalogue_and_nothing_else_is(chinese: Catalog) -> None:
    known = {(message.context, message.id) for message in messages(chinese)}
    assert known == catalog.texts(), "run `make catalog`"


def test_no_text_is_untranslated_or_fuzzy(chinese: Catalog) -> None:
    assert [m.id for m in messages(chinese) if not m.string or m.fuzzy] == []


def test_a_translation_is_chinese_unless_the_text_is_a_name(chinese: Catalog) -> None:
    written = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
    spoken = [m for m in messages(chinese) if re.search("[A-Za-z]", re.sub(r"{\w+}", "", str(m.id)))]
    latin = [m.id for m in spoken if not re.search(written, str(m.string))]
    assert latin == ["app", "shell"]


def slots(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_both_languages_fill_the_same_places(chinese: Catalog) -> None:
    assert [m.id for m in messages(chinese) if slots(str(m.id)) != slots(str(m.string))] == []


def options(text: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", text))


def test_an_option_that_a_text_names_is_named_in_chinese_too(chinese: Catalog) -> None:
    assert [m.id for m in messages(chinese) if options(str(m.id)) - options(str(m.string))] == []


def test_the_compiled_catalogue_is_the_one_that_is_written(chinese: Catalog, tmp_path: Path) -> None:
    fresh = tmp_path / "repairdesk.mo"
    with fresh.open("wb") as stream:
        write_mo(stream, catalog.merged(chinese))
    assert catalog.FILE.with_suffix(".mo").read_bytes() == fresh.read_bytes(), "run `make catalog`"


def test_making_the_catalogue_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "repairdesk.po"
    copy.write_bytes(catalog.FILE.read_bytes())
    compiled = catalog.FILE.with_suffix(".mo").read_bytes()
    monkeypatch.setattr(catalog, "FILE", copy)
    assert catalog.main() == 0
    assert copy.with_suffix(".mo").read_bytes() == compiled
    assert copy.read_bytes() == (catalog.SOURCE / "locale/zh/LC_MESSAGES/repairdesk.po").read_bytes()


def test_a_new_text_comes_in_untranslated_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalog, "FILE", tmp_path / "repairdesk.po")
    monkeypatch.setattr(catalog, "texts", lambda: {(None, "a tap leaks"), ("event", "leak")})
    assert catalog.main() == 0
    assert "'a tap leaks'" in capsys.readouterr().err
    with catalog.FILE.open("rb") as stream:
        assert {(m.context, m.id) for m in messages(read_po(stream))} == {(None, "a tap leaks"), ("event", "leak")}


# --- what an error can carry


def unmarked(tree: ast.AST) -> Iterator[str]:
    """First arguments of errors that the tool cannot read: neither a text nor something that was marked elsewhere."""
    for node in ast.walk(tree):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in catalog.ERRORS and node.args:
            first = node.args[0]
            if isinstance(first, (ast.JoinedStr, ast.BinOp)):
                yield ast.unparse(first)


def test_no_error_carries_a_sentence_that_was_put_together_on_the_way() -> None:
    strange = [
        f"{path.name}: {text}"
        for path in sorted(catalog.SOURCE.rglob("*.py"))
        for text in unmarked(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert strange == []


def test_the_search_for_such_sentences_finds_one() -> None:
    assert list(unmarked(ast.parse("raise NotFound(f'no {x}')\nraise Busy('a' + b)"))) == ["f'no {x}'", "'a' + b"]


def test_every_marked_text_is_found_by_its_mark() -> None:
    code = "raise UsageError('one', x=1)\nturn.remark('two')\nN_('three')\nother('four')"
    assert list(catalog.marked(ast.parse(code))) == ["one", "two", "three"]


def test_the_sentence_of_every_guard_is_said_in_chinese_with_its_figures() -> None:
    locale.use("zh")
    for guard in guards._RULES:
        sentence, detail = guards.sentences(guard)
        whole = f"{sentence} {detail}".strip()
        assert locale.tr(sentence) != sentence
        assert locale.tr(whole) != whole


def test_one_english_word_of_two_meanings_is_two_words() -> None:
    locale.use("zh")
    assert locale.tr("open") == "进行中"
    assert locale.tr("open", "event") == "立协调单"
    assert locale.tr("absent", "event") != locale.tr("absent", "reason")


# --- what users see


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(common, "clock", lambda: NOW)
    monkeypatch.setenv("REPAIRDESK_HOME", str(tmp_path / "desk"))
    monkeypatch.setenv("REPAIRDESK_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "300")
    return tmp_path / "desk"


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    main(argv)
    heard = capsys.readouterr()
    return heard.out + heard.err


def pages() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for name in app._HOME:
        built = app._built(app._info(name))
        found.append((name,))
        found += [(name, inner) for inner in getattr(built, "commands", {})]
    return found


ENGLISH = (
    *app.texts(), "Usage:", "Options", "Arguments", "Commands", "Show this message and exit.", "[default:", "[OPTIONS]"
)  # fmt: skip


@pytest.mark.parametrize("page", pages(), ids=" ".join)
def test_no_help_page_has_an_english_text(
    page: tuple[str, ...], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, *page, "--help")
    assert "用法：repairdesk" in text
    assert "显示本帮助。" in text
    assert [english for english in ENGLISH if re.search(rf"(?<!\w){re.escape(english)}", text)] == []


def test_the_help_page_is_english_again_when_english_is_asked_for(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "选项" in said(capsys, "show", "--help")
    monkeypatch.setenv("REPAIRDESK_LANG", "en")
    text = said(capsys, "show", "--help")
    assert "Usage: repairdesk show [OPTIONS]" in text
    assert "Show this message and exit." in text
    assert not re.search("[\u4e00-\u9fff]", text)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("intak", "没有“intak”这个命令；是否要用 intake"),
        ("zzz", "没有“zzz”这个命令"),
        ("staff zzz", "没有“zzz”这个命令"),
        ("intake --kid", "没有选项 --kid；是否要用 --kind？"),
        ("intake --kind", "--kind 须填写内容"),
        ("intake --json=3", "--json 后面不用写内容"),
        ("list --limit x", "--limit 应为整数"),
        ("list --limit 0", "--limit 应为整数，1 或以上"),
        ("accept 1 2 3", "多出了内容：2 3"),
        ("intake --kind in_home", "还缺：--place、--caller、--phone、--fault [INT-1]"),
    ],
)
def test_a_mistyped_command_is_answered_in_chinese(
    typed: str, answer: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(typed.split()) == 2
    assert answer in capsys.readouterr().err


DAY = """
init
staff add C1 --name 王芳 --role clerk
staff add W1 --name 李强 --role technician
staff add L1 --name 张班长 --role leader
staff add S1 --name 赵主管 --role supervisor
staff list
intake --as C1 --kind in_home --place 3-2-501 --caller 陈女士 --phone 13800138000 --fault 漏水 --service tap
intake --as C1 --kind in_home --place 3-2-502 --caller 陈女士 --phone 13800138000 --fault 漏水 --priority emergency
intake --as C1 --kind public_area --place 大堂 --fault 灯不亮 --channel patrol
intake --as C1 --kind complaint --place 大堂 --fault 噪音 --anonymous
assign 0001 W1 --as C1
accept 0001 --as W1
start 0001 --as W1
consent 0001 --as W1
arrive 0001 --as W1
start 0001 --as W1
finish 0001 --as W1 --found 阀芯坏 --result 已换 --material 阀芯:2:18.50
finish 0001 --as W1 --found 阀芯坏 --result 已换 --service tap --service bulb
sign 0001 --as W1 --by 陈女士 --rating fair
close 0001 --as W1
close 0001 --as L1
archive 0001 --as C1
show 0001
show 0001 --entries
why 0001
print 0001
assign 0002 W1 --as C1
arrive 0002 --as W1 --nobody-home
convert 0002 --as L1 --tracker S1 --reason 等供应商
show X20261122-0001
print X20261122-0001
show P20261122-0002 --entries
list
board
fees list
fees check
policies show
policies check
verify
"""


def test_a_day_at_the_desk_asks_for_no_text_that_the_catalogue_lacks(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking: set[str] = set()

    class Listening(gettext.GNUTranslations):
        def gettext(self, message: str) -> str:
            if (None, message) not in texts:
                lacking.add(message)
            return super().gettext(message)

        def pgettext(self, context: str, message: str) -> str:
            if (context, message) not in texts:
                lacking.add(f"{context}: {message}")
            return super().pgettext(context, message)

    texts = catalog.texts()
    with catalog.FILE.with_suffix(".mo").open("rb") as stream:
        listening = Listening(stream)

    def use(language: str) -> None:
        monkeypatch.setattr(locale, "_catalogue", listening)

    monkeypatch.setattr(locale, "use", use)
    for line in DAY.strip().splitlines():
        assert main(line.split()) in (0, 10, 12), line
    heard = capsys.readouterr().out
    assert "班长" in heard
    # Whoever owes something is a person's id where the person is known, and a reason may be anybody's words.
    assert {text for text in lacking if text.isascii()} - {"C1", "W1", "L1", "S1"} == set()


def test_the_mistakes_of_a_rule_file_are_told_in_chinese(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    file = desk / "policies.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("within: 2m", "within: 2x"), encoding="utf-8")
    capsys.readouterr()
    assert main(["policies", "check"]) == 13
    heard = capsys.readouterr().err
    assert "policies.yaml 无法使用" in heard
    assert "“2x”不是时长" in heard
    assert heard.count("2x") == 1


def test_the_sentence_of_a_mistake_still_knows_its_template() -> None:
    mistake = Mistake("“{text}” is listed twice", text="a")
    problem = Problem("f", 1, 1, "k", Sentence(mistake.template, mistake.values))
    assert refusal([problem]).extra["problems"][0]["message"].template == mistake.template


# --- which language


@pytest.mark.parametrize(
    ("argv", "environ", "language"),
    [
        ("list", {}, "zh"),
        ("list", {"LANG": "C.UTF-8"}, "zh"),
        ("list", {"LANG": "C"}, "zh"),
        ("list", {"LANG": "de_DE.UTF-8"}, "zh"),
        ("list", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("list", {"LANG": "en_US.UTF-8"}, "en"),
        ("list", {"LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ("list", {"LC_ALL": "", "LC_MESSAGES": "en_GB", "LANG": "zh_CN"}, "en"),
        ("list", {"REPAIRDESK_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ("list", {"REPAIRDESK_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ("list", {"REPAIRDESK_LANG": "", "LANG": "en_US.UTF-8"}, "en"),
        ("list --lang zh", {"REPAIRDESK_LANG": "en", "LANG": "en_US.UTF-8"}, "zh"),
        ("list --lang en", {"REPAIRDESK_LANG": "zh"}, "en"),
        ("list --lang=en", {"REPAIRDESK_LANG": "zh"}, "en"),
        ("list --lang", {"REPAIRDESK_LANG": "en"}, "en"),
    ],
)
def test_the_language_is_the_option_else_the_variable_else_the_locale_else_chinese(
    argv: str, environ: dict[str, str], language: str
) -> None:
    assert locale.choose(argv.split(), environ) == language


def test_an_order_is_answered_in_the_language_that_is_asked_for(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    capsys.readouterr()
    assert "没有 9 这张单" in said(capsys, "show", "9")
    assert "there is no order 9" in said(capsys, "show", "9", "--lang", "en")
