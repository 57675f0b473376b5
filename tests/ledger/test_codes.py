"""The short code of a head: what is misread is told from what was altered (REC-1)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.errors import Damaged, UsageError
from repairdesk.ledger.codes import code_of, parsed

HASH = hashlib.sha256(b"a head").hexdigest()
CODE = code_of(1234, HASH)
SEQS = st.integers(1, 2**63 - 1)
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_code_has_the_seq_and_no_letter_that_looks_like_another() -> None:
    assert CODE.startswith("1234-")
    assert not set(CODE) & set("ILOU")
    assert len(CODE.replace("-", "")) == len("1234") + 11


@pytest.mark.rule("REC-1")
@given(SEQS, HASHES, HASHES)
def test_a_code_fits_the_hash_that_it_was_made_of_and_no_other(seq: int, hash_: str, other: str) -> None:
    code = parsed(code_of(seq, hash_))
    assert code.seq == seq
    assert code.fits(hash_)
    assert code.fits(other) == (int(hash_, 16) >> 206 == int(other, 16) >> 206)


@pytest.mark.parametrize(
    "typed",
    [CODE.lower(), CODE.replace("-", ""), CODE.replace("-", " "), f"  {CODE} ",
     CODE.replace("0", "O").replace("1", "l"), "".join(chr(ord(one) + 0xFEE0) for one in CODE)],
)  # fmt: skip
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    assert parsed(typed) == parsed(CODE)


@given(SEQS, HASHES, st.data())
def test_one_wrong_character_is_always_told(seq: int, hash_: str, data: st.DataObject) -> None:
    code = code_of(seq, hash_).replace("-", "")
    at = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([one for one in DIGITS if one != code[at]]))
    with pytest.raises(UsageError):
        parsed(code[:at] + wrong + code[at + 1 :])


def test_a_mistyped_code_is_repeated_whole_and_what_may_be_a_phone_is_not() -> None:
    """By the name of the value the edge knows what it masks."""
    for typed, name in (("1000123-12345-678900", "code"), ("1-00000-000001", "code"), ("1380013800012345", "text")):
        with pytest.raises(UsageError, match="misread") as said:
            parsed(typed)
        assert said.value.values == {name: typed}


@given(SEQS, HASHES, st.data())
def test_two_characters_that_changed_places_are_always_told(seq: int, hash_: str, data: st.DataObject) -> None:
    code = code_of(seq, hash_).replace("-", "")
    at = data.draw(st.integers(0, len(code) - 2))
    if code[at] != code[at + 1]:
        with pytest.raises(UsageError):
            parsed(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


@pytest.mark.parametrize(
    "typed", ["", "-", "1234", CODE[5:], f"x{CODE}", "U" * 14, "9" * 400 + CODE, "1٣34" + CODE[4:]]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        parsed(typed)


def test_a_head_that_is_no_hash_any_more_is_damage() -> None:
    with pytest.raises(Damaged):
        code_of(1, "not a hash at all, of whatever length it may be")


@pytest.mark.rule("REC-1")
def test_entry_nothing_has_no_code() -> None:
    with pytest.raises(UsageError):
        parsed(code_of(0, HASH))


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("slipped", [(3, 5, 6), (5, 5, 6), (4, 4, 7), (4, 6, 5), (4, 11), (15,)])
def test_where_hyphens_are_typed_they_stand_where_they_were_printed(slipped: tuple[int, ...]) -> None:
    """One that slipped makes another entry of the same characters."""
    plain, groups = CODE.replace("-", ""), []
    for length in slipped:
        groups, plain = [*groups, plain[:length]], plain[length:]
    typed = "-".join([*groups, plain] if plain else groups)
    if slipped == (15,):
        assert parsed(typed) == parsed(CODE)
        return
    with pytest.raises(UsageError):
        parsed(typed)
