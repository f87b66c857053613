"""Garbage, the allocator's cache, gradients, and names that were clicked; and when."""

from __future__ import annotations

from jupyter_dlkit.kernel import protocol

from .conftest import Releasing, row

TRAINED = """
model = torch.nn.Linear(10, 10, device='toy:0')
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model(torch.ones(2, 10, device='toy:0')).sum().backward()
"""


def test_garbage(releasing: Releasing) -> None:
    releasing.run(
        "gc.disable()\nx = torch.ones(100, device='toy:0'); cycle = [x]; cycle.append(cycle)\n"
        "del x, cycle"
    )
    assert releasing.allocated() == (400, 0)
    one = row(releasing.release("garbage"), "garbage", "toy:0")
    assert (one["before"], one["after"]) == (400, 0)
    (none, *_) = releasing.release("garbage")["released"]
    assert none["freed"] == 0 and "because nothing was out of reach" in none["message"]
    assert releasing.run("print(gc.isenabled()); gc.enable()").stdout == "False\n"


def test_garbage_is_not_put_down_to_what_was_asked_for(releasing: Releasing) -> None:
    releasing.run("torch.ones(10, device='toy:0')")
    releasing.run(
        "gc.disable(); x = torch.ones(100, device='toy:0'); cycle = [x]; cycle.append(cycle)\n"
        "del x, cycle"
    )
    answer = releasing.release("output_history")
    assert row(answer, "output_history", "toy:0")["freed"] == 40
    assert row(answer, "garbage", "toy:0")["freed"] == 400
    releasing.run("gc.enable()")


def test_the_cache(releasing: Releasing) -> None:
    releasing.run("from tests import second_device; second_device.keep_freed(True)")
    releasing.run("x = torch.ones(1000, device='toy:0'); del x")
    before = releasing.preview("allocator_cache")
    assert row(before, "allocator_cache", "toy:0")["freed"] == 4000
    one = row(releasing.release("allocator_cache"), "allocator_cache", "toy:0")
    assert (one["before"], one["after"], one["freed"]) == (4000, 0, 4000)
    assert one["message"] == "3.91 KiB of the cache of toy:0 went back to the device."
    (none, *_) = releasing.release("allocator_cache")["released"]
    assert none["message"] == "The cache of toy:0 is empty already."
    releasing.run("second_device.reset(); del second_device")


def test_the_cache_comes_last(releasing: Releasing) -> None:
    """What is freed before goes back to the device in the same release."""
    releasing.run("from tests import second_device; second_device.keep_freed(True)")
    releasing.run("torch.ones(1000, device='toy:0')")
    answer = releasing.release("allocator_cache", "output_history")
    assert row(answer, "output_history", "toy:0")["freed"] == 4000
    one = row(answer, "allocator_cache", "toy:0")
    assert one["before"] >= 4000 and one["after"] == 0
    releasing.run("second_device.reset(); del second_device")


def test_gradients(releasing: Releasing) -> None:
    releasing.run(TRAINED)
    before = releasing.allocated()[0]
    preview = row(releasing.preview("gradients:model"), "gradients:model", "toy:0")
    one = row(releasing.release("gradients:model"), "gradients:model", "toy:0")
    assert preview["freed"] == one["freed"] == 440
    assert releasing.allocated()[0] == before - 440
    assert releasing.run("print(model.weight.grad, model.bias.grad)").stdout == "None None\n"
    (none,) = releasing.release("gradients:model")["released"]
    assert "because model keeps no gradients" in none["message"]


def test_gradients_of_an_optimizer_that_a_variable_keeps(releasing: Releasing) -> None:
    releasing.run(TRAINED + "kept = model.weight.grad")
    preview = row(releasing.preview("gradients:optimizer"), "gradients:optimizer", "toy:0")
    one = row(releasing.release("gradients:optimizer"), "gradients:optimizer", "toy:0")
    assert preview["freed"] == one["freed"] == 40
    assert one["still_held_by"] == ["kept"] == preview["still_held_by"]


