"""Names, paths and devices of the user's, as one types them.

What is read is of the first tier of looking: types, and the containers' own entries.  Nothing of
the user's runs, and nothing is kept.
"""

from __future__ import annotations

import builtins
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from IPython.core.error import UsageError

from ..api.namespace import inventory_of
from ..kernel import kinds as k
from ..kernel import names
from ..kernel.devices import devices
from ..kernel.errors import Refusal
from ..kernel.kinds import Kinds
from ..kernel.loaded import torch as loaded_torch
from ..kernel.modules import MODULE_INTERNALS, index_style
from ..kernel.resolve import Resolver

#: Paths that are offered at most, and entries of one container that are read for them.
_OFFERED, _READ = 300, 50_000

#: Entries, and levels of containers, that tell whether a tensor is behind one.
_TRIED, _DEEPEST = 12, 3

#: ``model.layers[0]`` of ``model.layers[0].we``; ``batch`` of ``batch['x``.
_PARENT = re.compile(r"(?P<parent>.*?)(?:\.\w*|\[(?:'[^']*'?|\"[^\"]*\"?|\w*)\]?)$", re.DOTALL)

#: A key that is being typed.
_KEY = re.compile(r"\[(?P<quote>['\"])(?P<begin>.*)", re.DOTALL)

#: What stands around a key or an attribute.
_MARKS = "[]'\"."

_FOLDS = (k.MODULE, k.OPTIMIZER)
_ITERATORS: dict[int, Any] = {
    k.LIST: list.__iter__,
    k.TUPLE: tuple.__iter__,
    k.DEQUE: deque.__iter__,
}
_MODULE_ENTRIES = ("_modules", "_parameters", "_buffers")


def variables(shell: Any) -> dict[str, Any]:
    """The user's variables, without those of IPython's."""
    return inventory_of(shell).namespace()


def found(shell: Any, path: str) -> tuple[Any, ...]:
    """The object at a path, as a tuple of one; empty where there is none."""
    inventory = inventory_of(shell)
    space = inventory.namespace()
    try:
        return (Resolver(space, inventory.outputs()).resolve(path),)
    except Refusal:
        return ()


def check_names(shell: Any, paths: Iterable[str]) -> None:
    """Raises ``UsageError`` for the first that reaches nothing; a near name is suggested."""
    inventory = inventory_of(shell)
    space = inventory.namespace()
    for path in paths:
        try:
            Resolver(space, inventory.outputs()).resolve(path)
            continue
        except Refusal as refusal:
            gone = refusal.code == "gone"
            words = f"{refusal.message} {refusal.hint}"
        indexed = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", path)  # as state_dict() names it
        if indexed != path and found(shell, indexed):
            words = f"{path} is written {indexed} here."
        raise UsageError(_missing(shell, space, path) if gone else words)


def tensor_paths(shell: Any, typed: str) -> list[str]:
    """What leads to tensors and begins with what was typed: tensors first, then what holds some."""
    if parent := _PARENT.fullmatch(typed):
        return _below(shell, parent["parent"], typed)
    first, then, _ = _sorted_variables(shell, typed)
    return first + then


def operand_paths(shell: Any, typed: str) -> list[str]:
    """The same, where other variables can stand too: numbers, functions."""
    if parent := _PARENT.fullmatch(typed):
        return _below(shell, parent["parent"], typed)
    first, then, others = _sorted_variables(shell, typed)
    return first + then + others


def device_names() -> list[str]:
    """Devices of this kernel's torch; none is brought up."""
    listed = [str(one["id"]) for one in devices()["devices"]]
    kinds = {name.partition(":")[0] for name in listed}
    return [*sorted(kinds - set(listed)), *listed]


def device_variables(shell: Any) -> list[str]:
    """Variables that are a ``torch.device``."""
    torch = loaded_torch()
    if torch is None:
        return []
    space = variables(shell)
    return sorted(name for name, value in space.items() if type(value) is torch.device)


def _missing(shell: Any, space: dict[str, Any], path: str) -> str:
    import difflib

    root = re.split(r"[.\[]", path, maxsplit=1)[0]
    if root not in space:
        if root in vars(builtins):
            return f"{root} is Python's own, not a variable of this notebook."
        near = difflib.get_close_matches(root, list(space), 3, 0.6)
        if near:
            return f"There is no variable {root}; did you mean {_either(near)}?"
        return f"There is no variable {root}; %tensors lists those that are, or hold, tensors."
    parent = _PARENT.fullmatch(path)
    begin = parent["parent"] if parent else path
    tails = [one[len(begin) :] for one in (_below(shell, begin, "") if parent else [])]
    near = [begin + tail for tail in _near(path[len(begin) :], tails)]
    if near:
        return f"There is no {path}; did you mean {_either(near)}?"
    return f"There is no {path}; %tensors {root} lists what {root} has."


