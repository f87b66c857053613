"""Outputs are released, and nothing that the user has a name for."""

from __future__ import annotations

from .conftest import Releasing, row


def test_one_output(releasing: Releasing) -> None:
    count = releasing.run("torch.ones(1000, device='toy:0')").execution_count
    releasing.run("n = 1")
    assert releasing.allocated() == (4000, 0)
    preview = releasing.preview(f"output:{count}")
    assert row(preview, f"output:{count}", "toy:0")["freed"] == 4000
    assert releasing.allocated() == (4000, 0)
    answer = releasing.release(f"output:{count}")
    one = row(answer, f"output:{count}", "toy:0")
    assert (one["before"], one["after"], one["freed"]) == (4000, 0, 4000)
    assert one["still_held_by"] == [] and "3.91 KiB on toy:0 are free again" in one["message"]
    assert {f"Out[{count}]", f"_{count}", "_"} <= set(answer["removed"])
    assert releasing.allocated() == (0, 0)
    assert releasing.run("print(sorted(Out), repr(_))").stdout.strip() == "[] ''"


def test_of_the_last_cell_at_once(releasing: Releasing) -> None:
    """Its result is still in the last ``ExecutionResult``."""
    count = releasing.run("torch.ones(1000, device='toy:1')").execution_count
    one = row(releasing.release(f"output:{count}"), f"output:{count}", "toy:1")
    assert (one["before"], one["after"]) == (4000, 0)


def test_a_variable_that_is_the_same_object_stays(releasing: Releasing) -> None:
    count = releasing.run("x = torch.ones(1000, device='toy:0')\nx").execution_count
    preview = row(releasing.preview("output_history"), "output_history", "toy:0")
    assert preview["freed"] == 0 and preview["still_held_by"] == ["x"]
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert (one["before"], one["after"]) == (4000, 4000)
    assert one["still_held_by"] == ["x"]
    assert one["message"] == "Freed nothing on toy:0, because it is still held by x."
    assert releasing.run(f"print(x.sum().item(), {count} in Out)").stdout == "1000.0 False\n"
    releasing.run("del x")
    assert releasing.allocated() == (0, 0)


def test_a_view_of_the_users_keeps_the_memory(releasing: Releasing) -> None:
    releasing.run("torch.ones(1000, device='toy:0')")
    releasing.run("row = _[2:4]; kept = {'rows': [row]}; del row")
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert one["freed"] == 0 and one["still_held_by"] == ["kept['rows'][0]"]


def test_all_outputs(releasing: Releasing) -> None:
    for size in (100, 200, 300):
        releasing.run(f"torch.ones({size}, device='toy:0')")
    releasing.run("torch.nn.Linear(10, 10, device='toy:1')")
    releasing.run("[torch.ones(5), 'text', 7]")
    releasing.run("a = 1")
    preview = releasing.preview("output_history")
    answer = releasing.release("output_history")
    assert row(answer, "output_history", "toy:0")["freed"] == 2400
    assert row(answer, "output_history", "toy:1")["freed"] == 440
    assert row(answer, "output_history", "cpu")["freed"] == 20
    for device, freed in (("toy:0", 2400), ("toy:1", 440), ("cpu", 20)):
        assert row(preview, "output_history", device)["freed"] == freed
    assert set(preview["removed"]) == set(answer["removed"])
    assert releasing.allocated() == (0, 0)


def test_another_output_that_is_the_same_object(releasing: Releasing) -> None:
    first = releasing.run("x = torch.ones(10, device='toy:0')\nx").execution_count
    second = releasing.run("_").execution_count
    releasing.run("del x")
    one = row(releasing.release(f"output:{first}"), f"output:{first}", "toy:0")
    assert one["freed"] == 0 and one["still_held_by"] == [f"Out[{second}]"]
    assert releasing.run(f"print(len(_), _ is Out[{second}])").stdout == "10 True\n"
    assert row(releasing.release("output_history"), "output_history", "toy:0")["freed"] == 40


def test_an_underscore_of_the_users(releasing: Releasing) -> None:
    releasing.run("torch.ones(10, device='toy:0')")
    releasing.run("_ = torch.ones(20, device='toy:0')")
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert one["freed"] == 40
    assert releasing.run("print(len(_))").stdout == "20\n"


def test_outputs_go_on_afterwards(releasing: Releasing) -> None:
    releasing.run("torch.ones(10, device='toy:0')")
    releasing.release("output_history")
    count = releasing.run("torch.ones(3)").execution_count
    assert releasing.run(f"print(len(_), len(Out[{count}]), len(_{count}))").stdout == "3 3 3\n"


def test_a_graph_that_an_output_keeps(releasing: Releasing) -> None:
    releasing.run("w = torch.ones(100, device='toy:0', requires_grad=True)")
    before = releasing.allocated()
    releasing.run("(w * 2).exp().sum()")
    held = releasing.allocated()[0] - before[0]
    assert held > 400
    preview = row(releasing.preview("output_history"), "output_history", "toy:0")
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert one["freed"] == preview["freed"] == held
    assert releasing.allocated() == before


