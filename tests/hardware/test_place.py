"""Where a process runs, told by the files and the environment of made-up machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_dlkit.hardware.place import Place, here

DMI = "sys/class/dmi/id"


def machine(folder: Path, **files: str) -> str:
    """A root folder; names with ``__`` for ``/``, or of DMI."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") if "__" in name else f"{DMI}/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return str(folder)


def test_an_empty_machine_is_no_special_place(tmp_path: Path) -> None:
    assert here(str(tmp_path), {}) == Place()
    assert here(str(tmp_path / "nowhere"), {}) == Place()


@pytest.mark.parametrize(
    ("environ", "notebook"),
    [
        ({"COLAB_RELEASE_TAG": "release-colab_20260801", "COLAB_GPU": ""}, "colab"),
        ({"COLAB_BACKEND_VERSION": "next"}, "colab"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "kaggle"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Batch", "COLAB_RELEASE_TAG": "x"}, "kaggle"),
        ({"JUPYTERHUB_API_URL": "http://hub:8081/hub/api"}, "jupyterhub"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/a/"}, "jupyterhub"),
        ({"COLAB_GPU": "1"}, None),
    ],
)
def test_notebook_hosts(tmp_path: Path, environ: dict[str, str], notebook: str | None) -> None:
    assert here(str(tmp_path), environ).notebook == notebook


@pytest.mark.parametrize(
    ("files", "cloud", "instance"),
    [
        ({"sys_vendor": "Amazon EC2", "product_name": "g5.xlarge"}, "aws", "g5.xlarge"),
        (
            {"sys_vendor": "Xen", "product_name": "HVM domU", "bios_version": "4.11.amazon"},
            "aws",
            None,
        ),
        ({"sys_vendor": "Google", "product_name": "Google Compute Engine"}, "gcp", None),
        (
            {
                "sys_vendor": "Microsoft Corporation",
                "product_name": "Virtual Machine",
                "chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77",
            },
            "azure",
            None,
        ),
        # A laptop under Hyper-V, and one that Google sells.
        ({"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine"}, None, None),
        ({"sys_vendor": "Google", "product_name": "Pixelbook"}, None, None),
    ],
)
def test_clouds_by_what_their_makers_wrote(
    tmp_path: Path, files: dict[str, str], cloud: str | None, instance: str | None
) -> None:
    place = here(machine(tmp_path, **files), {})
    assert (place.cloud, place.instance) == (cloud, instance)


@pytest.mark.parametrize(
    ("files", "environ", "container"),
    [
        ({"__.dockerenv": ""}, {}, "docker"),
        ({"run__.containerenv": ""}, {"container": "podman"}, "podman"),
        ({"__.dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"proc__1__cgroup": "9:memory:/kubepods/pod1/x"}, {}, "kubernetes"),
        ({"proc__1__cgroup": "4:cpu:/docker/0123"}, {}, "docker"),
        ({"proc__1__cgroup": "0::/init.scope"}, {}, None),
        ({}, {"container": "systemd-nspawn"}, "systemd-nspawn"),
    ],
)
def test_containers(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], container: str | None
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    files = {name.removeprefix("__"): text for name, text in files.items()}
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert here(str(root), environ).container == container


def test_windows_beneath(tmp_path: Path) -> None:
    release = "5.15.153.1-microsoft-standard-WSL2"
    assert here(machine(tmp_path, proc__sys__kernel__osrelease=release), {}).wsl
    assert not here(machine(tmp_path, proc__sys__kernel__osrelease="6.1.0-28-amd64"), {}).wsl


@pytest.mark.parametrize(
    ("name", "gpu"),
    [("nvidia0", True), ("nvidiactl", False), ("kfd", True), ("dxg", True), ("null", False)],
)
def test_the_device_file_of_a_gpu(tmp_path: Path, name: str, gpu: bool) -> None:
    assert here(machine(tmp_path, **{f"dev__{name}": ""}), {}).gpu is gpu


@pytest.mark.parametrize(
    ("files", "environ", "tpu"),
    [
        ({}, {"COLAB_TPU_1VM": "1", "TPU_ACCELERATOR_TYPE": "v5e-1"}, "v5e-1"),
        ({}, {"COLAB_TPU_1VM": ""}, None),
        ({}, {"TPU_WORKER_ID": "0"}, "TPU"),
        ({"dev__accel0": ""}, {}, "TPU"),
        ({"dev__accel": ""}, {}, None),
    ],
)
def test_tpus(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], tpu: str | None
) -> None:
    assert here(machine(tmp_path, **files), environ).tpu == tpu
