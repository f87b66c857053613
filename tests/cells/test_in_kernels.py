"""What each execution did to memory, in real kernels."""

from __future__ import annotations

import itertools
from typing import Any

from tests.release.test_others import HOSTILE

from .conftest import Noting

MIB = 1 << 20


def test_what_a_cell_changed(noting: Noting) -> None:
    cell = noting.one(
        "import time; began = time.time(); x = torch.ones(1000, device='toy:1'); n = 3"
    )
    toy = cell["devices"]["toy:1"]
    assert toy["change"] == 4000 and toy["after"] - toy["before"] == 4000
    assert cell["devices"]["toy:0"]["change"] == 0
    assert cell["appeared"] == ["x"] and cell["appeared_more"] == 0
    assert cell["state"] == "done" and cell["error"] is None and not cell["partial"]
    assert 0 < cell["seconds"] < 60
    gone = noting.one("del x")
    assert gone["devices"]["toy:1"]["change"] == -4000 and gone["appeared"] == []


def test_a_peak_is_exact_when_it_is_a_new_one(noting: Noting) -> None:
    noting.one("torch.toy.reset_peak_memory_stats(0)")
    cell = noting.one(
        "a = torch.ones(1000, device='toy:0'); del a; b = torch.ones(10, device='toy:0')"
    )
    toy = cell["devices"]["toy:0"]
    assert toy["change"] == 40
    assert (toy["peak"] - toy["before"], toy["peak_is_exact"]) == (4000, True)
    lower = noting.one("a = torch.ones(500, device='toy:0'); del a")["devices"]["toy:0"]
    assert (lower["peak"], lower["peak_is_exact"]) == (toy["peak"], False)
    assert lower["peak_meaning"] == "at most"
    reset = noting.one(
        "a = torch.ones(500, device='toy:0'); del a; torch.toy.reset_peak_memory_stats(0)"
    )["devices"]["toy:0"]
    assert (reset["peak"], reset["peak_meaning"]) == (reset["after"], "at least")
    there = noting.one("torch.toy.max_memory_allocated(0)")["devices"]["toy:0"]
    assert (there["peak"], there["peak_is_exact"]) == (there["after"], True)
    noting.one("del b")


def test_memory_of_the_process(noting: Noting) -> None:
    cell = noting.one("held = bytearray(64 << 20)")
    assert 60 * MIB < cell["memory_change"] < 80 * MIB
    assert cell["memory_peak"] >= cell["memory_before"] + cell["memory_change"]
    noting.one("del held")


def test_names_that_appeared(noting: Noting) -> None:
    noting.one("a = torch.ones(1); b = torch.ones(1); other = 5")
    cell = noting.one(
        "a = a + 1\nnets = torch.nn.Linear(1, 1)\nlisted = [torch.ones(1)]\nnumbers = [1, 2]\n"
        "b.add_(1)\nother = 'text'\n_private = torch.ones(1)\nb"
    )
    assert cell["appeared"] == ["a", "nets", "listed"]
    many = noting.one("for i in range(30): globals()[f'v{i}'] = torch.ones(1)")
    assert len(many["appeared"]) == 20 and many["appeared_more"] == 10
    noting.one("for i in range(30): del globals()[f'v{i}']")


def test_names_that_appeared_among_many(noting: Noting) -> None:
    noting.one("for i in range(600): globals()[f'n{i}'] = i\na = torch.ones(1)\ndel i")
    cell = noting.one("a = torch.ones(2)\nfresh = torch.ones(1)\nn5 = torch.ones(3)\nn6 = 7")
    assert sorted(cell["appeared"]) == ["a", "fresh", "n5"]
    cell = noting.one("del n7, n8\na\nother = torch.ones(1)")
    assert cell["appeared"] == ["other"]
    cell = noting.one("for i in range(600): globals().pop(f'n{i}', None)\na = torch.ones(5)")
    assert cell["appeared"] == ["a"]
    cell = noting.one("del a, other\nfresh = torch.ones(1)\nx = 4")
    assert cell["appeared"] == ["fresh"]


