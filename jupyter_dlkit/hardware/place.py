"""Where this process runs: whose notebook host, whose cloud, in which container.

From the environment and from files; nothing is asked over a network.  Only whether a variable
is set is looked at, or a word that names a kind of machine, never a secret.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import List, Mapping, Optional

from .cgroup import read

#: What Azure writes into its machines' chassis (Microsoft's and cloud-init's way to tell).
_AZURE_TAG = "7783-7084-3265-9085-8269-3286-77"

#: Words in the control groups of process 1 (version 1) that name who made the container.
_IN_CGROUP = (
    ("kubepods", "kubernetes"),
    ("docker", "docker"),
    ("libpod", "podman"),
    ("lxc", "lxc"),
)

_TPU_VARIABLES = ("TPU_ACCELERATOR_TYPE", "TPU_WORKER_ID", "COLAB_TPU_ADDR")


@dataclass(frozen=True)
class Place:
    """Where a process runs; None where nothing tells.

    ``notebook``: ``colab``, ``kaggle`` or ``jupyterhub``.  ``cloud``: ``aws``, ``gcp`` or
    ``azure``, by what the machine's maker wrote into it (DMI); ``instance``: the type of the
    machine, where that is there (``g5.xlarge``, on AWS).  ``container``: ``docker``,
    ``podman``, ``kubernetes``, ``lxc``, or the name that it gives itself.  ``wsl``: Linux
    under Windows.  ``gpu``: whether there is the device file of a GPU.  ``tpu``: the kind of
    TPU that was given (``v5e-1``), or ``TPU``.
    """

    notebook: Optional[str] = None
    cloud: Optional[str] = None
    instance: Optional[str] = None
    container: Optional[str] = None
    wsl: bool = False
    gpu: bool = False
    tpu: Optional[str] = None


def here(root: str = "/", environ: Optional[Mapping[str, str]] = None) -> Place:
    """The place.  ``root`` stands for the file system, ``environ`` for the environment."""
    given = os.environ if environ is None else environ
    cloud = _cloud(root)
    return Place(
        notebook=_notebook(given),
        cloud=cloud,
        instance=_instance(root) if cloud == "aws" else None,
        container=_container(root, given),
        wsl=_is_wsl(root, given),
        gpu=_has_gpu(root),
        tpu=_tpu(root, given),
    )


def _notebook(environ: Mapping[str, str]) -> Optional[str]:
    # Kaggle first: its image is made from Colab's.
    if "KAGGLE_KERNEL_RUN_TYPE" in environ:
        return "kaggle"
    if "COLAB_RELEASE_TAG" in environ or "COLAB_BACKEND_VERSION" in environ:
        return "colab"
    if "JUPYTERHUB_API_URL" in environ or "JUPYTERHUB_SERVICE_PREFIX" in environ:
        return "jupyterhub"
    return None


def _dmi(root: str, name: str) -> str:
    return (read(os.path.join(root, "sys/class/dmi/id", name)) or "").strip()


def _cloud(root: str) -> Optional[str]:
    makers = [_dmi(root, name) for name in ("sys_vendor", "board_vendor", "bios_vendor")]
    if "Amazon EC2" in makers or "amazon" in _dmi(root, "bios_version").lower():
        return "aws"
    if _dmi(root, "product_name") == "Google Compute Engine":
        return "gcp"
    return "azure" if _dmi(root, "chassis_asset_tag") == _AZURE_TAG else None


def _instance(root: str) -> Optional[str]:
    """EC2's Nitro machines have it; those on Xen say ``HVM domU``."""
    name = _dmi(root, "product_name")
    return name if "." in name and " " not in name else None


def _container(root: str, environ: Mapping[str, str]) -> Optional[str]:
    if "KUBERNETES_SERVICE_HOST" in environ:
        return "kubernetes"
    if os.path.exists(os.path.join(root, "run/.containerenv")):
        return "podman"
    if os.path.exists(os.path.join(root, ".dockerenv")):
        return "docker"
    groups = read(os.path.join(root, "proc/1/cgroup")) or ""
    for word, name in _IN_CGROUP:
        if word in groups:
            return name
    return environ.get("container") or None  # systemd's convention


def _is_wsl(root: str, environ: Mapping[str, str]) -> bool:
    release = read(os.path.join(root, "proc/sys/kernel/osrelease")) or ""
    return "microsoft" in release.lower() or "WSL_DISTRO_NAME" in environ


def _names(root: str, folder: str) -> List[str]:
    try:
        return os.listdir(os.path.join(root, folder))
    except OSError:
        return []


def _has_gpu(root: str) -> bool:
    """NVIDIA's ``nvidia0``, AMD's ``kfd``, and ``dxg``, through which WSL reaches Windows'."""
    names = _names(root, "dev")
    return any(
        name in ("kfd", "dxg") or (name.startswith("nvidia") and name[6:].isdigit())
        for name in names
    )


def _tpu(root: str, environ: Mapping[str, str]) -> Optional[str]:
    given = environ.get("COLAB_TPU_1VM") == "1" or any(environ.get(one) for one in _TPU_VARIABLES)
    files = any(name.startswith("accel") and name[5:].isdigit() for name in _names(root, "dev"))
    if not given and not files:
        return None
    return environ.get("TPU_ACCELERATOR_TYPE") or "TPU"
