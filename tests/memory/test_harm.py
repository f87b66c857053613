"""Looking is harmless."""

# ruff: noqa: E501  (cells)

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from tests import second_device

from .notebook import Notebook

#: Sizes to the byte: on the device that does not round them.
pytestmark = pytest.mark.parametrize("notebook", [second_device.NAME], indirect=True)


SETUP = """
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
model = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3)).to(device)
x = torch.randn(8, 16).to(device)
"""


def test_nothing_is_unpacked_or_computed_again(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
events = []
def forward(x):
    events.append("forward")
    return model(x)
loss = checkpoint(forward, x, use_reentrant=False).sum()
def unpack(t):
    events.append("unpack")
    return t
with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):
    hooked = (model(x) ** 2).sum()
seen = len(events)
""")
    for _ in range(3):
        notebook.assert_exact()
    assert notebook.names["events"] == ["forward"]
    notebook.run("loss.backward(); hooked.backward()")
    assert {"forward", "unpack"} == set(notebook.names["events"])
    assert len(notebook.names["events"]) > 2


def test_nothing_is_kept_alive(notebook: Notebook) -> None:
    notebook.run(SETUP)
    left = notebook.allocated()
    notebook.run("""
class Box: pass
box = Box(); box.t = torch.ones(100, device=device); box.t.more = torch.ones(50, device=device)
loss = model(x).tanh().sum()
def batches():
    batch = torch.ones(100, device=device)
    yield 1
    del batch
    yield 2
it = batches(); next(it)
optimizer = torch.optim.Adam(model.parameters()); model(x).sum().backward(); optimizer.step()
""")
    whole = notebook.account()
    before = notebook.allocated()
    notebook.run("next(it)")
    assert notebook.allocated() == before - 400
    collecting = gc.isenabled()
    gc.disable()
    try:
        notebook.run("del box, loss, it, optimizer; model.zero_grad()")
        assert notebook.allocated() == left
    finally:
        if collecting:
            gc.enable()
    assert whole.complete


def test_nothing_is_allocated_and_no_counter_moves(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
import copy
loss = checkpoint(model, x, use_reentrant=False).sum() + (model(x) ** 2).sum()
view = x[1:]
def leak():
    held = [torch.ones(3, device=device)]; held.append(held)
leak()
""")
    tensors = [v for v in notebook.names.values() if isinstance(v, torch.Tensor)]
    tensors += notebook.names["model"].parameters()
    versions = [t._version for t in tensors]
    counts = list(map(sys.getrefcount, tensors))
    made, copied = second_device.allocations(), second_device.copies()
    grad_mode = torch.is_grad_enabled()
    notebook.assert_exact()
    assert (second_device.allocations(), second_device.copies()) == (made, copied)
    assert [t._version for t in tensors] == versions
    assert list(map(sys.getrefcount, tensors)) == counts
    assert torch.is_grad_enabled() == grad_mode
    assert all(t.grad is None for t in tensors if t.is_leaf)
    a, b = torch.ones(2, device=notebook.device), torch.ones(2, device=notebook.device)
    notebook.names.update(a=a, b=b)
    notebook.account()
    torch.utils.swap_tensors(a, b)  # refuses what has weak references


class Watching(TorchFunctionMode):
    """Counts the calls that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls.append(func)
        return func(*args, **(kwargs or {}))


class Dispatching(TorchDispatchMode):
    """Counts the operations that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls.append(func)
        return func(*args, **(kwargs or {}))


def test_the_users_modes_and_subclasses_are_not_asked(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
asked = []
class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        asked.append(func)
        return super().__torch_function__(func, types, args, kwargs or {})
mine = torch.ones(3, device=device).as_subclass(Mine).requires_grad_()
loss = (mine * 2).sum()
coo = torch.sparse_coo_tensor(torch.tensor([[0, 1], [1, 0]]), torch.ones(2), (2, 2))
asked.clear()
""")
    with Watching() as functions, Dispatching() as operations:
        notebook.assert_exact()
    assert notebook.names["asked"] == []
    assert functions.calls == [] and operations.calls == []


def test_hostile_objects_are_not_asked(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
asked = []
def trap(name):
    def asks(self, *args, **kwargs):
        asked.append(name)
        raise RuntimeError(name)
    return asks
methods = "__getattribute__ __getattr__ __eq__ __hash__ __iter__ __len__ __repr__ __str__ __bool__ __getitem__ __contains__ __dir__ __del__"
class Meta(type):
    __eq__ = trap("meta eq"); __hash__ = lambda cls: asked.append("meta hash") or 7
    __instancecheck__ = trap("meta instancecheck"); __subclasscheck__ = trap("meta subclasscheck")
    __getattribute__ = lambda cls, name: type.__getattribute__(cls, name) if name.startswith("__") else asked.append(name)
Hostile = type("Hostile", (), {name: trap(name) for name in methods.split() if name not in ("__del__", "__hash__")})
class Strange(metaclass=Meta):
    __class__ = property(trap("__class__"))
class Items(dict):
    keys = values = items = __iter__ = __len__ = __getitem__ = get = trap("dict")
class Rows(list):
    __iter__ = __len__ = __getitem__ = trap("list")
class Error(Exception):
    __str__ = __repr__ = trap("error")
    args = property(trap("args")); __traceback__ = property(trap("traceback"))
def make():
    hostile, strange, items, rows = Hostile(), Strange(), Items(), Rows()
    object.__setattr__(hostile, "t", torch.ones(10, device=device))
    object.__setattr__(strange, "t", torch.ones(20, device=device))
    dict.__setitem__(items, "k", torch.ones(30, device=device))
    list.append(rows, torch.ones(40, device=device))
    return [hostile, strange, items, rows, Error(torch.ones(50, device=device))]
kept = make()
lost = make(); lost.append(lost); del lost
lru = __import__("functools").lru_cache(lambda: make())
lru()
asked.clear()
""")
    collecting = gc.isenabled()
    gc.disable()
    try:
        notebook.assert_exact()
        assert notebook.names["asked"] == []
    finally:
        if collecting:
            gc.enable()


def test_locals_that_the_user_has_stay(notebook: Notebook) -> None:
    notebook.run(SETUP)
    notebook.run("""
def batches():
    batch = torch.ones(10, device=device)
    mine = locals()
    yield mine
it = batches(); mine = next(it)
""")
    notebook.account()
    assert "batch" in notebook.names["mine"]


def test_the_collector_is_as_it_was(notebook: Notebook) -> None:
    notebook.run(SETUP)
    assert gc.isenabled()
    notebook.account()
    assert gc.isenabled()
    gc.disable()
    try:
        notebook.account()
        assert not gc.isenabled()
    finally:
        gc.enable()
    notebook.account()
    grown = []
    for _ in range(5):
        before = len(gc.get_objects())
        for _ in range(3):
            notebook.account()
        grown.append(len(gc.get_objects()) - before)
    assert min(grown) <= 10, grown  # nothing of ours stays: what does, does so each time
