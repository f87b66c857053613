"""Tells what an object is by its type alone, without asking the object.

``isinstance`` asks an object for ``__class__`` and a metaclass for
``__instancecheck__``, both of which can be the user's code.  Here a type's own
C slots are read, and compared by identity.
"""

from __future__ import annotations

import collections
import functools
import types
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from . import loaded

ATOM = 0  # nothing of interest can be behind it
TENSOR = 1
WRAPPED = 2  # a tensor whose answers would come from __torch_dispatch__
ARRAY = 3
MODULE = 4
OPTIMIZER = 5
DICT = 6
LIST = 7
TUPLE = 8
SET = 9
DEQUE = 10
FUNCTION = 11
PARTIAL = 12
CLASS = 13
OBJECT = 14
FROZENSET = 15
OPAQUE = 16  # not looked into, but it may have code of the user's that runs when it dies

#: Kinds that are rows.
ROWS = (TENSOR, WRAPPED, ARRAY)

_mro = type.__dict__["__mro__"].__get__
_class_dict = type.__dict__["__dict__"].__get__
_flags = type.__dict__["__flags__"].__get__
_name = type.__dict__["__name__"].__get__
_module = type.__dict__["__module__"].__get__

_HEAP_TYPE = 1 << 9
_HAVE_GC = 1 << 14

#: Packages whose objects are not looked into: they hold no tensors of the
#: user's, or show them through objects of their own that nobody would name.
CLOSED = frozenset(
    """
    IPython ipykernel ipywidgets traitlets jupyter_client comm zmq tornado asyncio
    concurrent threading multiprocessing logging unittest pytest _pytest matplotlib
    mpl_toolkits pandas pyarrow polars plotly bokeh altair PIL sympy tqdm rich google
    tensorflow jax jaxlib typing abc re enum inspect importlib jupyter_dlkit
    _jupyter_dlkit_agent
    """.split()  # noqa: SIM905
)

_BUILTIN_KINDS = (
    (type, CLASS),
    (dict, DICT),
    (list, LIST),
    (tuple, TUPLE),
    (set, SET),
    (frozenset, FROZENSET),
    (collections.deque, DEQUE),
    (types.FunctionType, FUNCTION),
    (functools.partial, PARTIAL),
    (types.SimpleNamespace, OBJECT),
    (types.ModuleType, ATOM),
)


def type_name(cls: type) -> str:
    """Class name, as the class itself was named."""
    return str(_name(cls))


def in_class(cls: type, name: str) -> Any:
    """What ``name`` is bound to in the class or its bases; no descriptor is run."""
    for base in _mro(cls):
        namespace = _class_dict(base)
        if name in namespace:
            return namespace[name]
    return None


def class_namespace(cls: type) -> Dict[str, Any]:
    """The class's own names."""
    return dict(_class_dict(cls))


def module_of(cls: type) -> str:
    """Name of the module that defines the class, or ''."""
    try:
        name = _module(cls)
    except AttributeError:
        return ""
    return name if type(name) is str else ""


class Layout(NamedTuple):
    """How an instance's attributes can be read without running code."""

    dictionary: Any  #: descriptor of ``__dict__``, or None
    slots: Tuple[Tuple[str, Any], ...]  #: names and member descriptors


def layout(cls: type) -> Layout:
    """Where instances of ``cls`` keep their attributes."""
    dictionary = None
    slots: List[Tuple[str, Any]] = []
    for base in _mro(cls):
        for name, value in list(_class_dict(base).items()):
            kind = type(value)
            if name == "__dict__" and dictionary is None:
                if kind is types.GetSetDescriptorType or kind is types.MemberDescriptorType:
                    dictionary = value
            elif kind is types.MemberDescriptorType and _flags(base) & _HEAP_TYPE:
                slots.append((name, value))
    return Layout(dictionary, tuple(slots))


class Kinds:
    """Kinds of the types met in one scan.

    Keyed by ``id`` of the type (a metaclass may define ``__hash__``), so it must
    not outlive the scan, which holds the types; a cache for longer would keep
    classes of the user's alive, and tensors in their attributes.
    """

    def __init__(self) -> None:
        self._roots: List[Tuple[type, int]] = list(_BUILTIN_KINDS)
        self._types: List[type] = []
        self._layouts: Dict[int, Layout] = {}
        self.table: Dict[int, int] = {}
        self.disabled_dispatch: Any = None
        torch, numpy = loaded.torch(), loaded.numpy()
        if numpy is not None:
            self._roots.insert(0, (numpy.ndarray, ARRAY))
        if torch is not None:
            self.disabled_dispatch = torch._C._disabled_torch_dispatch_impl
            self._roots[:0] = [
                (torch._C.TensorBase, TENSOR),
                (torch.nn.Module, MODULE),
                (torch.optim.Optimizer, OPTIMIZER),
            ]

    def of(self, values: Sequence[Any]) -> List[int]:
        """The kind of each value; an empty list when nothing of interest is among them."""
        table = self.table
        ids = list(map(id, map(type, values)))
        different = set(ids)
        if not different.issubset(table.keys()):
            unknown = different.difference(table)
            for value, number in zip(values, ids):
                if number in unknown:
                    unknown.discard(number)
                    self._learn(type(value))
        if len(different) == 1:
            return [table[ids[0]]] * len(ids) if table[ids[0]] else []
        if not any(map(table.__getitem__, different)):
            return []
        return list(map(table.__getitem__, ids))

    def one(self, value: Any) -> int:
        """The kind of one value."""
        return self.of_type(type(value))

    def of_type(self, cls: type) -> int:
        """The kind of a type's instances."""
        kind = self.table.get(id(cls))
        if kind is None:
            self._learn(cls)
            kind = self.table[id(cls)]
        return kind

    def layout(self, cls: type) -> Layout:
        """``layout`` of the class, worked out once a scan."""
        known = self._layouts.get(id(cls))
        if known is None:
            known = self._layouts[id(cls)] = layout(cls)
        return known

    def _learn(self, cls: type) -> None:
        self._types.append(cls)
        self.table[id(cls)] = self._classify(cls)

    def _classify(self, cls: type) -> int:
        bases: FrozenSet[int] = frozenset(map(id, _mro(cls)))
        for root, kind in self._roots:
            if id(root) in bases:
                if kind == TENSOR:
                    dispatch = in_class(cls, "__torch_dispatch__")
                    dispatch = getattr(dispatch, "__func__", dispatch)
                    return TENSOR if dispatch is self.disabled_dispatch else WRAPPED
                if kind in (DICT, LIST, TUPLE, SET, FROZENSET, DEQUE) and self._closed(cls):
                    return OPAQUE
                return kind
        flags = _flags(cls)
        if not flags & _HEAP_TYPE:  # a bound method, say, may be the last to hold an object
            return OPAQUE if flags & _HAVE_GC else ATOM
        return OBJECT if flags & _HAVE_GC and not self._closed(cls) else OPAQUE

    def _closed(self, cls: type) -> bool:
        return module_of(cls).partition(".")[0] in CLOSED


def instance_dict(value: Any, where: Layout) -> Optional[Dict[str, Any]]:
    """The instance's own ``__dict__``, or None."""
    if where.dictionary is None:
        return None
    found = where.dictionary.__get__(value)
    return found if type(found) is dict else None
