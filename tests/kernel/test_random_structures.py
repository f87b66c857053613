"""Whatever is built of containers: every tensor in it is found, by a name that reaches it."""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
import types
from typing import Any

import numpy
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jupyter_dlkit.kernel.resolve import Resolver
from jupyter_dlkit.kernel.scan import Scanner


@dataclasses.dataclass
class Record:
    first: Any
    second: Any = None


class Slots:
    __slots__ = ("inner", "unset")

    def __init__(self, inner: Any) -> None:
        self.inner = inner


class Free:
    def __init__(self, /, **attributes: Any) -> None:
        self.__dict__.update(attributes)


Pair = collections.namedtuple("Pair", "left right")


class OwnDict(dict):  # type: ignore[type-arg]
    pass


class OwnList(list):  # type: ignore[type-arg]
    pass


class Bag(torch.nn.Module):
    def __init__(self, parts: list[Any]) -> None:
        super().__init__()
        for i, part in enumerate(parts):
            setattr(self, f"part{i}", part)


def closing(value: Any) -> Any:
    return lambda: value


leaves = st.one_of(
    st.builds(lambda n: torch.ones(n), st.integers(0, 3)),
    st.builds(lambda n: torch.ones(n).expand(2, n)[0], st.integers(1, 3)),
    st.builds(lambda n: torch.nn.Parameter(torch.ones(n)), st.integers(0, 3)),
    st.builds(lambda n: numpy.zeros(n), st.integers(0, 3)),
    st.builds(lambda: torch.nn.Linear(2, 1)),
    st.none(), st.integers(), st.text(max_size=3),
)  # fmt: skip
keys = st.one_of(
    st.text(max_size=5), st.integers(), st.booleans(), st.none(), st.binary(max_size=3),
    st.tuples(st.integers(0, 3), st.text(max_size=2)),
    st.floats(allow_nan=True, allow_infinity=True), st.builds(object),
)  # fmt: skip


def inside(children: Any) -> Any:
    some = st.lists(children, max_size=4)
    return st.one_of(
        some,
        some.map(tuple),
        some.map(collections.deque),
        some.map(OwnList),
        some.map(Bag),
        some.map(lambda parts: {p for p in parts if isinstance(p, torch.Tensor)}),
        some.map(lambda parts: frozenset(p for p in parts if isinstance(p, torch.Tensor))),
        st.dictionaries(keys, children, max_size=4),
        st.dictionaries(keys, children, max_size=3).map(OwnDict),
        st.dictionaries(keys, children, max_size=3).map(collections.OrderedDict),
        st.dictionaries(st.text(max_size=4), children, max_size=3).map(
            lambda d: Free(**{k: v for k, v in d.items() if k})
        ),
        st.dictionaries(st.text(max_size=4), children, max_size=3).map(
            lambda d: types.SimpleNamespace(**d)
        ),
        st.builds(Record, children, children),
        st.builds(Pair, children, children),
        st.builds(Slots, children),
        st.builds(closing, children),
        st.builds(lambda a, b: functools.partial(print, a, sep=b), children, children),
        st.builds(lambda a: [a, a], children),
    )


structures = st.recursive(leaves, inside, max_leaves=25)
names = st.one_of(st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True), st.just("not a name"))


def tensors_in(value: Any, found: dict[int, Any], seen: dict[int, Any]) -> None:
    """The plain way, by Python's own accessors."""
    if isinstance(value, (torch.Tensor, numpy.ndarray)):
        found[id(value)] = value
        return
    if id(value) in seen or isinstance(value, (str, bytes, int, float, type(None), type)):
        return
    seen[id(value)] = value
    parts: list[Any] = []
    if isinstance(value, dict):
        parts += value.values()
    elif isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        parts += value
    elif isinstance(value, functools.partial):
        parts += [*value.args, *value.keywords.values()]
    elif isinstance(value, types.FunctionType):
        parts += [cell.cell_contents for cell in value.__closure__ or ()]
    elif isinstance(value, Slots):
        parts.append(value.inner)
    parts += getattr(value, "__dict__", {}).values()
    for part in parts:
        tensors_in(part, found, seen)


@given(st.dictionaries(names, structures, max_size=5))
@example({"a": Free(**{"ª": torch.ones(1), "self": torch.ones(2)})})  # ``.ª`` would be ``.a``
@settings(max_examples=120, deadline=None)
def test_everything_is_found_and_reachable(namespace: dict[str, Any]) -> None:
    expected: dict[int, Any] = {}
    tensors_in(namespace, expected, {})
    dropped: list[list[Any]] = []
    scan = Scanner(dropped.append).scan(dict(namespace), {}, 60.0, True)
    assert dropped == []
    assert scan.cut == {}
    assert set(scan.addresses) == set(expected)
    assert len(scan.addresses) == len(expected)
    for address, name, aliases in zip(
        scan.addresses, scan.columns["name"], scan.columns["aliases"], strict=True
    ):
        for expression in (name, *json.loads(aliases)):
            assert id(eval(expression, {**namespace})) == address or "globals()" in expression
            # And by our own resolver, which never evaluates.
            assert id(Resolver(namespace, {}).resolve(expression)) == address, expression
    for group in set(filter(None, scan.columns["group"])):
        assert group in scan.groups
