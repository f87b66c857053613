"""What an explanation must not do: evaluate, guess, hold, or speak of other errors."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest
import torch

from jupyter_dlkit.kernel.explain.explain import explain
from jupyter_dlkit.kernel.explain.explanation import Explanation

from .snippets import PREAMBLE
from .user import User


def explained(cell: str, exact: bool = True, user: User | None = None) -> Explanation | None:
    """Run a cell that fails, and explain it."""
    someone = user or User()
    assert someone.run(PREAMBLE) is None
    error = someone.run(cell)
    assert error is not None, "it works"
    try:
        return explain(error, cell, 1, exact)
    finally:
        someone.close()


def told(cell: str) -> Explanation:
    """The explanation, which there must be."""
    explanation = explained(cell)
    assert explanation is not None
    return explanation


# What the best known peer gets wrong ---------------------------------------------


def test_a_function_of_the_sub_expression_is_not_called_again() -> None:
    user = User()
    explanation = explained(
        "calls = []\n"
        "def g():\n    calls.append('g')\n    return torch.ones(2)\n"
        "def h():\n    calls.append('h')\n    return torch.ones(3)\n"
        "seen = calls\n"
        "y = g() + h()",
        user=user,
    )
    assert explanation is not None
    assert explanation.expression == "g() + h()"
    assert [(one.name, one.shape) for one in explanation.operands] == [("g()", None), ("h()", None)]
    assert "not known" in (explanation.unknown or "")
    assert explanation.problem is None
    assert "size of tensor a (2)" in (explanation.evidence or "")
    assert "torch said: " in explanation.text()


def test_calls_are_counted() -> None:
    user = User()
    assert user.run(PREAMBLE) is None
    assert user.run("calls = []") is None
    error = user.run(
        "def g():\n    calls.append(1)\n    return torch.ones(2)\ny = g() + torch.ones(3) * g()[0]"
    )
    assert error is not None
    before = list(user.names["calls"])
    explain(error, None, 1)
    assert user.names["calls"] == before == [1, 1]


def test_the_device_is_blamed_for_a_mismatch_of_devices() -> None:
    explanation = told("a = torch.ones(2, 3, device=device)\nb = torch.ones(2, 3)\nc = a * b")
    assert explanation.kind == "device"
    assert "toy:0" in (explanation.problem or "") and "cpu" in (explanation.problem or "")


@pytest.mark.parametrize(
    ("cell", "expression"),
    [
        ("a, b = torch.ones(2), torch.ones(3)\nc = torch.add(\n    a,\n    b,\n)", "torch.add"),
        ("xs = [torch.ones(2), torch.ones(3)]\ny = [x + torch.ones(2) for x in xs]", "x + torch"),
        ("a, b = torch.ones(2), torch.ones(3)\nc = a if a.sum() < 0 else a + b", "a + b"),
        ("a, b = torch.ones(2), torch.ones(3)\nd = {k: a + b for k in 'xy'}", "a + b"),
        ("a, b = torch.ones(2), torch.ones(3)\nc = (lambda t: t + b)(a)", "t + b"),
    ],
)
def test_every_kind_of_expression_is_followed(cell: str, expression: str) -> None:
    assert (told(cell).expression or "").startswith(expression)


# Not guessing ------------------------------------------------------------------


def test_what_has_changed_since_is_not_blamed() -> None:
    explanation = told(
        "a, b = torch.ones(2), torch.ones(3)\ntry:\n    c = a + b\nfinally:\n    b = torch.ones(2)"
    )
    assert explanation.expression == "a + b"
    assert explanation.problem is None and not explanation.mends
    assert "not known" in (explanation.unknown or "")


def test_what_would_fail_otherwise_now_is_not_told() -> None:
    explanation = told(
        "a, b = torch.ones(2), torch.ones(3)\ntry:\n    c = a + b\nfinally:\n    b = torch.ones(5)"
    )
    assert explanation.problem is None and not explanation.mends


def test_no_mend_where_the_line_has_worked_with_others() -> None:
    explanation = told(
        "w = torch.ones(3, 2)\nfor x in (torch.ones(4, 3), torch.ones(3, 4)):\n    y = x @ w"
    )
    assert explanation.problem and not explanation.mends


def test_a_mend_in_the_first_round_of_a_loop() -> None:
    cell = "w = torch.ones(3, 2)\nfor x in [torch.ones(3, 4)]:\n    y = x @ w"
    assert [mend.expression for mend in told(cell).mends] == ["x.T @ w"]
    cell = (
        "def train(loader):\n    w = torch.ones(3, 2)\n    for x in loader:\n        y = x @ w\n"
        "train(iter([torch.ones(3, 4)]))"
    )
    assert [mend.expression for mend in told(cell).mends] == ["x.T @ w"]


def test_properties_and_getattr_of_the_users_are_not_run() -> None:
    user, ran = User(), []
    user.names["ran"] = ran
    explanation = explained(
        "class Data:\n"
        "    w = torch.ones(3)\n"
        "    @property\n    def x(self):\n        ran.append('x')\n        return torch.ones(2)\n"
        "    def __getattr__(self, name):\n        ran.append(name)\n        return torch.ones(2)\n"
        "    def __getitem__(self, key):\n        ran.append(key)\n        return torch.ones(2)\n"
        "data = Data()\n"
        "x = data.x; y = data.y; z = data['z']; del x, y, z\n"
        "y = (data.x + data.y) + (data['z'] + data.w)",
        user=user,
    )
    assert explanation is not None
    assert explanation.expression == "data['z'] + data.w"
    assert {one.name: one.shape for one in explanation.operands}["data.w"] == (3,)
    assert ran == ["x", "y", "z", "x", "y", "z"]


def test_what_ran_is_what_the_user_ran() -> None:
    user = User()
    assert user.run(PREAMBLE) is None
    error = user.run(
        "ran = []\n"
        "class Data(dict):\n"
        "    def __getitem__(self, key):\n        ran.append(key)\n        return torch.ones(2)\n"
        "    def __getattribute__(self, name):\n"
        "        ran.append(name)\n        return torch.ones(2)\n"
        "class Shy(torch.Tensor):\n"
        "    @classmethod\n    def __torch_function__(cls, f, types, args=(), kwargs=None):\n"
        "        ran.append('function')\n"
        "        return super().__torch_function__(f, types, args, kwargs or {})\n"
        "    @property\n    def shape(self):\n        ran.append('shape')\n        return (7, 7)\n"
        "data, shy = Data(), torch.ones(4).as_subclass(Shy)\n"
        "y = data['k'] + data.v + shy"
    )
    assert error is not None
    before = list(user.names["ran"])
    explanation = explain(error, None, 1)
    assert user.names["ran"] == before
    assert explanation is not None
    assert {one.name: one.shape for one in explanation.operands}["shy"] == (4,)
    user.close()


# Other errors ----------------------------------------------------------------------

SILENT = {
    "a raise of the user's": "raise RuntimeError('The size of tensor a (2) must match')",
    "a raise in a function": "def f(x):\n    raise ValueError('shape mismatch')\nf(torch.ones(2))",
    "a name": "y = torch.ones(2) + undefined",
    "a division": "1 / 0",
    "a list": "xs = [torch.ones(2)]\nx = xs[5]",
    "NumPy": "a = np.ones(2) + np.ones(3)",
    "NumPy's index": "np.ones((2, 3))[5]",
    "backward twice": "x = torch.ones(2, requires_grad=True)\ny = (x * x).sum()\n"
    "y.backward()\ny.backward()",
    "backward of a vector": "x = torch.ones(2, requires_grad=True)\n(x * x).backward()",
    "a leaf in place": "x = torch.ones(2, requires_grad=True)\nx += 1",
    "a state": "nn.Linear(2, 3).load_state_dict(nn.Linear(3, 2).state_dict())",
    "an argument": "nn.Linear(2, 3, colour='red')",
    "a missing argument": "torch.matmul(torch.ones(2))",
    "a type": "torch.ones(2) + 'x'",
    "an assertion": "assert torch.ones(2).sum() == 3",
    "a truth": "if torch.ones(2) > 0:\n    pass",
    "numpy of a tensor with gradients": "torch.ones(2, requires_grad=True).numpy()",
    "a ragged list": "torch.tensor([[1, 2], [3]])",
    "exit": "raise SystemExit",
    "interrupt": "raise KeyboardInterrupt",
}


@pytest.mark.parametrize("cell", SILENT.values(), ids=SILENT.keys())
@pytest.mark.parametrize("exact", [True, False])
def test_of_other_errors_nothing_is_said(cell: str, exact: bool) -> None:
    explanation = explained(cell, exact)
    assert explanation is None, explanation.text()


# Holding ------------------------------------------------------------------------------


class Marked(torch.Tensor):
    """A tensor that can be watched."""


def test_nothing_is_held() -> None:
    user = User()
    assert user.run(PREAMBLE) is None
    user.names["Marked"] = Marked
    error: Any = user.run(
        "def f():\n"
        "    a, b = torch.ones(2).as_subclass(Marked), torch.ones(3)\n"
        "    net = nn.Sequential(nn.Linear(5, 6))\n"
        "    return net(a)\n"
        "f()"
    )
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    (inner,) = [frame for frame in frames if frame.f_code.co_name == "f"]
    module = weakref.ref(inner.f_locals["net"])
    if sys.version_info < (3, 13):
        inner.f_locals.clear()
    gc.collect()
    gc.disable()
    try:
        explanation = explain(error, None, 1)
        assert explanation is not None and explanation.operands
        # Frames that were cleared hold nothing: not even what looking at them made.
        trace = error.__traceback__
        del frames
        del inner
        while trace is not None:
            following = trace.tb_next
            try:
                trace.tb_frame.clear()
            except RuntimeError:
                pass  # this very frame
            trace = following
        assert module() is None
    finally:
        gc.enable()
        user.close()


def test_the_exception_is_as_it_was() -> None:
    user = User()
    assert user.run(PREAMBLE) is None
    error: Any = user.run("y = torch.ones(2) + torch.ones(3)")
    before = (error.args, error.__traceback__, error.__cause__, error.__context__, vars(error))
    assert explain(error, None, 1) is not None
    after = (error.args, error.__traceback__, error.__cause__, error.__context__, vars(error))
    assert before == after
    user.close()
