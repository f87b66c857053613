"""Who else has the memory: NumPy, other processes, pinning, threads."""

from __future__ import annotations

import threading

import numpy
import pytest
import torch

from .picture import Watched
from .target import Target
from .user import User


def says(texts: object, *words: str) -> bool:
    """Whether one of the sentences has all of the words."""
    assert isinstance(texts, (list, tuple))
    return any(all(word.lower() in text.lower() for word in words) for text in texts)


@pytest.mark.parametrize("made", ["numpy()", "from_numpy"])
def test_the_link_to_numpy(user: User, target: Target, made: str) -> None:
    if made == "numpy()":
        x = torch.arange(4.0)
        array = x.numpy()
    else:
        array = numpy.arange(4, dtype=numpy.float32)
        x = torch.from_numpy(array)
    user.has(x=x, array=array)
    watched = Watched(x=x)
    preview = user.preview("x")
    assert says(preview.warnings, "numpy", "array"), preview.warnings
    assert says(preview.undo_loses, "numpy"), preview.undo_loses
    user.moves("x")
    watched.have_moved(target.name)
    assert array.tolist() == [0, 1, 2, 3]
    array[0] = 9
    assert x[0].item() == 0


def test_a_plain_tensor_warns_of_nothing(user: User, target: Target) -> None:
    user.has(x=torch.ones(3), array=numpy.ones(3))
    preview = user.preview("x")
    assert list(preview.warnings) == [] and list(preview.undo_loses) == []


def test_memory_shared_with_other_processes(user: User, target: Target) -> None:
    x = torch.ones(3).share_memory_()
    user.has(x=x)
    preview = user.preview("x")
    assert says(preview.warnings, "process"), preview.warnings
    assert says(preview.undo_loses, "share"), preview.undo_loses
    user.moves("x")
    assert x.device == target.device and x.tolist() == [1, 1, 1]


def test_pinned_memory(user: User, target: Target) -> None:
    x = torch.arange(3.0).pin_memory()
    user.has(x=x)
    preview = user.preview("x")
    assert says(preview.undo_loses, "pinned") or says(preview.undo_loses, "pinning")
    user.moves("x")
    assert x.device == target.device and x.tolist() == [0, 1, 2]
    user.undo()
    assert x.device.type == "cpu" and not x.is_pinned() and x.tolist() == [0, 1, 2]


def test_a_thread_that_runs_and_has_it(user: User, target: Target) -> None:
    x = torch.ones(3)
    inside, leave = threading.Event(), threading.Event()

    def work(tensor: torch.Tensor) -> None:
        inside.set()
        leave.wait(60)
        assert tensor is not None

    thread = threading.Thread(target=work, args=(x,), name="loader-7")
    thread.start()
    try:
        assert inside.wait(60)
        user.has(x=x, thread=thread, y=torch.ones(2))
        preview = user.preview("x")
        assert says(preview.warnings, "thread", "loader-7"), preview.warnings
    finally:
        leave.set()
        thread.join(60)
    assert not says(user.preview("x").warnings, "thread")


def test_who_still_holds_the_source_is_said(user: User, target: Target) -> None:
    array = torch.arange(1000.0).numpy()
    x = torch.from_numpy(array)
    user.has(x=x, array=array)
    answer = user.moves("x")
    assert says(answer.still_held_by, "array"), answer.still_held_by
    assert array[999] == 999


def test_a_captured_graph_is_warned_of(user: User, target: Target) -> None:
    x = torch.ones(3, device=target.name if target.kind == "cuda" else "cpu")
    user.has(x=x)
    where = "cpu" if target.kind == "cuda" else target.name
    assert not says(user.preview("x", device=where).warnings, "cuda graph")
    if target.kind == "cuda":
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            user.has(y=x * 2)
    else:
        # The class refuses to be made where there is no CUDA; an object of it is what is found.
        graph = object.__new__(torch.cuda.CUDAGraph)
    user.has(steps=[graph])
    assert says(user.preview("x", device=where).warnings, "cuda graph", "addresses")
