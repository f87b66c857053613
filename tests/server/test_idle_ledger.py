"""Since when an accelerator is idle, what counts as use, and what a person is told."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_dlkit.server.idle import held_by_kernels
from jupyter_dlkit.server.idle_choice import Choice, ChoiceFile, moment
from jupyter_dlkit.server.idle_ledger import DeviceLook, KernelLook, Ledger, Look
from jupyter_dlkit.server.idle_notice import Notice, kernel_to_dict

GIB = 2**30
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)

TRAINING = KernelLook("k1", "python3", "training.ipynb", "idle", last_activity=1)
OTHER = KernelLook("k2", "python3", "other.ipynb", "idle", last_activity=1)


def card(held: dict[str, int | None], load: float | None = 0.0, uuid: str = "GPU-a") -> DeviceLook:
    return DeviceLook(uuid, 0, "NVIDIA H100", load, held)


def look(
    minute: float, *devices: DeviceLook, kernels: tuple[KernelLook, ...] = (TRAINING,)
) -> Look:
    return Look(60 * minute, devices, {kernel.id: kernel for kernel in kernels})


def minutes(*looks: Look) -> dict[str, float]:
    """For how long each device is idle after these looks."""
    ledger = Ledger()
    for one in looks:
        ledger.observe(one)
    return {uuid: seconds / 60 for uuid, seconds in ledger.idle().items()}


def test_a_device_that_a_kernel_holds_is_idle_from_the_first_look() -> None:
    held = card({"k1": 2 * GIB})
    assert minutes(look(0, held)) == {"GPU-a": 0}
    assert minutes(look(0, held), look(1, held), look(31, held)) == {"GPU-a": 31}


def test_a_device_that_nobody_holds_is_not_watched() -> None:
    free = card({})
    assert minutes(look(0, free), look(30, free)) == {}
    held = card({"k1": GIB})
    assert minutes(look(0, free), look(30, held), look(31, held)) == {"GPU-a": 1}
    assert minutes(look(0, held), look(30, free), look(31, held)) == {"GPU-a": 0}


@pytest.mark.parametrize(
    ("load", "idle"), [(0, 10), (2, 10), (3, 0), (100, 0)], ids=["none", "drawing", "3", "full"]
)
def test_a_load_is_use(load: float, idle: float) -> None:
    held = {"k1": GIB}
    assert minutes(look(0, card(held)), look(10, card(held, load)))["GPU-a"] == idle


def test_memory_that_changes_is_use() -> None:
    before, after = card({"k1": GIB}), card({"k1": 2 * GIB})
    assert minutes(look(0, before), look(10, after), look(15, after)) == {"GPU-a": 5}
    both = card({"k1": GIB, "k2": GIB})
    kernels = (TRAINING, OTHER)
    assert minutes(look(0, before, kernels=kernels), look(10, both, kernels=kernels)) == {
        "GPU-a": 0
    }


def test_a_cell_that_began_or_ended_is_use_but_what_it_prints_is_not() -> None:
    held = card({"k1": GIB})
    busy = KernelLook("k1", "python3", "training.ipynb", "busy", last_activity=2)
    prints = KernelLook("k1", "python3", "training.ipynb", "busy", last_activity=3)
    later = KernelLook("k1", "python3", "training.ipynb", "idle", last_activity=9)
    assert minutes(look(0, held), look(9, held, kernels=(busy,))) == {"GPU-a": 0}
    assert minutes(look(0, held), look(9, held, kernels=(later,))) == {"GPU-a": 0}
    assert minutes(look(0, held, kernels=(busy,)), look(9, held, kernels=(prints,))) == {"GPU-a": 9}


def test_where_the_agent_counts_cells_a_page_that_connects_is_no_use() -> None:
    def minute(at: float, activity: int, cells: tuple[int, bool] | None, state: str) -> Look:
        kernel = KernelLook("k1", "python3", "training.ipynb", state, activity, cells=cells)
        return look(at, card({"k1": GIB}), kernels=(kernel,))

    begin = minute(0, 1, (4, False), "idle")
    assert minutes(begin, minute(9, 2, (4, False), "idle")) == {"GPU-a": 9}
    assert minutes(begin, minute(9, 2, (4, False), "busy")) == {"GPU-a": 9}
    assert minutes(begin, minute(9, 2, (5, False), "idle")) == {"GPU-a": 0}
    assert minutes(begin, minute(9, 1, (4, True), "busy")) == {"GPU-a": 0}
    # Without it nobody can tell the two apart.
    assert minutes(begin, minute(9, 2, None, "idle")) == {"GPU-a": 0}


def test_where_the_driver_tells_no_load_a_kernel_that_works_uses_it() -> None:
    held = card({"k1": GIB}, load=None)
    busy = KernelLook("k1", "python3", "training.ipynb", "busy", last_activity=2)
    assert minutes(look(0, held, kernels=(busy,)), look(9, held, kernels=(busy,))) == {"GPU-a": 0}
    assert minutes(look(0, held), look(9, held)) == {"GPU-a": 9}


# Who holds what ------------------------------------------------------------------------


def row(
    uuid: str,
    *processes: tuple[str | None, int | None],
    used: int = 4 * GIB,
    mig: dict[str, object] | None = None,
) -> dict[str, object]:
    """A device of the machine's status."""
    return {
        "uuid": uuid,
        "index": 0,
        "name": "NVIDIA H100",
        "utilization": 0.0,
        "memory": {"used": used},
        "mig": mig,
        "processes": [{"kernel_id": kernel, "bytes": size} for kernel, size in processes],
    }


