"""Checkpoints as text: the form that others read, too, and signatures that only the owner of the key can make."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from repairdesk.errors import BadInput
from repairdesk.ledger import checkpoints
from repairdesk.ledger.checkpoints import Key

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HEAD = hashlib.sha256(b"the last entry").hexdigest()
NAME = checkpoints.origin_of(HEAD)
TEXT = checkpoints.written(NAME, 17, HEAD, AT)


def keys(name: str = NAME) -> tuple[Key, Key]:
    secret, public = checkpoints.new_key(name)
    return checkpoints.secret_key(secret.encode(), "key"), checkpoints.public_key(public.encode(), "key.pub")


def read(note: str) -> checkpoints.Checkpoint:
    return checkpoints.parsed(note.encode(), "note")


def test_a_checkpoint_says_of_which_ledger_how_many_entries_which_head_and_when() -> None:
    root = base64.b64encode(bytes.fromhex(HEAD)).decode()
    assert TEXT.split("\n") == [NAME, "17", root, "time 2026-11-22T06:00:00Z", ""]
    note = read(TEXT)
    assert (note.origin, note.entries, note.head, note.at, note.signatures) == (NAME, 17, HEAD, AT, [])


def test_what_was_signed_is_proved_by_its_public_key_and_by_no_other() -> None:
    (secret, public), (_, other) = keys(), keys()
    note = read(checkpoints.signed(TEXT, secret))
    assert note.text == TEXT
    assert checkpoints.is_signed_by(note, public)
    assert not checkpoints.is_signed_by(note, other)
    assert not checkpoints.is_signed_by(read(TEXT), public), "an unsigned one is signed by nobody"


NEUMANN = (
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
)
"""Keys, text and signature of the example in the documentation of Go's package note, where the form comes from."""


def test_keys_and_signatures_are_those_of_the_program_that_the_form_comes_from() -> None:
    secret, public, text, line = NEUMANN
    signs, proves = checkpoints.secret_key(secret.encode(), "key"), checkpoints.public_key(public.encode(), "key.pub")
    assert checkpoints.signed(text, signs) == f"{text}\n{line}"
    with_it = read(checkpoints.signed(TEXT, signs))
    assert checkpoints.is_signed_by(with_it, proves)


@pytest.mark.parametrize("place", range(0, len(TEXT) - 1, 7))
def test_a_signed_checkpoint_that_was_altered_is_found(place: int) -> None:
    secret, public = keys()
    note = checkpoints.signed(TEXT, secret)
    altered = note[:place] + ("7" if note[place] != "7" else "8") + note[place + 1 :]
    with suppress(BadInput):  # it is no checkpoint at all any more
        assert not checkpoints.is_signed_by(read(altered), public)


def test_signatures_of_others_below_a_note_are_not_looked_at() -> None:
    (secret, public), (second, _) = keys(), keys("witness.example/w")
    both = checkpoints.signed(TEXT, second) + checkpoints.signed(TEXT, secret).splitlines()[-1] + "\n"
    assert checkpoints.is_signed_by(read(both), public)
    broken = both.replace("— witness.example/w ", "— witness.example/w AAAA")
    assert checkpoints.is_signed_by(read(broken), public)


@pytest.mark.parametrize(
    "note",
    ["", "\n", "a\n", "a\n1\n", TEXT[:-1], TEXT.replace("17", "017"), TEXT.replace("17", "-1"),
     TEXT.replace("17", "１７"), TEXT.replace("17", "9" * 5000), TEXT.replace("17", "9" * 30),
     TEXT + "\n— name\n", TEXT + "\nname AAAA\n",
     TEXT.replace("\n", "\r\n"), TEXT.replace("time 2026", "time x"), f"{NAME}\n17\nAAAA\n", "x" * 100_000],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(BadInput):
        read(note)


@pytest.mark.parametrize("text", ["", "x", "PRIVATE+KEY+a+00000000+AAAA", "a+zz+AAAA", "a+00000000+" + "A" * 44])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        checkpoints.secret_key(text.encode(), "key")
    with pytest.raises(BadInput):
        checkpoints.public_key(text.encode(), "key")


def test_the_one_key_is_not_taken_for_the_other() -> None:
    secret, public = checkpoints.new_key(NAME)
    with pytest.raises(BadInput):
        checkpoints.secret_key(public.encode(), "key")
    with pytest.raises(BadInput):
        checkpoints.public_key(secret.encode(), "key")
    with pytest.raises(BadInput):
        checkpoints.public_key(public.replace(NAME, "repairdesk/other").encode(), "key")
