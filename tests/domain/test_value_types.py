"""Value types and digests that cost nothing until they are used are the same as those of the standard library."""

from __future__ import annotations

import copy
import hashlib
import pickle
from typing import Any, NamedTuple

import pytest

from repairdesk.domain import digests, record
from repairdesk.domain.digests import FEW, sha256


class Ours(record.NamedTuple):
    """A value."""

    x: int
    y: str = "a"

    @property
    def twice(self) -> int:
        return self.x * 2


class Theirs(NamedTuple):
    """A value."""

    x: int
    y: str = "a"


class Same(record.NamedTuple):
    x: int
    y: str = "a"


Same.__name__ = Same.__qualname__ = "Theirs"


class None_(record.NamedTuple):  # noqa: N801
    pass


def test_a_value_is_a_tuple_with_names() -> None:
    one = Ours(1)
    assert one == (1, "a") == Ours(x=1, y="a") == Ours._make([1, "a"])
    assert (one.x, one.y, one.twice, hash(one)) == (1, "a", 2, hash((1, "a")))
    assert one._replace(y="b") == (1, "b")
    assert (one._asdict(), Ours._fields, Ours._field_defaults) == ({"x": 1, "y": "a"}, ("x", "y"), {"y": "a"})
    assert repr(one) == "Ours(x=1, y='a')"
    assert (type(Ours), Ours.__doc__, None_()) == (type, "A value.", ())
    match one:
        case Ours(x, y):
            assert (x, y) == (1, "a")
    with pytest.raises(AttributeError):
        one.z = 1  # type: ignore[attr-defined]


def test_a_value_survives_a_copy_and_a_pickle() -> None:
    for made in (copy.copy(Ours(1)), copy.deepcopy(Ours(1)), pickle.loads(pickle.dumps(Ours(1)))):
        assert made == Ours(1)
        assert type(made) is Ours


WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [((), {}), ((1, "b", 3), {}), ((1,), {"z": 1}), ((1,), {"x": 1})]


@pytest.mark.parametrize(("args", "said"), WRONG)
def test_what_is_said_wrong_is_refused_in_the_same_words(args: tuple[Any, ...], said: dict[str, Any]) -> None:
    with pytest.raises(TypeError) as theirs:
        Theirs(*args, **said)
    with pytest.raises(TypeError) as ours:
        Same(*args, **said)
    assert str(ours.value) == str(theirs.value)


def test_wrong_fields_and_wrong_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="unexpected field names"):
        Ours(1)._replace(z=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Expected 2 arguments, got 1"):
        Ours._make([1])
    with pytest.raises(TypeError, match="without a default"):
        type(record.NamedTuple)("Bad", (record.NamedTuple,), {"__annotations__": {"a": "int", "b": "int"}, "a": 1})


def test_what_inherits_from_a_value_type_is_made_as_it_says() -> None:
    class Child(Ours):
        def __new__(cls, x: int) -> Child:
            return super().__new__(cls, x + 1)

    assert Child(1) == (2, "a")
    assert Child(5) == (6, "a")
    assert repr(Child(1)) == "Child(x=2, y='a')"


def test_few_digests_and_many_are_those_of_hashlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_made", 0)
    monkeypatch.setattr(digests, "_make", digests._small())
    wanted = [hashlib.sha256(b"%d" % n).hexdigest() for n in range(FEW + 2)]
    assert [sha256(b"%d" % n).hexdigest() for n in range(FEW + 2)] == wanted
    assert digests._make is hashlib.sha256


def test_a_build_without_a_sha_of_its_own_has_hashlib(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(digests, "import_module", none)
    assert digests._small() is hashlib.sha256
