"""The last exception is let go of, with every frame that it keeps."""

from __future__ import annotations

import pytest

from .conftest import Releasing, row

FAILS = {
    "plain": """
def train(batch):
    hidden = batch * 2
    loss = hidden.sum()
    return loss / 0 + hidden[5000]
train(torch.ones(1000, device='toy:0'))
""",
    "chained": """
def inner():
    a = torch.ones(100, device='toy:0')
    raise ValueError('inner')
def middle():
    b = torch.ones(200, device='toy:1')
    try:
        inner()
    except ValueError as e:
        raise KeyError('middle') from e
def outer():
    c = torch.ones(300, device='toy:0')
    try:
        middle()
    except KeyError:
        raise RuntimeError('outer')
outer()
""",
    "in a cycle": """
def train():
    batch = torch.ones(500, device='toy:0')
    try:
        raise ValueError('kept')
    except ValueError as e:
        saved = e
        raise
train()
""",
    "in its arguments": """
raise ValueError(torch.ones(10, device='toy:0'))
""",
    "in a generator": """
def batches():
    batch = torch.ones(50, device='toy:0')
    yield batch
    raise RuntimeError('no more')
def train():
    for batch in batches():
        pass
train()
""",
    "in a backward": """
class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2
    @staticmethod
    def backward(ctx, g):
        raise RuntimeError('in backward')
def train():
    w = torch.ones(100, device='toy:0', requires_grad=True)
    loss = F.apply(w).sum()
    loss.backward()
train()
""",
    "of a model": """
def train():
    model = torch.nn.Sequential(torch.nn.Linear(10, 10), torch.nn.ReLU(), torch.nn.Linear(9, 1))
    model.to('toy:0')
    model(torch.ones(4, 10, device='toy:0'))
train()
""",
    "awaited": """
import asyncio
async def step():
    batch = torch.ones(70, device='toy:0')
    await asyncio.sleep(0)
    raise RuntimeError('awaited')
await step()
""",
    "of syntax": """
def train():
    batch = torch.ones(60, device='toy:0')
    exec('1 +')
train()
""",
    "out of memory": """
from tests import second_device
second_device.limit(0, 10_000)
def train():
    kept = [torch.ones(1000, device='toy:0') for _ in range(2)]
    more = torch.ones(1000, device='toy:0')
try:
    train()
finally:
    second_device.limit(0, None)
    del second_device
""",
}


@pytest.mark.parametrize("code", FAILS.values(), ids=FAILS.keys())
def test_what_it_keeps_is_free_again(releasing: Releasing, code: str) -> None:
    releasing.run(code, fails=True)
    held = releasing.allocated()
    assert sum(held)
    preview = releasing.preview("last_exception")
    assert releasing.allocated() == held
    answer = releasing.release("last_exception")
    assert releasing.allocated() == (0, 0)
    for index, size in enumerate(held):
        if size:
            one = row(answer, "last_exception", f"toy:{index}")
            assert (one["before"], one["after"], one["freed"]) == (size, 0, size)
            assert one["still_held_by"] == []
            assert row(preview, "last_exception", f"toy:{index}")["freed"] == size
    reporter = "SyntaxTB.last_syntax_error" if "exec" in code else "InteractiveTB.tb"
    assert {"sys.last_value", "sys.last_traceback", reporter} <= set(answer["removed"])


def test_at_once(releasing: Releasing) -> None:
    """Nothing ran in between: it is in the last ``ExecutionResult`` too."""
    releasing.run(FAILS["chained"], fails=True)
    answer = releasing.release("last_exception")
    assert "last_execution_result" in answer["removed"]
    assert row(answer, "last_exception", "toy:0")["freed"] == 1600
    assert row(answer, "last_exception", "toy:1")["freed"] == 800
    assert releasing.allocated() == (0, 0)


