"""Where this process runs: whose notebook host, whose cloud.  Nothing is asked over a network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Mapping, Optional


@dataclass(frozen=True)
class Place:
    """Where a process runs.

    ``notebook``: ``colab``, ``kaggle``, ``jupyterhub`` or None.  ``cloud``: ``aws``, ``gcp``,
    ``azure`` or None; ``instance``: the type of the machine, where that is written anywhere.
    ``container``: ``docker``, ``podman``, ``kubernetes``, ``container`` or None.  ``wsl``:
    whether it is Linux under Windows.  ``tpu``: whether the machine was given a TPU.
    """

    notebook: Optional[str] = None
    cloud: Optional[str] = None
    instance: Optional[str] = None
    container: Optional[str] = None
    wsl: bool = False
    tpu: bool = False


def here(root: str = "/", environ: Optional[Mapping[str, str]] = None) -> Place:
    """The place.  ``root`` stands for the file system, ``environ`` for the environment."""
    given = os.environ if environ is None else environ
    notebook = "colab" if given.get("COLAB_RELEASE_TAG") else None
    return Place(notebook=notebook)