def test_there_is_none(releasing: Releasing) -> None:
    (one,) = releasing.release("output_history")["released"]
    assert one["freed"] == 0
    assert "because there is no output that is kept" in one["message"]
    (one,) = releasing.release("output:99999")["released"]
    assert "no output of cell 99999" in one["message"]


def test_what_cannot_be_released(releasing: Releasing) -> None:
    assert releasing.refused("everything")["status"] == 400
    assert releasing.refused()["status"] == 400
    assert releasing.refused("name:nothing_there")["status"] == 404
    assert "output_history" in releasing.refused("output:x")["hint"]


def test_an_array_in_its_memory(releasing: Releasing) -> None:
    releasing.run("torch.ones(1000)")
    releasing.run("array = _.numpy()")
    one = row(releasing.release("output_history"), "output_history", "cpu")
    assert one["freed"] == 0 and one["still_held_by"] == ["array"]
    assert releasing.run("print(array.sum())").stdout == "1000.0\n"


def test_what_python_does_not_see(releasing: Releasing) -> None:
    releasing.run("future = torch.futures.Future(); x = torch.ones(100, device='toy:0')")
    releasing.run("future.set_result(x)\nx")
    releasing.run("del x")
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert one["before"] == one["after"] == 400 and one["still_held_by"]
    assert one["message"].startswith("Freed nothing on toy:0, because it is still held by")
    releasing.run("print(future.value().sum().item()); del future")
    assert releasing.allocated() == (0, 0)


def test_what_only_compiled_code_holds(releasing: Releasing) -> None:
    """On an accelerator; and the counter of the peak that the user reads stays."""
    releasing.run("torch.ones(100, device='toy:0')")
    releasing.run("capsule = torch.utils.dlpack.to_dlpack(_)")
    peak = "print(torch.toy.max_memory_allocated(0))"
    before = releasing.run(peak).stdout
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert (one["before"], one["after"], one["freed"]) == (400, 400, 0)
    assert "compiled code" in one["still_held_by"][0]
    assert "compiled code" in one["message"]
    (owner,) = releasing.owners("toy:0")
    assert (owner["owner"], owner["bytes"]) == ("unreachable", 400)
    assert owner["name"] == "held from outside of Python"
    releasing.run("del capsule")
    releasing.release("garbage", "allocator_cache", "output_history")
    assert releasing.allocated() == (0, 0)
    assert releasing.run(peak).stdout == before


def test_what_python_does_not_see_of_the_host(releasing: Releasing) -> None:
    releasing.run("torch.ones(1000)")
    releasing.run("capsule = torch.utils.dlpack.to_dlpack(_)")
    one = row(releasing.release("output_history"), "output_history", "cpu")
    assert one["freed"] == 0 and "compiled code" in one["still_held_by"][0]
    releasing.run("print(torch.utils.dlpack.from_dlpack(capsule).sum().item()); del capsule")


def test_every_output_of_a_cell(releasing: Releasing) -> None:
    releasing.run("get_ipython().ast_node_interactivity = 'all'")
    releasing.run("torch.ones(10, device='toy:0')\ntorch.ones(20, device='toy:0')\n1")
    releasing.run("get_ipython().ast_node_interactivity = 'last_expr'")
    assert releasing.allocated() == (120, 0)
    assert row(releasing.release("output_history"), "output_history", "toy:0")["freed"] == 120


def test_in_a_cell_of_the_users(releasing: Releasing) -> None:
    """As a magic or the Python API does it, in a cell that runs."""
    releasing.run("def f():\n    b = torch.ones(100, device='toy:0')\n    b[500]\nf()", fails=True)
    releasing.run("torch.ones(50, device='toy:0')")
    said = releasing.run(
        "from jupyter_dlkit.kernel.release import release\n"
        "answer = release(get_ipython(), ['last_exception', 'output_history'])\n"
        "print([(one.what, one.freed) for one in answer.released if one.device == 'toy:0'])"
    )
    assert said.stdout == "[('output_history', 200), ('last_exception', 400)]\n"
    assert releasing.allocated() == (0, 0)


def test_a_function_of_the_users_that_has_no_variable(releasing: Releasing) -> None:
    releasing.run("def make(t):\n    return lambda: t\nx = torch.ones(100, device='toy:0')")
    releasing.run("import atexit; atexit.register(make(x))\nx")
    releasing.run("del x, make")
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert one["freed"] == 0 and len(one["still_held_by"]) == 1
    releasing.run("atexit._clear(); del atexit; gc.collect()")
    assert releasing.allocated() == (0, 0)


def test_a_module_that_keeps_it(releasing: Releasing) -> None:
    releasing.run(
        "import types; sys.modules['keeping'] = keeping = types.ModuleType('keeping')\n"
        "keeping.cache = {'a': [torch.ones(100, device='toy:0')]}\nkeeping.cache['a'][0]"
    )
    releasing.run("del keeping")
    one = row(releasing.release("output_history"), "output_history", "toy:0")
    assert one["still_held_by"] == ["keeping.cache['a'][0]"]
    releasing.run("del sys.modules['keeping']; gc.collect()")