def test_a_group(releasing: Releasing) -> None:
    if releasing.run("print(sys.version_info >= (3, 11))").stdout == "False\n":
        pytest.skip("Python 3.11 has groups of exceptions")
    releasing.kernel.finish(  # IPython 9 prints it, and sends no error
        releasing.kernel.start(
            "def one(n):\n    a = torch.ones(n, device='toy:0')\n    raise ValueError(n)\n"
            "def caught(n):\n    try: one(n)\n    except ValueError as e: return e\n"
            "raise ExceptionGroup('both', [caught(10), caught(20)])",
            stop_on_error=False,
        )
    )
    assert releasing.allocated() == (120, 0)
    assert row(releasing.preview("last_exception"), "last_exception", "toy:0")["freed"] == 120
    assert row(releasing.release("last_exception"), "last_exception", "toy:0")["freed"] == 120


def test_when_other_cells_have_run(releasing: Releasing) -> None:
    releasing.run(FAILS["plain"], fails=True)
    held = releasing.allocated()[0]
    releasing.run("a = 1")
    releasing.run("b = 2")
    assert row(releasing.release("last_exception"), "last_exception", "toy:0")["freed"] == held


def test_tb_and_debug_say_that_there_is_none(releasing: Releasing) -> None:
    releasing.run(FAILS["plain"], fails=True)
    releasing.release("last_exception")
    said = releasing.run("%tb")
    assert "No traceback" in said.stdout + said.stderr
    said = releasing.run("%debug")
    assert "No traceback has been produced, nothing to debug." in said.stdout + said.stderr
    names = "last_type last_value last_traceback last_exc"
    assert (
        releasing.run(f"print([n for n in '{names}'.split() if hasattr(sys, n)])").stdout == "[]\n"
    )


def test_the_next_one_is_shown_as_ever(releasing: Releasing) -> None:
    releasing.run(FAILS["plain"], fails=True)
    releasing.release("last_exception")
    outcome = releasing.run("1 / 0", fails=True)
    assert "ZeroDivisionError" in (outcome.error or "")
    assert "ZeroDivisionError" in (releasing.run("%tb", fails=True).error or "")


def test_a_variable_keeps_the_exception(releasing: Releasing) -> None:
    releasing.run(
        "def f():\n    batch = torch.ones(100, device='toy:0')\n    raise ValueError('kept')\n"
        "try:\n    f()\nexcept ValueError as e:\n    err = e\n    raise",
        fails=True,
    )
    one = row(releasing.release("last_exception"), "last_exception", "toy:0")
    assert one["freed"] == 0
    assert any("err" in who for who in one["still_held_by"]), one
    assert releasing.run("print(err.__traceback__ is not None)").stdout == "True\n"
    releasing.run("del err; gc.collect()")
    assert releasing.allocated() == (0, 0)


def test_what_the_user_has_is_still_held(releasing: Releasing) -> None:
    releasing.run("model = torch.nn.Linear(10, 10, device='toy:0')")
    mine = releasing.allocated()[0]
    releasing.run(
        "def f(m):\n    x = torch.ones(3, 10, device='toy:0')\n    m(x)[5]\nf(model)", fails=True
    )
    held = releasing.allocated()[0]
    answer = releasing.release("last_exception")
    one = row(answer, "last_exception", "toy:0")
    assert (one["before"], one["after"]) == (held, mine) and one["still_held_by"] == ["model"]
    assert "the rest is still held by model" in one["message"]
    assert releasing.allocated() == (mine, 0)


def test_after_debugging(releasing: Releasing) -> None:
    releasing.run(FAILS["plain"], fails=True)
    held = releasing.allocated()[0]
    client = releasing.kernel.client
    message = client.execute("%debug", allow_stdin=True)
    client.get_stdin_msg(timeout=60)
    client.input("q")
    releasing.kernel.finish(message)
    assert releasing.allocated()[0] == held
    assert row(releasing.release("last_exception"), "last_exception", "toy:0")["freed"] == held
    assert releasing.allocated() == (0, 0)


def test_there_is_none(releasing: Releasing) -> None:
    (one,) = releasing.release("last_exception")["released"]
    assert "because no exception is kept" in one["message"]
