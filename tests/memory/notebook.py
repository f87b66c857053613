"""A notebook as far as the account sees one: cells, names, outputs, the last exception."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from jupyter_dlkit.kernel.memory import Account, DeviceAccount, Owner, Roots, account

#: Outside of the notebook, which the tests' own frames have: what they reach has an owner.
_names: dict[int, dict[str, Any]] = {}
_outputs: dict[int, dict[int, Any]] = {}


class Notebook:
    """Runs cells in a namespace of its own; ``device`` is a name in it."""

    def __init__(self, kind: str) -> None:
        self.device = f"{kind}:0" if kind != "cpu" else kind
        self.module: Any = None if kind == "cpu" else torch.get_device_module(kind)
        _names[id(self)] = {"__name__": "__main__", "device": self.device}
        _outputs[id(self)] = {}
        self._counted = 0
        self._before = 0
        if self.module is None:
            self._before = self.account().device("cpu").attributed

    @property
    def names(self) -> dict[str, Any]:
        """The namespace."""
        return _names[id(self)]

    @property
    def outputs(self) -> dict[int, Any]:
        """``Out``."""
        return _outputs[id(self)]

    def run(self, source: str) -> None:
        """A cell."""
        if self.module is not None:
            exec(compile(source, "<cell>", "exec"), self.names)
            return
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
            exec(compile(source, "<cell>", "exec"), self.names)
        events = profiler.profiler.kineto_results.events()  # type: ignore[union-attr]
        self._counted += sum(event.nbytes() for event in events if event.name() == "[memory]")

    def shows(self, number: int, source: str) -> None:
        """A cell whose last expression is an output."""
        self.outputs[number] = eval(compile(source, "<cell>", "eval"), self.names)

    def fails(self, source: str) -> None:
        """A cell that ends in an exception, which stays the last one."""
        try:
            self.run(source)
        except Exception as error:
            sys.last_type, sys.last_value = type(error), error
            sys.last_traceback = error.__traceback__
            return
        raise AssertionError("the cell did not fail")

    def allocated(self) -> int:
        """Bytes that the allocator has given out; on the CPU, as torch's profiler counts them."""
        return self._counted if self.module is None else int(self.module.memory_allocated(0))

    def account(self, heap: bool = True) -> Account:
        """The account now."""
        return account(Roots.of_namespace(self.names, self.outputs), heap)

    def assert_exact(self) -> DeviceAccount:
        """The device's account, which is exact and complete."""
        collecting = gc.isenabled()
        gc.disable()  # what is lost in cycles is still there when it is compared
        try:
            return self._checked(self.account())
        finally:
            if collecting:
                gc.enable()

    def _checked(self, whole: Account) -> DeviceAccount:
        assert whole.complete, whole.left_out
        found = whole.device(self.device)
        assert found.attributed == sum(owner.bytes for owner in found.owners)
        for owner in found.owners:
            check_sums(owner)
        if self.module is None:
            assert found.attributed - self._before == self.allocated(), table(found)
        else:
            assert found.allocated == self.allocated()
            self._nothing_is_missing(found)
        return found

    def _nothing_is_missing(self, found: DeviceAccount) -> None:
        unaccounted = found.unaccounted
        if self.device.startswith("cuda"):  # the contract: at most 1 % and 16 MiB
            assert found.allocated is not None and unaccounted is not None
            assert abs(unaccounted) <= min(found.allocated // 100, 16 << 20), table(found)
        else:
            assert unaccounted == 0, table(found)

    def close(self) -> None:
        """Forget everything."""
        for value in self.names.values():
            if isinstance(value, torch.Tensor) and value.is_leaf:
                value.grad = None  # with create_graph it is in a cycle that is never collected
        _names.pop(id(self)).clear()
        _outputs.pop(id(self)).clear()
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            vars(sys).pop(name, None)
        gc.collect()


def check_sums(owner: Owner) -> None:
    """The parts of each part add up to it."""
    if owner.children:
        assert owner.bytes == sum(child.bytes for child in owner.children)
        assert owner.storages == sum(child.storages for child in owner.children)
        for child in owner.children:
            check_sums(child)


def leaves(owner: Owner) -> Iterator[Owner]:
    """The smallest parts."""
    if not owner.children:
        yield owner
    for child in owner.children:
        yield from leaves(child)


def by_owner(found: DeviceAccount) -> dict[str, int]:
    """Bytes by kind of owner."""
    sums: dict[str, int] = {}
    for owner in found.owners:
        sums[owner.owner] = sums.get(owner.owner, 0) + owner.bytes
    return sums


def named(found: DeviceAccount) -> dict[tuple[str, str], Owner]:
    """Owners by kind and name."""
    return {(owner.owner, owner.name): owner for owner in found.owners}


def table(found: DeviceAccount) -> str:
    """To read when a test fails."""
    lines = [f"{found.device}: {found.attributed} of {found.allocated}"]
    lines += [f"  {o.owner:12} {o.bytes:10} {o.storages:5} {o.name}" for o in found.owners]
    return "\n".join(lines)
