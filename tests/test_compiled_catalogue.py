"""The catalogue is searched where it lies, and says what gettext would have parsed out of it."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from repairdesk import locale
from repairdesk.locale import Compiled

COMPILED = Path(locale.__file__).parent / "zh" / "LC_MESSAGES" / "repairdesk.mo"


def test_every_message_is_found_and_reads_as_gettext_reads_it() -> None:
    ours = Compiled(COMPILED.read_bytes())
    with COMPILED.open("rb") as stream:
        theirs = gettext.GNUTranslations(stream)
    messages = [key for key in theirs._catalog if isinstance(key, str) and key]  # type: ignore[attr-defined]
    assert len(messages) > 1000
    for key in messages:
        context, parted, message = key.rpartition("\x04")
        if parted:
            assert ours.pgettext(context, message) == theirs.pgettext(context, message)
        else:
            assert ours.gettext(message) == theirs.gettext(message)


@pytest.mark.parametrize("message", ["", "no such text", "a line\nand another", "event", "\udcff"])
def test_what_is_not_in_it_stays_as_it_is(message: str) -> None:
    ours = Compiled(COMPILED.read_bytes())
    assert ours.pgettext("event", message) == message
    assert message == "" or ours.gettext(message) == message


def test_another_file_is_no_catalogue() -> None:
    with pytest.raises(ValueError, match="no compiled catalogue"):
        Compiled(b"x" * 40)