def _near(tail: str, tails: list[str]) -> list[str]:
    """Those like it by what stands in the brackets; else by all, as one index is to another."""
    import difflib

    inner = {one.strip(_MARKS): one for one in tails}
    found = difflib.get_close_matches(tail.strip(_MARKS), inner, 3, 0.6)
    return [inner[one] for one in found] or difflib.get_close_matches(tail, tails, 3, 0.6)


def _either(near: list[str]) -> str:
    return near[0] if len(near) == 1 else f"{', '.join(near[:-1])} or {near[-1]}"


def _sorted_variables(shell: Any, typed: str) -> tuple[list[str], list[str], list[str]]:
    """Names that begin so: of tensors, of what holds some, of anything else."""
    kinds = Kinds()
    tensors, holders, others = [], [], []
    for name, value in variables(shell).items():
        if not name.startswith(typed) or (name.startswith("_") and not typed):
            continue
        if not names.is_name(name):
            continue
        if kinds.one(value) in k.ROWS:
            tensors.append(name)
        elif _reaches(kinds, value, 0):
            holders.append(name)
        else:
            others.append(name)
    return sorted(tensors), sorted(holders), sorted(others)


def _below(shell: Any, parent: str, typed: str) -> list[str]:
    """Paths that begin with what was typed, from the object at ``parent``."""
    there = found(shell, parent)
    if not there:
        return []
    kinds = Kinds()
    tensors: list[str] = []
    holders: list[str] = []
    private = f"{parent}._"
    key = _KEY.fullmatch(typed[len(parent) :])
    children = _children(kinds, there[0], parent, key["begin"] if key else "")
    for path, value in islice(children, _READ):
        if key and key["quote"] == '"' and '"' not in path:
            path = parent + path[len(parent) :].replace("'", '"')
        if not path.startswith(typed):
            continue
        if path.startswith(private) and not typed.startswith(private):
            continue
        if kinds.one(value) in k.ROWS:
            tensors.append(path)
        elif _reaches(kinds, value, 0):
            holders.append(path)
        if len(tensors) + len(holders) == _OFFERED:
            break
    return tensors + holders


def _reaches(kinds: Kinds, value: Any, depth: int) -> bool:
    """Whether a tensor is likely to be behind it: the first few entries tell."""
    kind = kinds.one(value)
    if kind in k.ROWS or kind in _FOLDS:
        return True
    if kind in (k.ATOM, k.OPAQUE, k.CLASS) or depth == _DEEPEST:
        return False
    entries = islice(_children(kinds, value, ""), _TRIED)
    return any(_reaches(kinds, child, depth + 1) for _, child in entries)


def _children(kinds: Kinds, value: Any, path: str, begin: str = "") -> Iterator[tuple[str, Any]]:
    """Paths to what a container, module or object has, and the objects there.

    Of a dictionary only what has a text with that ``begin`` as its key, if there is one.
    """
    kind = kinds.one(value)
    if kind in _ITERATORS:
        for position, item in enumerate(_ITERATORS[kind](value)):
            yield names.index(path, position), item
    elif kind == k.DICT:
        for position, (key, item) in enumerate(list(dict.items(value))):
            if begin and not (type(key) is str and key.startswith(begin)):
                continue
            yield names.key(path, key, position), item
    elif kind == k.MODULE:
        yield from _module_children(kinds, value, path)
    elif kind in (k.OBJECT, k.OPTIMIZER):
        where = kinds.layout(type(value))
        for name, item in list((k.instance_dict(value, where) or {}).items()):
            if type(name) is str:
                yield names.attribute(path, name), item
        for name, slot in where.slots:
            try:
                yield names.attribute(path, name), slot.__get__(value)
            except AttributeError:
                continue  # not set


def _module_children(kinds: Kinds, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    attributes = k.instance_dict(value, kinds.layout(type(value))) or {}
    style = index_style(type(value))
    for registry in _MODULE_ENTRIES:
        entries = attributes.get(registry)
        if isinstance(entries, dict):
            for name, item in list(dict.items(entries)):
                yield names.submodule(path, name, style), item
    for name, item in list(attributes.items()):
        if name not in MODULE_INTERNALS and type(name) is str:
            yield names.attribute(path, name), item