def test_one_that_fails(noting: Noting) -> None:
    (cell,), outcome = noting.noted("kept = torch.ones(50, device='toy:0')\n1 / 0")
    assert outcome.error is not None
    assert (cell["state"], cell["error"]) == ("failed", "ZeroDivisionError")
    assert cell["devices"]["toy:0"]["change"] == 200 and cell["appeared"] == ["kept"]
    (cell,), _ = noting.noted("this is no Python")
    assert (cell["state"], cell["error"]) == ("failed", "SyntaxError")
    noting.one("del kept")


def test_one_that_is_interrupted(noting: Noting) -> None:
    noting.answer()
    message = noting.kernel.start("import time\nprint('begun', flush=True)\ntime.sleep(60)")
    noting.kernel.wait_for_output(message, "begun")
    noting.kernel.interrupt()
    noting.kernel.finish(message)
    (cell,) = noting.answer()["cells"]
    assert cell["state"] == "interrupted" and cell["error"] == "KeyboardInterrupt"


def test_cells_within_cells_are_one(noting: Noting) -> None:
    (cell,), _ = noting.noted(
        "x = torch.ones(10, device='toy:0')\n"
        "get_ipython().run_cell('y = torch.ones(10, device=\"toy:0\")')\n"
        "get_ipython().run_cell('1 / 0')\n"
        "get_ipython().run_cell('y2 = torch.ones(10, device=\"toy:0\")', store_history=False)\n"
        "z = torch.ones(10, device='toy:0');"
    )
    assert cell["devices"]["toy:0"]["change"] == 160
    assert cell["appeared"] == ["x", "y", "y2", "z"]
    assert cell["state"] == "done"
    noting.one("del x, y, y2, z")


def test_a_script_that_is_run(noting: Noting) -> None:
    noting.one("open('a.ipy', 'w').write('s = torch.ones(7, device=\"toy:0\")\\nt = 1\\n');")
    cell = noting.one("%run -i a.ipy")
    assert cell["devices"]["toy:0"]["change"] == 28 and cell["appeared"] == ["s"]
    noting.one("del s")


def test_one_that_waits(noting: Noting) -> None:
    cell = noting.one(
        "import asyncio\nx = torch.ones(10, device='toy:0')\nawait asyncio.sleep(0.05)\n"
        "y = torch.ones(10, device='toy:0')"
    )
    assert cell["devices"]["toy:0"]["change"] == 80 and cell["appeared"] == ["x", "y"]
    assert cell["seconds"] > 0.05
    noting.one("del x, y")


def test_what_is_silent_does_not_count(noting: Noting) -> None:
    cells, _ = noting.noted("q = torch.ones(10, device='toy:0')", silent=True)
    assert cells == []
    cells, _ = noting.noted("r = 1", store_history=False)
    assert cells == []
    cells, _ = noting.noted("r = torch.ones(10, device='toy:0')", store_history=False)
    assert [cell["execution_count"] for cell in cells] == [None]
    noting.one("del q, r")


def test_one_that_runs_is_followed(noting: Noting) -> None:
    noting.answer()
    message = noting.kernel.start(
        "import time\nx = torch.ones(100, device='toy:0')\nprint('begun', flush=True)\n"
        "while not globals().get('enough'): time.sleep(0.01)\n"
    )
    noting.kernel.wait_for_output(message, "begun")
    first = noting.answer()
    assert first["cells"] == []
    running: Any = first["running"]
    assert running["state"] == "running" and running["devices"]["toy:0"]["change"] == 400
    second = noting.answer()
    assert second["running"]["seconds"] > running["seconds"]
    noting.kernel.interrupt()
    noting.kernel.finish(message)
    found = noting.answer()
    assert found["running"] is None
    counted = [cell["execution_count"] for cell in found["cells"]]
    assert counted == [running["execution_count"]] != [None]
    noting.one("del x")


