"""Expressions that reach an object, built edge by edge: valid Python wherever possible."""

from __future__ import annotations

from keyword import iskeyword
from typing import Any, Callable, Dict, List, Optional, Tuple
from unicodedata import normalize

#: Keys whose ``repr`` is their own, C's, and reads back as the same key.
_PLAIN_KEYS = frozenset(map(id, (str, int, bool, float, bytes, type(None))))

#: A longer key is named by its position instead.
_LONGEST_KEY = 120


def is_name(text: Any) -> bool:
    """Whether ``text`` can stand after a dot, and is read there as it is written: of letters
    beyond ASCII Python reads the normal form (PEP 3131), so that ``ª`` would be ``a``."""
    if type(text) is not str or not text.isidentifier() or iskeyword(text):
        return False
    return text.isascii() or normalize("NFKC", text) == text


def variable(name: Any) -> str:
    """A name of the user's namespace."""
    return name if is_name(name) else f"globals()[{name!r}]"


def attribute(owner: str, name: str) -> str:
    """``owner.name``."""
    return f"{owner}.{name}" if is_name(name) else f"vars({owner})[{name!r}]"


def index(owner: str, position: int) -> str:
    """``owner[3]``."""
    return f"{owner}[{position}]"


def indices(owner: str, start: int, end: int) -> List[str]:
    """``owner[start]`` to ``owner[end - 1]``."""
    return [f"{owner}[{i}]" for i in range(start, end)]


def is_plain_key(key: Any) -> bool:
    """Whether ``key`` can be written down: a plain value, or a short tuple of such."""
    if type(key) is tuple:
        return 0 < len(key) <= 4 and all(map(_is_plain, key))
    return _is_plain(key) and (type(key) is not str or len(key) <= _LONGEST_KEY)


def _is_plain(part: Any) -> bool:
    if type(part) is float:
        return part - part == 0.0  # neither inf nor nan, which are no literals
    return id(type(part)) in _PLAIN_KEYS


def key(owner: str, value: Any, position: int) -> str:
    """``owner['key']``; by position where the key cannot be written down."""
    if is_plain_key(value):
        return f"{owner}[{value!r}]"
    return f"list({owner}.values())[{position}]"


def member(owner: str, position: int) -> str:
    """An element of a set, or of what else cannot be indexed."""
    return f"list({owner})[{position}]"


def cell(owner: str, position: int) -> str:
    """A variable of an enclosing function."""
    return f"{owner}.__closure__[{position}].cell_contents"


def submodule(owner: str, name: str, style: str) -> str:
    """A child of a module.  ``style`` is how its class is indexed: ``list``, ``dict`` or ''."""
    if style == "list" and name.isdigit():
        return f"{owner}[{name}]"
    if style == "dict":
        return f"{owner}[{name!r}]"
    if is_name(name):
        return f"{owner}.{name}"
    return f"{owner}.get_submodule({name!r})"


#: Fewer paths at a time are not remembered, and not more altogether.
_FEW, _MOST = 64, 200_000


class Paths:
    """Expressions for the items of large containers, remembered from the last scan.

    Texts only.  ``seen`` has those that were asked for: what the next scan begins with.
    """

    def __init__(self) -> None:
        self._known: Dict[Tuple[str, int], Tuple[Optional[List[str]], List[str]]] = {}
        self._size = 0
        self._seen: Optional[Paths] = None

    @property
    def seen(self) -> Paths:
        """For the next scan."""
        if self._seen is None:
            self._seen = Paths()
        return self._seen

    def of(
        self,
        owner: str,
        start: int,
        keys: Optional[List[str]],
        count: int,
        make: Callable[[], List[str]],
    ) -> List[str]:
        """Expressions of ``count`` items from number ``start`` on, as ``make`` makes them.

        ``keys`` are strings, or None where the position alone makes the expression.  The list
        is not the caller's to change.
        """
        if count < _FEW:
            return make()
        known = self._known.get((owner, start))
        if known is None or len(known[1]) != count or known[0] != keys:
            known = (keys, make())
        seen = self.seen
        if seen._size + count <= _MOST:
            seen._size += count
            seen._known[owner, start] = known
        return known[1]