def test_a_name_that_was_clicked(releasing: Releasing) -> None:
    releasing.run(
        "w = torch.ones(100, device='toy:0', requires_grad=True)\ntotal = 0\n"
        "for _i in range(3): total = total + (w * 2).exp().sum()\ndel _i"
    )
    held = releasing.allocated()[0] - 400
    preview = row(releasing.preview("name:total"), "name:total", "toy:0")
    one = row(releasing.release("name:total"), "name:total", "toy:0")
    assert one["freed"] == preview["freed"] == held
    assert releasing.run("print('total' in globals(), 'w' in globals())").stdout == "False True\n"


def test_only_the_name_that_was_clicked(releasing: Releasing) -> None:
    releasing.run("x = torch.ones(100, device='toy:0'); y = x; box = {'a': x, 'b': 1}")
    preview = row(releasing.preview("name:x"), "name:x", "toy:0")
    one = row(releasing.release("name:x"), "name:x", "toy:0")
    assert one["freed"] == preview["freed"] == 0
    assert one["still_held_by"] == preview["still_held_by"] and "y" in one["still_held_by"]
    releasing.run("del y")
    assert row(releasing.preview("name:box['a']"), "name:box['a']", "toy:0")["freed"] == 400
    assert row(releasing.release("name:box['a']"), "name:box['a']", "toy:0")["freed"] == 400
    assert releasing.run("print(box)").stdout == "{'b': 1}\n"


def test_a_parameter_is_not_a_name_that_can_go(releasing: Releasing) -> None:
    releasing.run(TRAINED)
    assert releasing.refused("name:model.weight")["status"] == 409
    assert releasing.run("print(model.weight is None)").stdout == "False\n"


def test_it_waits_for_the_cell_that_runs(releasing: Releasing) -> None:
    releasing.run("torch.ones(100, device='toy:0')")
    cell = releasing.kernel.start(
        "import time\nprint('begun', flush=True)\ntime.sleep(0.5)\nfinished = len(Out)"
    )
    releasing.kernel.wait_for_output(cell, "begun")
    message = releasing.send(protocol.RELEASE, id="late", what=["output_history"])
    progress = releasing.caller.answer(protocol.PROGRESS, id="late")
    assert progress["state"] == "queued"
    reply = releasing.kernel.control(
        protocol.REQUEST,
        protocol.request(protocol.PLAN, {"op": protocol.RELEASE, "what": ["output_history"]}),
    )
    assert reply["content"]["error"]["code"] == "busy"
    _, content = releasing.reply(message)
    assert row(content, "output_history", "toy:0")["freed"] == 400
    assert releasing.run("print(finished)").stdout == "1\n"


def test_an_interrupt_in_the_middle(releasing: Releasing) -> None:
    """It is told what is done by then, not that nothing was."""
    releasing.run(
        "class Interrupts:\n    def __init__(self): self.t = torch.ones(100, device='toy:0')\n"
        "    def __del__(self): import _thread; _thread.interrupt_main()\nInterrupts()"
    )
    answer = releasing.release("output_history")
    assert any(name.startswith("Out[") for name in answer["removed"])
    assert releasing.allocated() == (0, 0)


def test_one_that_was_cancelled(releasing: Releasing) -> None:
    releasing.run("torch.ones(100, device='toy:0')")
    assert releasing.caller.answer(protocol.CANCEL, id="never")["cancelled"]
    message = releasing.send(protocol.RELEASE, id="never", what=["output_history"])
    _, content = releasing.reply(message)
    assert content["state"] == "cancelled" and releasing.allocated() == (400, 0)


def test_a_preview_changes_nothing(releasing: Releasing) -> None:
    releasing.run(TRAINED + "loss = model(torch.ones(2, 10, device='toy:0')).sum()")
    releasing.run(
        "def f(m):\n    h = m(torch.ones(5, 10, device='toy:0'))\n    h[9]\nf(model)", True
    )
    releasing.run("from tests import second_device; second_device.reset()")
    state = (
        "print(torch.toy.memory_allocated(0), torch.toy.max_memory_allocated(0), len(Out),"
        " second_device.allocations(), model.weight._version, sys.last_value,"
        " sys.getrefcount(loss), get_ipython().InteractiveTB.tb is sys.last_traceback,"
        " loss.grad_fn)"
    )
    before = releasing.run(state).stdout
    whats = ["output_history", "last_exception", "allocator_cache", "garbage", "name:loss"]
    releasing.preview(*whats, "gradients:model", "gradients:optimizer")
    assert releasing.run(state).stdout == before
    releasing.run("loss.backward(); del second_device")


