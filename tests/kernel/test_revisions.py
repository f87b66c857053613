"""Clients at any revision arrive at the same list."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import random

import pytest

from tests.live.kernel import LiveKernel

from .caller import Caller, Listing, rows_of


class Client:
    """Keeps a list up to date by differences, as the panel does."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.revision: str | None = None
        self.rows: dict[str, dict[str, object]] = {}

    def refresh(self) -> Listing:
        listing = self.caller.list(since=self.revision)
        if listing.content["full"]:
            self.rows = {}
        for identity in listing.content["removed"]:
            self.rows.pop(identity, None)  # it may have come and gone since
        self.rows.update({row["id"]: row for row in listing.rows})
        self.revision = listing.revision
        assert listing.content["total"] == len(self.rows)
        return listing


def test_what_changed_and_what_went_away(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; a, b, c = torch.ones(1), torch.ones(2), torch.ones(3)")
    first = caller.list()
    assert first.content["full"] and not first.head["unchanged"]
    again = caller.list(since=first.revision)
    assert again.head["unchanged"] and again.rows == [] and again.content["removed"] == []
    assert again.revision == first.revision and not again.content["full"]

    kernel.run("a.add_(1); del b; d = torch.ones(4); None")
    later = caller.list(since=first.revision)
    assert later.names == {"a", "d"} and not later.content["full"]
    assert later.content["removed"] == [first["b"]["id"]]
    assert later["a"]["id"] == first["a"]["id"]
    assert later["a"]["version"] == first["a"]["version"] + 1
    assert (later.head["rows"], later.content["total"]) == (2, 3)

    kernel.run("e = c")  # an alias is a change of the row
    assert caller.list(since=later.revision)["c"]["aliases"] == ["e"]


def test_a_name_that_comes_back_is_another_row(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; x = torch.ones(100)")
    first = caller.list()
    kernel.run("del x")
    gone = caller.list(since=first.revision)
    assert gone.content["removed"] == [first["x"]["id"]]
    kernel.run("x = torch.ones(100)")
    back = caller.list(since=gone.revision)
    assert back["x"]["id"] != first["x"]["id"]
    over_both = caller.list(since=first.revision)
    assert over_both.content["removed"] == [first["x"]["id"]]
    assert over_both.names == {"x"}


@pytest.mark.parametrize("since", ["", "0", "1.1", "nonsense", "deadbeef.1", "{epoch}.0",
                                   "{epoch}.99999", "{epoch}.-1", "{epoch}.x", "{epoch}."])  # fmt: skip
def test_a_revision_that_is_not_ours_gives_everything(
    kernel: LiveKernel, caller: Caller, since: str
) -> None:
    kernel.run("import torch; a = torch.ones(1)")
    epoch = caller.list().revision.partition(".")[0]
    listing = caller.list(since=since.format(epoch=epoch))
    assert listing.content["full"] and listing.names == {"a"}


def test_a_young_list_is_sent_again(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch; a = torch.ones(1)")
    caller.list()
    kernel.run("b = torch.ones(2)")
    args = {"since": None, "budget_ms": 1000}
    old = caller.answer("tensors", max_age_ms=60_000, **args)
    assert [row["name"] for row in rows_of(old)] == ["a"]
    fresh = caller.answer("tensors", max_age_ms=0, **args)
    assert {row["name"] for row in rows_of(fresh)} == {"a", "b"}


EDITS = (
    "v{n} = torch.zeros({m})",
    "globals().pop('v{n}', None)",
    "v{n} = v{m} if 'v{m}' in globals() else None",
    "box['k{n}'] = torch.zeros({m}, 2)",
    "box.pop('k{n}', None)",
    "box.clear()",
    "[t.add_(1) for t in box.values()]",
    "v{n} = [torch.ones({m}), {{'in': torch.ones(1)}}]",
    "v{n} = numpy.zeros({m})",
    "v{n} = torch.from_numpy(numpy.ones({m}))",
    "v{n} = torch.zeros(9)[{m}:]",
    "v{n} = torch.ones({m}, requires_grad=True)",
    "[setattr(t, 'grad', torch.ones_like(t)) for t in globals().values()"
    " if isinstance(t, torch.Tensor) and t.requires_grad and t.is_leaf]",
    "[setattr(t, 'grad', None) for t in list(globals().values())"
    " if isinstance(t, torch.Tensor) and t.requires_grad and t.is_leaf]",
    "[t.resize_({m} + 1) for t in box.values()]",
    "box['m'] = torch.nn.Linear({m} + 1, 2)",
    "box, spare = (spare, box)",
)


@pytest.mark.parametrize("seed", range(3))
def test_clients_of_all_revisions_see_the_same(
    kernel: LiveKernel, caller: Caller, seed: int
) -> None:
    choose = random.Random(seed)
    kernel.run("import torch, numpy; box, spare = {}, {}")
    clients = [Client(caller) for _ in range(4)]
    for _ in range(14):
        edits = [
            choose.choice(EDITS).format(n=choose.randrange(5), m=choose.randrange(4))
            for _ in range(choose.randrange(1, 4))
        ]
        # An edit may not fit what is there: the list must hold after errors too.
        kernel.finish(kernel.start("\n".join(f"try: {e}\nexcept Exception: pass" for e in edits)))
        for client in clients:
            if choose.random() < 0.4:
                client.refresh()
    full = {row["id"]: row for row in caller.list().rows}
    for client in clients:
        client.refresh()
        assert client.rows == full


@pytest.mark.parametrize(
    ("cell", "field", "now"),
    [
        ("x.data = x.data.t()", "strides", [1, 3]),
        ("x.data = x.data.reshape(3, 2)", "shape", [3, 2]),
        ("x.data = x.data.double()", "dtype", "float64"),
        ("x.requires_grad_()", "requires_grad", True),
        ("x.data = torch.ones(8)[2:].view(2, 3)", "storage_offset", 2),
        ("x.untyped_storage().resize_(64)", "storage", {"bytes": 64}),
        ("x.resize_(1)", "shape", [1]),
        ("x.__class__ = torch.nn.Parameter", "type", "Parameter"),
    ],
)
def test_the_same_object_that_looks_different_is_seen_after_many_equal_looks(
    kernel: LiveKernel, caller: Caller, cell: str, field: str, now: object
) -> None:
    """Objects that were seen before are compared by guards, and those must miss nothing."""
    kernel.run("import torch; x = torch.ones(2, 3); others = [torch.ones(2) for _ in range(5)]")
    revision = caller.list().revision
    for _ in range(4):
        same = caller.list(since=revision)
        assert same.head["unchanged"]
    kernel.run(cell + "; None")
    seen = caller.list(since=revision)
    assert seen.names == {"x"}
    value = seen["x"][field]
    assert value == now if not isinstance(now, dict) else now.items() <= value.items()
    assert caller.list(since=seen.revision).head["unchanged"]
