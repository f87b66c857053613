"""What is on a device beside a kernel's own: together with what it reserved, all that is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.hardware.beside import Held, Other, beside, position
from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits

from .stub import GIB, MIB, Gpu, Machine, Running
from .test_whole_server import eventually


def told(others: tuple[Other, ...]) -> dict[str, tuple[str, int | None]]:
    return {other.name: (other.kind, other.bytes) for other in others}


def test_all_that_is_in_use_is_somebodys() -> None:
    others = beside(
        10 * GIB,
        2 * GIB,
        [
            Held(1, 2 * GIB + 300 * MIB, "python", "a", "mine.ipynb"),
            Held(2, 3 * GIB, "python", "b", "other.ipynb"),
            Held(3, GIB, "python -m worker", "a", "mine.ipynb"),
            Held(None, 2 * GIB, None),
            Held(4, None, "Xorg"),
        ],
        1,
        "a",
    )
    assert told(others) == {
        "context of this process": ("context", 300 * MIB),
        "other.ipynb": ("kernel", 3 * GIB),
        "python -m worker, started here": ("child", GIB),
        "another process": ("process", 2 * GIB),
        "Xorg": ("process", None),
        "other processes, and the context of this one": ("untold", 2 * GIB - 300 * MIB),
    }
    assert 2 * GIB + sum(other.bytes or 0 for other in others) == 10 * GIB
    assert others[0].name == "other.ipynb"


def test_where_the_driver_gives_pids_that_are_not_ours() -> None:
    others = beside(5 * GIB, 2 * GIB, [Held(None, 3 * GIB, None), Held(None, 2 * GIB, None)], 1)
    assert told(others) == {"other processes, and the context of this one": ("untold", 3 * GIB)}
    # Nothing of ours is there yet, so whose they are is clear.
    others = beside(5 * GIB, 0, [Held(None, 3 * GIB, None)], 1)
    assert told(others)["another process"] == ("process", 3 * GIB)


def test_what_the_driver_does_not_say() -> None:
    assert beside(None, 5, [], 1) == ()
    assert told(beside(None, 0, [Held(1, None, "python")], 1)) == {
        "context of this process": ("context", None)
    }
    assert told(beside(7, 5, [Held(1, 6, None)], 1)) == {
        "context of this process": ("context", 1),
        "the driver itself": ("untold", 1),
    }


@pytest.mark.parametrize(
    ("uuid", "found"),
    [("GPU-B", 1), ("GPU-c", 2), ("GPU-x", None), (None, None), ("GPU-a", None)],
)
def test_which_device_torch_means(uuid: str | None, found: int | None) -> None:
    assert position(uuid, ["GPU-a", "GPU-b", "MIG-c", "MIG-a"]) == found


# With a driver, a server, and kernels -------------------------------------------------------

SETUP = """
import types, torch
from tests.second_device import load
toy = load()
toy.get_device_properties = lambda index: types.SimpleNamespace(uuid=["GPU-a", "GPU-b"][index])
x = torch.ones(1000, device="toy:0")
"""


def device(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(one) for one in answer["devices"] if one["device"] == name)


def test_in_the_account_of_a_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(tmp_path / "nvidia")
    monkeypatch.setenv("LD_LIBRARY_PATH", machine.environment()["LD_LIBRARY_PATH"])
    machine.show(Gpu("GPU-b"), Gpu("GPU-a"))
    with LiveServer() as server:
        kernel = server.start_kernel("today", "training.ipynb")
        other = server.start_kernel("today", "other.ipynb")
        kernel.run(SETUP, timeout=120)
        pids = eventually(
            lambda: {row["path"]: row["pid"] for row in server.dlkit("kernels")["kernels"]},
            lambda pids: all(pids.values()) and len(pids) == 2,
        )
        mine, others = pids["training.ipynb"], pids["other.ipynb"]
        machine.show(
            Gpu("GPU-b", used=MIB, processes=[]),
            Gpu(
                "GPU-a",
                used=4 * GIB,
                processes=[Running(mine, 300 * MIB), Running(others, 2 * GIB)],
            ),
        )

        def memory(asked: ServedKernel) -> dict[str, Any]:
            return dict(fits(server.dlkit(f"kernels/{asked.id}/memory"), "KernelMemory"))

        found = device(memory(kernel), "toy:0")
        assert (found["uuid"], found["used"], found["reserved"]) == ("GPU-a", 4 * GIB, 4000)
        rows = {row["kind"]: row for row in found["others"]}
        assert rows["context"]["bytes"] == 300 * MIB - 4000
        assert (rows["context"]["pid"], rows["context"]["kernel_id"]) == (mine, kernel.id)
        assert (rows["kernel"]["name"], rows["kernel"]["bytes"]) == ("other.ipynb", 2 * GIB)
        assert rows["kernel"]["kernel_id"] == other.id
        assert rows["untold"]["name"] == "the driver itself"
        assert sum(row["bytes"] for row in found["others"]) + 4000 == 4 * GIB

        answer = memory(kernel)
        assert [row["bytes"] for row in device(answer, "toy:1")["others"]] == [MIB]
        host = device(answer, "cpu")
        (rest,) = host["others"]
        assert (rest["kind"], rest["bytes"]) == ("rest", host["process"] - host["attributed"])

        # The same in the kernel itself, where another kernel is another process.
        code = "import jupyter_dlkit as dlkit\nm = dlkit.memory('toy:0')['toy:0']\n"
        said = kernel.run(code + "print(m.used, *(f'{o.kind}={o.bytes}' for o in m.others))")
        assert said.split() == [
            str(4 * GIB),
            f"process={2 * GIB}",
            f"untold={4 * GIB - 2 * GIB - 300 * MIB}",
            f"context={300 * MIB - 4000}",
        ]
        shown = kernel.run("import jupyter_dlkit as dlkit\nprint(dlkit.memory())")
        assert "context of this process holds 300 MiB" in " ".join(shown.split())
