"""Versions as packages and drivers write them, compared without any library."""

from __future__ import annotations

import re
from typing import Optional, Tuple

_CLAUSE = re.compile(r"(===|==|>=|<=|!=|~=|>|<)\s*([^\s,;()]+)")


def release(version: str) -> Tuple[int, ...]:
    """The numbers at the beginning: ``2.9.1+cu126`` is (2, 9, 1), ``580.65.06`` (580, 65, 6)."""
    match = re.match(r"v?(\d+(?:\.\d+)*)", version.strip())
    return tuple(map(int, match.group(1).split("."))) if match else ()


def local(version: str) -> Optional[str]:
    """What follows the plus: ``cu126`` of ``2.9.1+cu126``; None without one."""
    return version.partition("+")[2] or None


def older(version: str, than: str) -> bool:
    """Whether the numbers of ``version`` are smaller."""
    return _padded(release(version)) < _padded(release(than))


def satisfies(version: str, specifier: str) -> bool:
    """Whether a version is what ``==2.9.1``, ``>=1.2,<2`` or ``==13.0.*`` asks for.

    Letters after the numbers count only where the whole text is asked for; a local part (after
    the plus) only where the specifier has one. An empty specifier asks for nothing.
    """
    return all(_fits(version, *clause) for clause in _CLAUSE.findall(specifier))


def _fits(version: str, operator: str, wanted: str) -> bool:
    have = version if "+" in wanted else version.partition("+")[0]
    if operator in ("==", "===", "!=") and wanted.endswith(".*"):
        asked = release(wanted[:-2])
        same = _padded(release(have))[: len(asked)] == asked
        return same if operator != "!=" else not same
    ours, theirs = _padded(release(have)), _padded(release(wanted))
    if operator == "~=":
        return (
            ours >= theirs
            and ours[: max(1, len(release(wanted)) - 1)]
            == (release(wanted)[: max(1, len(release(wanted)) - 1)])
        )
    equal = ours == theirs and _tail(have) == _tail(wanted)
    return {
        "==": equal,
        "===": equal,
        "!=": not equal,
        ">=": ours >= theirs,
        "<=": ours <= theirs,
        ">": ours > theirs,
        "<": ours < theirs,
    }[operator]


def _tail(version: str) -> str:
    """What follows the numbers, such as ``rc1`` or ``+cu126``."""
    return re.sub(r"^v?\d+(\.\d+)*", "", version.strip()).lstrip(".")


def _padded(numbers: Tuple[int, ...]) -> Tuple[int, ...]:
    return numbers + (0,) * (6 - len(numbers))
