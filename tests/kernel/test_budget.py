"""A million other things do not matter; what was cut is named."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

from tests.live.kernel import LiveKernel

from .caller import Caller, Onlooker


def test_a_million_other_things(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("""
import torch
numbers = list(range(10**6))
table = {i: str(i) for i in range(10**5)}
class Small:
    __slots__ = ("a", "b")
    def __init__(self, a): self.a, self.b = a, None
objects = [Small(i) for i in range(10**5)]
last_but_found = [0] * 10**6 + [torch.ones(5)]
zzz_variable = torch.ones(1)
zzz_box = {"x": torch.ones(2)}
""")
    listing = caller.list(budget_ms=100)
    assert "zzz_variable" in listing.names
    assert "zzz_box['x']" in listing.names
    assert listing.content["cost_ms"] < 2000
    if not listing.content["complete"]:
        assert {cut["root"] for cut in listing.content["cut"]} <= {
            "numbers", "table", "objects", "last_but_found",
        }  # fmt: skip
    everything = caller.list()
    assert everything.content["complete"]
    assert "last_but_found[1000000]" in everything.names


def test_every_root_that_was_cut_is_named(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("""
import torch
def deep(n): return {"t": torch.ones(1), "more": [[[i] for i in range(n)] for _ in range(3)]}
roots = 12
for i in range(roots): globals()[f"root_{i}"] = deep(3_000)
for i in range(300): globals()[f"v_{i}"] = torch.ones(2)
""")
    listing = caller.list(budget_ms=1)
    assert not listing.content["complete"]
    assert {f"v_{i}" for i in range(300)} <= listing.names
    cut = {entry["root"] for entry in listing.content["cut"]}
    assert cut
    for i in range(12):  # seen whole, or named
        assert f"root_{i}['t']" in listing.names or f"root_{i}" in cut
    assert all("budget" in entry["why"] for entry in listing.content["cut"])
    assert caller.list().content["complete"]


def test_containers_that_change_while_they_are_read(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("""
import collections, time, torch
table, queue, a_set, a_list = {}, collections.deque(), set(), []
class Holder: pass
holder = Holder(); holder.t = torch.ones(1)
steady = torch.ones(3)
""")
    cell = kernel.start("""
print("changing", flush=True)
until, i = time.monotonic() + 3, 0
while time.monotonic() < until:
    i += 1
    t = torch.ones(1)
    table[i] = t; queue.append(t); a_set.add(t); a_list.append(t)
    setattr(holder, f"a{i % 50}", t); globals()[f"g{i % 50}"] = t
    if not i % 3000: table.clear(); queue.clear(); a_set.clear(); a_list.clear(); holder.__dict__.clear()
    if not i % 7: globals().pop(f"g{i % 50}", None)
print("end")
""")
    kernel.wait_for_output(cell, "changing")
    with Onlooker(caller) as onlooker:
        outcome = kernel.finish(cell)
    assert outcome.error is None, outcome.error
    assert all("steady" in listing.names for listing in onlooker.listings)
    whys = {cut["why"] for listing in onlooker.listings for cut in listing.content["cut"]}
    assert whys <= {"it was changing while it was read"}
    assert caller.list().content["complete"]
