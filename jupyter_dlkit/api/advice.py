"""What to do where there is no accelerator; a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from ..hardware.place import Place
from .devices import Device

_COLAB = (
    "This Colab runtime has no GPU: choose Runtime → Change runtime type → a GPU, then Save;"
    " a new runtime starts, without your variables."
)
_KAGGLE = (
    "This Kaggle session has no GPU: choose Settings → Accelerator → a GPU;"
    " the session starts again, without your variables."
)
_TPU = (
    "This runtime has a {tpu}: tensors that torch_xla has put on it are listed with shape and"
    " dtype, but how much of its memory is in use, and JAX's arrays, cannot be seen from here."
)
_TPU_KIND = "TPU ({})"


def advice(place: Place, devices: Iterable[Device]) -> str | None:
    """For this place and the devices that torch has here."""
    if any(one.type != "cpu" for one in devices):
        return None
    if place.tpu is not None:
        kind = place.tpu if place.tpu == "TPU" else _TPU_KIND.format(place.tpu)
        return _TPU.format(tpu=kind)
    if place.gpu:
        return None
    return {"colab": _COLAB, "kaggle": _KAGGLE}.get(place.notebook or "")