def test_a_preview_of_several_adds_up(releasing: Releasing) -> None:
    """What an output and the exception have together is free when both are gone."""
    releasing.run(
        "def f():\n    a, b = (torch.ones(n, device='toy:0') for n in (100, 30))\n"
        "    get_ipython().displayhook(a)\n    raise ValueError\nf()",
        fails=True,
    )
    assert releasing.allocated() == (520, 0)
    alone = row(releasing.preview("output_history"), "output_history", "toy:0")
    assert alone["freed"] == 0 and "a in f()" in alone["still_held_by"]
    whats = ("output_history", "last_exception")
    preview, answer = releasing.preview(*whats), releasing.release(*whats)
    for one in (preview, answer):
        assert row(one, "output_history", "toy:0")["freed"] == 0
        assert row(one, "last_exception", "toy:0")["freed"] == 520
        assert row(one, "last_exception", "toy:0")["after"] == 0


def test_it_shows_nowhere(releasing: Releasing) -> None:
    releasing.run("torch.ones(100, device='toy:0')")
    state = "print(get_ipython().execution_count, sorted(n for n in globals() if n[:2] != '_i'))"
    before = releasing.kernel.finish(releasing.kernel.start(state, silent=True)).stdout
    count = before.split()[0]
    releasing.release("output_history", "last_exception", "garbage", "allocator_cache")
    after = releasing.kernel.finish(releasing.kernel.start(state, silent=True)).stdout
    assert after.split()[0] == count
    assert set(before.split()[1:]) - set(after.split()[1:]) <= {f"'_{int(count) - 1}',"}


def test_without_torch(releasing: Releasing) -> None:
    from tests.live.kernel import LiveKernel

    with LiveKernel(releasing.kernel.stack) as kernel:
        other = Releasing(kernel)
        other.run("'x' * 1000")
        other.run("1 / 0", fails=True)
        answer = other.release("output_history", "last_exception", "garbage", "allocator_cache")
        assert {"Out[1]", "sys.last_value"} <= set(answer["removed"])
        assert all(one["freed"] in (0, None) for one in answer["released"])
        assert other.run("print(Out, 'torch' in __import__('sys').modules)").stdout == "{} False\n"


HOSTILE = """
import sys as _sys
_calls = []
def _counting(name):
    def method(self, *args, **kwargs):
        _calls.append(name)
        raise AttributeError(name)
    return method
_names = '''__eq__ __hash__ __repr__ __str__ __len__ __iter__ __bool__ __getattr__ __contains__
__getitem__ __call__ __index__ __dir__ __reduce__ __sizeof__'''.split()
class Meta(type):
    def __instancecheck__(cls, one): _calls.append('__instancecheck__'); return False
    def __eq__(cls, other): _calls.append('Meta.__eq__'); return NotImplemented
    __hash__ = type.__hash__
_body = {name: _counting(name) for name in _names}
_body['__class__'] = property(_counting('__class__'))
Hostile = Meta('Hostile', (), _body)
class HostileError(ValueError):
    __str__ = __repr__ = __getattr__ = _counting('of the error')
h, box = Hostile(), [Hostile()]
Out['text'] = h; Out[90000] = Hostile()
x = torch.ones(10, device='toy:0')
def f():
    local = Hostile(); mine = torch.ones(20, device='toy:0')
    raise HostileError(local)
"""


def test_nothing_of_the_users_is_called(releasing: Releasing) -> None:
    releasing.run(HOSTILE)
    try:
        releasing.run("f()", fails=True)
        releasing.run("_calls.clear()")
        whats = ("name:box", "output_history", "last_exception", "garbage", "allocator_cache")
        preview = releasing.preview(*whats)
        assert releasing.run("print(_calls)").stdout == "[]\n"
        answer = releasing.release(*whats)
        assert releasing.run("print(_calls, list(Out))").stdout == "[] ['text']\n"
        for one in (preview, answer):
            assert row(one, "last_exception", "toy:0")["freed"] == 80
    finally:
        releasing.run("del Out['text']")
