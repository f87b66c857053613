"""Where the machine stands, and what it has cost; no network is asked."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.server.idle_choice import Choice, ChoiceFile

from .checked import checked

PLACES: list[tuple[dict[str, str], dict[str, str], str]] = [
    (
        {"sys_vendor": "Amazon EC2", "product_name": "g5.xlarge"},
        {},
        "on Amazon Web Services (g5.xlarge)",
    ),
    ({"product_name": "Google Compute Engine", "sys_vendor": "Google"}, {}, "on Google Cloud"),
    ({"chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77"}, {}, "on Azure"),
    ({}, {"COLAB_RELEASE_TAG": "r"}, "on Google Colab"),
    ({}, {"KAGGLE_KERNEL_RUN_TYPE": "Interactive", "COLAB_RELEASE_TAG": "r"}, "on Kaggle"),
    ({}, {"JUPYTERHUB_SERVICE_PREFIX": "/user/x/"}, "on JupyterHub"),
    ({}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "in a container (kubernetes)"),
    ({}, {"WSL_DISTRO_NAME": "Ubuntu"}, "under WSL"),
]


def facts(root: Path, **others: Any) -> Facts:
    (root / "proc").mkdir(exist_ok=True)
    return Facts(root=str(root), **others)


def dmi(root: Path, **files: str) -> None:
    folder = root / "sys" / "class" / "dmi" / "id"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text + "\n")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(("files", "environ", "words"), PLACES, ids=[one[2] for one in PLACES])
def test_each_place_is_recognised(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], words: str
) -> None:
    assert checked("cloud.place", facts(tmp_path)).verdict == "ok"
    dmi(tmp_path, **files)
    seen = checked("cloud.place", facts(tmp_path, environ=environ))
    assert (seen.verdict, seen.title) == ("info", f"This runs {words}")
    assert seen.evidence
    for name in files:
        (tmp_path / "sys/class/dmi/id" / name).unlink()
    assert checked("cloud.place", facts(tmp_path)).verdict == "ok"


def test_places_within_each_other_are_all_told(tmp_path: Path) -> None:
    dmi(tmp_path, sys_vendor="Amazon EC2", product_name="p4d.24xlarge")
    (tmp_path / ".dockerenv").touch()
    seen = checked("cloud.place", facts(tmp_path, environ={"JUPYTERHUB_API_URL": "http://hub"}))
    assert seen.title == (
        "This runs on Amazon Web Services (p4d.24xlarge), in a container (docker), on JupyterHub"
    )


def test_the_cost_since_boot_is_the_users_price_times_the_hours(tmp_path: Path) -> None:
    priced = {"per_hour": 3.06, "currency": "$"}
    assert checked("cloud.cost", facts(tmp_path)).verdict == "not_applicable"
    assert checked("cloud.cost", facts(tmp_path, price=priced)).verdict == "unknown"
    (tmp_path / "proc" / "uptime").write_text(f"{10 * 3600}.00 123.00\n")
    seen = checked("cloud.cost", facts(tmp_path, price=priced))
    assert (seen.verdict, seen.title) == ("info", "This machine has cost about $30.60 since boot")
    assert seen.evidence == ("running for 10.0 hours", "$3.06 an hour, as you have set it")
    assert checked("cloud.cost", facts(tmp_path)).verdict == "not_applicable"
    dmi(tmp_path, product_name="Google Compute Engine")
    rented = checked("cloud.cost", facts(tmp_path))
    assert rented.title == "No price is set for this machine of a cloud"
    assert "settings of DL Kit" in str(rented.next_step)
    assert "paid until it is stopped" in str(
        checked("cloud.cost", facts(tmp_path, price=priced)).next_step
    )


def test_a_shell_knows_the_price_that_the_user_has_set_in_the_panel(tmp_path: Path) -> None:
    uptime = tmp_path / "proc" / "uptime"
    home = facts(tmp_path, environ={"JUPYTER_DATA_DIR": str(tmp_path)})
    uptime.write_text("3600.0 1\n")
    file = ChoiceFile(tmp_path / "jupyter_dlkit" / "idle.json", logging.getLogger("idle"))
    assert checked("cloud.cost", home).verdict == "not_applicable"
    file.write(Choice(price=1.5, currency="€"))
    home = facts(tmp_path, environ={"JUPYTER_DATA_DIR": str(tmp_path)})
    assert checked("cloud.cost", home).title == "This machine has cost about €1.50 since boot"
    for broken in ("[]", "{", '{"price": "x"}', '{"price": -1}'):
        (tmp_path / "jupyter_dlkit" / "idle.json").write_text(broken)
        assert checked("cloud.cost", home).verdict == "not_applicable"


def test_colabs_runtime_is_told_with_its_limit(tmp_path: Path) -> None:
    colab = {"COLAB_RELEASE_TAG": "release"}
    assert checked("cloud.runtime", facts(tmp_path)).verdict == "not_applicable"
    bare = checked("cloud.runtime", facts(tmp_path, environ=colab))
    assert bare.title == "Google Colab's runtime has no GPU"
    assert "Runtime → Change runtime type" in str(bare.next_step)
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "nvidia0").touch()
    (tmp_path / "proc" / "uptime").write_text("3600.0 1\n")
    gpu = checked("cloud.runtime", facts(tmp_path, environ=colab))
    assert "runtime has a GPU" in gpu.title
    assert "12 hours" in str(gpu.next_step)
    assert "running for 60 minutes" in gpu.evidence
    tpu = checked("cloud.runtime", facts(tmp_path, environ={**colab, "TPU_WORKER_ID": "0"}))
    assert tpu.verdict == "warning"
    assert "torch_xla" in tpu.title
    kaggle = checked("cloud.runtime", facts(tmp_path, environ={"KAGGLE_KERNEL_RUN_TYPE": "Batch"}))
    assert kaggle.title.startswith("Kaggle's runtime has a GPU")
