"""What a file is, is seen from its content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.domain import vocabulary
from repairdesk.domain.attachment import HEAD, MEDIA, plain_name, recognized


def box(major: bytes, *others: bytes) -> bytes:
    """The box that HEIC and its relatives begin with."""
    brands = b"".join(others)
    return (16 + len(brands)).to_bytes(4, "big") + b"ftyp" + major + b"\0\0\0\0" + brands + b"\0" * 200


KNOWN = [
    (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "jpeg"),
    (b"\xff\xd8\xff\xe1\0\x10Exif\0", "jpeg"),
    (b"\xff\xd8\xff\xdb\0\x43", "jpeg"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
    (b"II*\0\x08\0\0\0", "tiff"),
    (b"MM\0*\0\0\0\x08", "tiff"),
    (b"%PDF-1.7\n%", "pdf"),
    (box(b"heic", b"mif1", b"heic"), "heic"),
    (box(b"heix", b"mif1", b"heix"), "heic"),
    (box(b"mif1", b"mif1", b"heic"), "heic"),
]
OTHERS = [
    b"",
    b"hello",
    b"\xff\xd8",
    b"<html>%PDF-1.7",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"RIFF\x24\0\0\0WAVEfmt ",
    b"PK\3\4",
    b"MZ\x90\0",
    b"GIF89a",
    box(b"isom", b"isom", b"mp42"),
    box(b"avif", b"mif1", b"avif"),
    box(b"mif1", b"mif1", b"avif"),
    b"\0\0\0\x10ftypmif1\0\0\0\0heic",  # behind the end of the box
]


@pytest.mark.parametrize(("head", "kind"), KNOWN)
def test_a_file_of_each_kind_is_recognized(head: bytes, kind: str) -> None:
    assert recognized(head) == kind


@pytest.mark.parametrize("head", OTHERS)
def test_what_is_none_of_these_is_not_taken_for_one(head: bytes) -> None:
    assert recognized(head) is None


@given(st.binary(max_size=HEAD))
def test_whatever_a_file_begins_with_it_is_one_of_these_or_none(head: bytes) -> None:
    assert recognized(head) in (None, *MEDIA)


def test_the_kinds_that_the_policies_can_name_are_those_that_can_be_recognized() -> None:
    assert tuple(MEDIA) == vocabulary.MEDIA
    assert {kind for _, kind in KNOWN} == set(MEDIA)


def test_a_name_is_kept_as_it_was_but_for_what_cannot_be_printed() -> None:
    assert plain_name("签单 3-2-501 (1).jpg") == "签单 3-2-501 (1).jpg"
    assert plain_name("a\nb\x1b[31m\udce4.jpg") == "a?b?[31m?.jpg"
    assert len(plain_name("名" * 400)) == 255