def test_moments_for_a_plot(noting: Noting) -> None:
    noting.one("x = torch.ones(250, device='toy:0')")
    samples = noting.answer()["samples"]
    toy = samples["devices"]["toy:0"]["allocated"]
    assert len(toy) == len(samples["time"]) == len(samples["memory"])
    assert samples["time"] == sorted(samples["time"])
    noting.one("pass")
    later = noting.answer(after=samples["time"][-1] + 0.001)["samples"]
    assert 1 <= len(later["time"]) <= 4 and min(later["time"]) > samples["time"][-1]
    assert 1000 in [after - before for before, after in itertools.pairwise(toy)]
    noting.one("del x")


def test_nothing_of_the_users_is_called(noting: Noting) -> None:
    noting.one(HOSTILE)
    noting.one("_calls.clear()")
    cell = noting.one("h2 = h; box2 = [h, x]; d = {'a': Hostile(), 'b': x}; h = Hostile()")
    assert cell["appeared"] == ["box2", "d"]
    assert noting.kernel.run("print(_calls)").stdout == "[]\n"
    noting.one("del h, h2, box, box2, d, x, f; Out.pop('text'); Out.pop(90000);")


def test_nothing_is_kept_alive(noting: Noting) -> None:
    noting.one("x = torch.ones(100, device='toy:0'); y = [x]")
    gone = noting.one("del x, y")
    assert gone["devices"]["toy:0"]["change"] == -400


def test_attached_in_mid_cell(noting: Noting) -> None:
    noting.caller.detach()
    message = noting.kernel.start("import time\nprint('begun', flush=True)\ntime.sleep(60)")
    noting.kernel.wait_for_output(message, "begun")
    assert noting.caller.attach()["status"] == "ok"
    noting.caller.hello()
    noting.number = 0
    running = noting.answer()["running"]
    assert running["partial"]
    noting.kernel.interrupt()
    noting.kernel.finish(message)
    (cell,) = noting.answer()["cells"]
    assert cell["execution_count"] == running["execution_count"] is not None
    counter = noting.kernel.run("print(get_ipython().execution_count)").stdout
    assert int(counter) - running["execution_count"] in (1, 2)
    assert cell["partial"] and cell["state"] == "interrupted"


COST = """
def _cost():
    import sys
    history = [f.__self__ for f in get_ipython().events.callbacks["post_run_cell"]
               if hasattr(getattr(f, "__self__", None), "history")][0].history
    kind = type(history)
    class Result: error_in_exec = error_before_exec = None
    probe = kind(get_ipython())
    called = []
    for _ in range(3):
        sys.setprofile(lambda frame, event, arg: called.append(event))
        probe.before_cell()
        probe.after_cell(Result)
        sys.setprofile(None)
        count = len([one for one in called if one in ("call", "c_call")])
        called.clear()
    print(count)
_cost()
"""


def test_what_a_cell_pays(noting: Noting) -> None:
    noting.one("for i in range(300): globals()[f'v{i}'] = torch.ones(1)")
    called = int(noting.kernel.run(COST).stdout)
    noting.one("for i in range(300): del globals()[f'v{i}']")
    assert called < 1500


HARD_TO_READ = """
class Private(torch.Tensor):
    asked = []
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        cls.asked.append(str(function))
        raise ValueError("it is private")

def closing(kept):
    def apply(): return kept
    return apply

lazy = torch.nn.LazyLinear(5)
module = torch.nn.Linear(2, 2)
private = torch.ones(300_000).as_subclass(Private)
module._parameters["weight"] = private
optimizer = torch.optim.SGD([torch.ones(2)], lr=0.1)
optimizer.param_groups[0]["params"][:] = [private]
apply, listed = closing(private), [private]
"""


def test_what_cannot_be_read_ends_nothing(noting: Noting) -> None:
    noting.one(HARD_TO_READ)
    assert noting.one("y = torch.ones(4)")["appeared"] == ["y"]
    asked = noting.kernel.finish(noting.kernel.start("print(Private.asked)", silent=True))
    assert asked.stdout == "[]\n"
    noting.one("del lazy, module, private, optimizer, apply, listed, y")
