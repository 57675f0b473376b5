"""Value types that cost next to nothing until they are used: ``NamedTuple`` as ``typing`` has it, made later.

A clerk waits for every command, which declares a hundred value types and makes values of a dozen. ``typing.NamedTuple``
compiles the name of every field's type and a constructor for each class when it is declared; here the constructor is
compiled with the first value, and annotations stay the texts that they are. To the type checker it is the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter

    class _Record(tuple):
        """What every value type can do; a value is a plain tuple with names."""

        __slots__ = ()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012

        def __new__(cls, *args, **said):
            return _constructor(cls)(cls, *args, **said)

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **said):
            made = self._make(map(said.pop, self._fields, self))
            if said:
                raise ValueError(f"Got unexpected field names: {list(said)!r}")
            return made

        __replace__ = _replace

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            said = (f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({', '.join(said)})"

        def __getnewargs__(self):
            return tuple(self)

    def _constructor(cls):
        """The constructor of the class that declares the fields, put there for every further value."""
        owner = next(base for base in cls.__mro__ if "_fields" in vars(base))
        names = ", ".join(owner._fields)
        # As collections.namedtuple does it: only a function with these very arguments is quick.
        code = f"lambda _cls, {names}{',' if names else ''} : _new(_cls, ({names}{',' if names else ''}))"
        made = eval(code, {"_new": tuple.__new__, "__builtins__": {}, "__name__": f"record_{owner.__name__}"})
        made.__name__ = "__new__"
        made.__qualname__ = f"{owner.__qualname__}.__new__"
        made.__defaults__ = tuple(owner._field_defaults.values()) or None
        owner.__new__ = staticmethod(made)
        return made

    class _Maker(type):
        """Makes an ordinary class of what is declared."""

        def __new__(kind, name, bases, space):
            if not bases:
                return super().__new__(kind, name, bases, space)
            fields = tuple(space.get("__annotations__", ()))
            defaults = {field: space[field] for field in fields if field in space}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default follows one that has a default")
            space.pop("__orig_bases__", None)
            space.update((field, _tuplegetter(place, field)) for place, field in enumerate(fields))
            space.update(_fields=fields, _field_defaults=defaults, __match_args__=fields, __slots__=())
            return type(name, (_Record, *bases[1:]), space)

    class NamedTuple(metaclass=_Maker):
        """A tuple with names and types for its places: ``class Point(NamedTuple): x: int; y: int = 0``."""