KERNELS = {"k1": TRAINING, "k2": OTHER}


def held(*rows: dict[str, object], cuda: tuple[str, ...] = ()) -> list[dict[str, int | None]]:
    return [dict(one.held) for one in held_by_kernels(list(rows), KERNELS, list(cuda))]


def test_a_kernel_holds_what_its_processes_hold_together() -> None:
    mine = row("a", ("k1", GIB), ("k1", GIB), ("k2", None), (None, 7 * GIB), ("gone", GIB))
    assert held(mine) == [{"k1": 2 * GIB, "k2": None}]


def test_in_a_container_a_kernel_with_cuda_open_holds_what_is_in_use() -> None:
    used, free = row("a", (None, GIB)), row("b", used=0)
    assert held(used, free) == [{}, {}]
    assert held(used, free, cuda=("k1",)) == [{"k1": None}, {}]
    # A kernel that the driver names is not guessed at.
    assert held(row("a", ("k1", GIB)), row("b"), cuda=("k1",)) == [{"k1": GIB}, {}]


def test_a_split_card_is_held_through_its_instances() -> None:
    card = row("a", mig={"enabled": True, "parent": None})
    instance = row("b", (None, GIB), mig={"enabled": True, "parent": "a"})
    assert held(card, instance, cuda=("k1",)) == [{}, {"k1": None}]


# What is said ---------------------------------------------------------------------------


def notice(*idle: tuple[DeviceLook, float], price: float | None = None) -> Notice:
    seen = look(60, *(device for device, _ in idle), kernels=(TRAINING, OTHER))
    return Notice("n", MORNING, idle, seen, price, "$")


