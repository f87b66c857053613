"""A container on a machine with a GPU that was started without it."""

from __future__ import annotations

from ...hardware.place import here
from ..accelerators import accelerators
from ..facts import Facts
from ..registry import Seen, check


@check("accelerator.container", title="The container was given the GPU", cause=20)
def container(facts: Facts) -> Seen:
    """The host's PCI bus and module can be seen in a container, the device files only if given."""
    place = here(facts.root, facts.environ)
    if place.container is None:
        return Seen("not_applicable", "This is no container")
    found = accelerators(facts)
    visible = facts.environ.get("NVIDIA_VISIBLE_DEVICES")
    evidence = [
        f"container: {place.container}",
        f"the host's NVIDIA module: {found.module or 'not seen'}",
        f"NVIDIA on PCI: {', '.join(found.pci.get('NVIDIA', ())) or 'none'}",
        f"device files: {', '.join(found.nodes) or 'no /dev/nvidia*'}",
        f"NVIDIA_VISIBLE_DEVICES: {visible if visible is not None else 'not set'}",
    ]
    command = "ls /dev/nvidia*"
    if found.nodes or found.dxg:
        return Seen("ok", evidence=evidence, command=command)
    if visible in ("void", "none", "") and not (found.module or found.pci.get("NVIDIA")):
        return Seen(
            "info",
            f"NVIDIA_VISIBLE_DEVICES={visible} keeps GPUs out of this container",
            evidence,
            "echo $NVIDIA_VISIBLE_DEVICES",
            "If the host has a GPU, start the container with --gpus all.",
        )
    if not found.module and not found.pci.get("NVIDIA"):
        return Seen("not_applicable", "No NVIDIA GPU of the host can be seen", evidence, command)
    how = {
        "kubernetes": "ask for one in the pod: resources: limits: nvidia.com/gpu: 1",
        "podman": "podman run --device nvidia.com/gpu=all …",
    }.get(place.container, "docker run --gpus all … (needs the NVIDIA Container Toolkit)")
    return Seen(
        "problem",
        "The host has an NVIDIA GPU, but this container was started without it",
        evidence,
        command,
        f"Start the container with the GPU: {how}.",
    )
