"""The class of a price list becomes a category of the desk's policies, where it can be only one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from repairdesk.domain.policy import Category
from repairdesk.domain.times import fold
from repairdesk.errors import N_, UsageError

GENERAL = "general"
_WORDS = {
    "electrical": "强电 弱电 电气 电工 照明",
    "plumbing": "给排水 给水 排水 水 管道",
    "carpentry": "木 门窗",
    "masonry": "泥 瓦 土建",
    "locks": "锁",
    "appliance": "家电 空调",
}
_MISLEADING = ("水电", "防水", "热水", "水泥")
"""Words that hold one of the above and mean something else."""


class Classes:
    """Which category a class of the list is; ``undecided`` are those that nothing decided."""

    def __init__(self, said: Mapping[str, str], categories: Mapping[str, Category]) -> None:
        """Take what the user ``said``, category by class.

        Raises:
            UsageError: the policies have no such category.
        """
        unknown = [code for code in said.values() if code not in categories]
        if unknown:
            raise UsageError(N_("there is no category “{text}”; there are: {names}"),
                             text=unknown[0], names=list(categories))  # fmt: skip
        self._said = {_plain(class_): code for class_, code in said.items()}
        self._categories = categories
        self.undecided: list[str] = []

    def check(self, classes: Iterable[str]) -> None:
        """Whether the list has every class that the user said something of.

        Raises:
            UsageError: it lacks one.
        """
        found = list(dict.fromkeys(classes))
        absent = [class_ for class_ in self._said if class_ not in map(_plain, found)]
        if absent:
            raise UsageError(N_("the file has no class {names}; it has: {known}"), names=absent, known=found)

    def category(self, class_: str | None) -> str:
        """The category: as said, else the one whose name or words the class contains, else the general one.

        Raises:
            UsageError: nothing decides, and the policies have no general category.
        """
        if class_ is not None and _plain(class_) in self._said:
            return self._said[_plain(class_)]
        fits = self._fitting(_plain(class_ or ""))
        if len(fits) == 1:
            return fits.pop()
        if GENERAL not in self._categories:
            message = N_("no category of the policies fits {names}; say --category CLASS=CODE, with one of: {known}")
            raise UsageError(message, names=[class_ or "–"], known=list(self._categories))
        if class_ is not None and class_ not in self.undecided:
            self.undecided.append(class_)
        return GENERAL

    def _fitting(self, class_: str) -> set[str]:
        named = {code for code, category in self._categories.items() if _contains(class_, (category.name, code))}
        if named:
            return named
        for word in _MISLEADING:
            class_ = class_.replace(word, " ")
        return {code for code, words in _WORDS.items() if code in self._categories and _contains(class_, words.split())}


def _plain(class_: str) -> str:
    return " ".join(fold(class_).casefold().split())


def _contains(class_: str, words: Collection[str]) -> bool:
    return any(_plain(word) in class_ for word in words)