def test_the_message_names_device_notebook_size_time_and_cost() -> None:
    one = notice((card({"k1": 20 * GIB}), 31 * 60.0), price=3.06)
    assert one.message() == (
        "NVIDIA H100 has been idle for 31 minutes while training.ipynb holds 20 GiB of it. "
        "That was about $1.58."
    )
    unknown = notice((card({"k1": None, "k2": None}), 3 * 3600.0))
    assert unknown.message() == (
        "NVIDIA H100 has been idle for 3.0 hours while training.ipynb and other.ipynb hold it."
    )
    busy = KernelLook("k2", "python3", "other.ipynb", "busy")
    held = card({"k1": None, "k2": None})
    marked = Notice(
        "n", MORNING, ((held, 9e3),), look(60, held, kernels=(TRAINING, busy)), None, ""
    )
    assert "while training.ipynb and other.ipynb (runs a cell) hold it." in marked.message()
    two = notice(
        (card({"k1": GIB}), 40 * 60.0), (card({"k1": GIB}, uuid="GPU-b"), 30 * 60.0), price=60.0
    )
    assert two.message() == (
        "2 accelerators (NVIDIA H100) have been idle for 30 minutes or longer while "
        "training.ipynb holds them. That was about $30.00."
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "busy"}, "training.ipynb runs a cell."),
        ({"state": "starting"}, "not known to be idle"),
        ({"state": "unknown"}, "not known to be idle"),
        ({"changing": True}, "moves or releases tensors"),
        ({"cores": 0.9}, "90% of a core"),
        ({"silent": True}, "did not answer that it rests"),
    ],
)
def test_a_kernel_that_works_may_not_be_shut_down(changed: dict[str, object], why: str) -> None:
    held = card({"k1": GIB})
    fine = kernel_to_dict(TRAINING, look(0, held))
    assert (fine["may_shut_down"], fine["reason"]) == (True, None)
    given = {"id": "k1", "name": "python3", "notebook": "training.ipynb", "state": "idle"}
    works = KernelLook(**{**given, **changed})  # type: ignore[arg-type]
    told = kernel_to_dict(works, look(0, held, kernels=(works,)))
    assert told["may_shut_down"] is False
    assert why in told["reason"]


def test_a_kernel_whose_thread_uses_a_device_may_not_be_shut_down() -> None:
    idle, used = card({"k1": GIB}), card({"k1": GIB}, load=80, uuid="GPU-b")
    assert kernel_to_dict(TRAINING, look(0, idle))["may_shut_down"]
    told = kernel_to_dict(TRAINING, look(0, idle, used))
    assert told["may_shut_down"] is False
    assert "in use" in told["reason"]
    # A busy kernel on the same device explains its load.
    busy = KernelLook("k2", "python3", "other.ipynb", "busy")
    shared = card({"k1": GIB, "k2": GIB}, load=80)
    seen = look(0, shared, kernels=(TRAINING, busy))
    assert kernel_to_dict(TRAINING, seen)["may_shut_down"]
    assert not kernel_to_dict(busy, seen)["may_shut_down"]


def test_not_today_lasts_until_the_users_midnight_and_no_longer_than_a_day() -> None:
    midnight = datetime(2026, 11, 24, tzinfo=timezone(timedelta(hours=1)))
    quiet = Choice(limit=30).not_today(MORNING, midnight)
    assert quiet.limit == 30
    assert quiet.snoozed(MORNING) == (midnight - MORNING).total_seconds()
    assert quiet.snoozed(midnight) == 0
    assert quiet.snoozed(midnight + timedelta(hours=5)) == 0
    far = Choice().not_today(MORNING, MORNING + timedelta(days=400))
    assert far.snoozed(MORNING) == 26 * 3600
    ours = Choice().not_today(MORNING)
    assert 0 < ours.snoozed(MORNING) <= 25 * 3600
    assert moment(str(ours.not_today_until)).strftime("%H:%M") == "00:00"
    assert moment("2026-11-24T00:00:00.000Z") == datetime(2026, 11, 24, tzinfo=timezone.utc)
    with pytest.raises(ValueError, match="zone"):
        moment("2026-11-24T00:00:00")


def test_what_the_user_set_is_kept_and_what_is_not_ours_is_not_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "new folder" / "idle.json"
    file = ChoiceFile(path, logging.getLogger("idle"))
    assert file.read() is None
    assert not caplog.records
    choice = Choice(30, 3.06, "€").not_today(MORNING)
    file.write(choice)
    assert file.read() == choice
    assert [one.name for one in path.parent.iterdir()] == ["idle.json"]
    path.write_text('{"limit": -3, "price": true, "currency": null}')
    assert file.read() == Choice()
    for broken in ("[]", "{", '{"not_today_until": "soon"}', '{"not_today_until": 4}'):
        path.write_text(broken)
        assert file.read() is None
    assert len(caplog.records) == 4
    path.unlink()
    path.mkdir()
    file.write(choice)  # cannot be written: said, not raised
    assert "cannot be written" in caplog.text
