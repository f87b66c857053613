"""The text of a node, whatever other libraries hang on the nodes of the process."""

from __future__ import annotations

import ast
import copy
from typing import Any

import pytest

from jupyter_dlkit.kernel.explain import written

SOURCE = "y = f(a, b)[0] + c"


class Followed:
    """Must not be copied."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Followed:
        raise AssertionError("what hangs on a node was followed")


def test_what_hangs_on_a_node_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = ast.parse(SOURCE)
    (assigned,) = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    called = next(node for node in ast.walk(tree) if isinstance(node, ast.Call))
    # As the library executing does: in CPython all nodes of all trees share one Load().
    monkeypatch.setattr(called.func.ctx, "parent", Followed(), raising=False)  # type: ignore[attr-defined]
    with pytest.raises(AssertionError):
        copy.deepcopy(called)
    assert written.text_of(SOURCE, called) == "f(a, b)"
    assert written.as_written(SOURCE, assigned) == SOURCE


def test_a_name_that_is_assigned_is_the_name_that_is_read() -> None:
    target = ast.parse(SOURCE).body[0].targets[0]  # type: ignore[attr-defined]
    assert written.as_written(SOURCE, target) == "y"


def test_what_does_not_stand_there_is_written_anew() -> None:
    call = next(node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Call))
    assert written.as_written("z = other(a)[0] + c", call) is None
    assert written.text_of("z = other(a)[0] + c", call) == "f(a, b)"
