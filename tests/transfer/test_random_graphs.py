"""Whatever shares what with whom: after a move, all that should hold holds."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests import second_device

from .conftest import target_named
from .picture import Watched
from .target import Target
from .user import User

#: DLKIT_RANDOM_GRAPHS=10000 for a long run, in rounds: Hypothesis remembers every example of a
#: run, and each move searches a heap that grows by them.
EXAMPLES = int(os.environ.get("DLKIT_RANDOM_GRAPHS", "200"))
ROUND = 200
DTYPES = (torch.float32, torch.float64, torch.complex64, torch.int64, torch.uint8)

VIEWS = (
    lambda x: x[1:] if x.dim() else x,
    lambda x: x[..., ::2] if x.dim() else x,
    lambda x: x.transpose(0, -1) if x.dim() > 1 else x.view(-1),
    lambda x: x.unsqueeze(0).expand(3, *x.shape),
    lambda x: x.conj(),
    lambda x: x.conj().imag if x.is_complex() else x.detach(),
    lambda x: x.detach(),
    lambda x: x.flatten()[:2],
    lambda x: x.data,
)
HOLDERS = (
    lambda x: x,
    lambda x: [x],
    lambda x: {"k": (x, 1)},
    lambda x: lambda: x,
    lambda x: SimpleNamespace(inside=x),
)

storages = st.tuples(st.sampled_from(DTYPES), st.integers(1, 4), st.integers(1, 4), st.booleans())
views = st.tuples(st.integers(0, 30), st.integers(0, len(VIEWS) - 1))
gradients = st.tuples(st.integers(0, 30), st.integers(0, 30))


@pytest.fixture(
    params=[second_device.NAME, pytest.param("cuda", marks=pytest.mark.gpu)], scope="module"
)
def settled(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A device, and a heap in which only what an example makes is new."""
    for target in target_named(request.param):
        gc.collect()
        gc.freeze()
        yield target
        gc.unfreeze()


def build(
    seeds: list[tuple[Any, ...]], cuts: list[tuple[int, int]], grads: list[tuple[int, int]]
) -> dict[str, torch.Tensor]:
    """All tensors; leaves that require a gradient may have one that shares its storage."""
    tensors = [(torch.rand(rows, columns) * 9).to(dtype) for dtype, rows, columns, _ in seeds]
    for tensor, (dtype, _, _, leaf) in zip(tensors, seeds, strict=False):
        if leaf and dtype.is_floating_point:
            tensor.requires_grad_()
    with torch.no_grad():
        for source, kind in cuts:
            tensors.append(VIEWS[kind](tensors[source % len(tensors)]))
    leaves = [tensor for tensor in tensors if tensor.requires_grad]
    for which, other in grads if leaves else ():
        leaf = leaves[which % len(leaves)]
        flat = torch.rand(2 * leaf.numel()).to(leaf.dtype)
        leaf.grad = flat[: leaf.numel()].view(leaf.shape)
        tensors += [flat, leaf.grad, leaves[other % len(leaves)]]
    return {f"t{i}": tensor for i, tensor in enumerate(tensors)}


def closure(tensors: dict[str, torch.Tensor], wanted: set[str]) -> set[str]:
    """Names that have to move: by storage, and gradients with their leaves, both ways."""

    def key(tensor: torch.Tensor) -> int:
        return tensor.untyped_storage()._cdata

    while True:
        keys = {key(tensors[name]) for name in wanted}
        for tensor in tensors.values():
            if tensor.requires_grad and tensor.grad is not None:
                pair = {key(tensor), key(tensor.grad)}
                keys |= pair if pair & keys else set()
        grown = {name for name, tensor in tensors.items() if key(tensor) in keys}
        if grown == wanted:
            return wanted
        wanted = grown


@settings(
    max_examples=ROUND,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    seeds=st.lists(storages, min_size=1, max_size=4),
    cuts=st.lists(views, max_size=8),
    grads=st.lists(gradients, max_size=3),
    holders=st.lists(st.integers(0, len(HOLDERS) - 1), min_size=40, max_size=40),
    chosen=st.sets(st.integers(0, 30), min_size=1, max_size=4),
    back=st.sampled_from(["undo", "cpu", "second"]),
)
def check(
    target: Target,
    seeds: list[tuple[Any, ...]],
    cuts: list[tuple[int, int]],
    grads: list[tuple[int, int]],
    holders: list[int],
    chosen: set[int],
    back: str,
) -> None:
    tensors = build(seeds, cuts, grads)
    user = User(target)
    user.has(**{n: HOLDERS[h](t) for (n, t), h in zip(tensors.items(), holders, strict=False)})
    watched = Watched(**tensors)
    names = list(tensors)
    wanted = {names[i % len(names)] for i in chosen}
    expected = closure(tensors, wanted)
    user.moves(*sorted(wanted))
    watched.have_moved(target.name, *expected)
    if back == "second" and target.second:
        user.moves(*sorted(wanted), device=target.second)
        watched.have_moved(target.second, *expected)
    if back == "undo":
        assert user.undo().state == "undone"
    else:
        user.moves(*sorted(wanted), device="cpu")
    watched.have_not_changed()


@pytest.mark.timeout(120 * EXAMPLES // ROUND)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("turn", range(EXAMPLES // ROUND))
def test_random_graphs(settled: Target, turn: int) -> None:
    seed(turn)(check)(settled)
