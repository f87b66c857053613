"""What a set of tensors is, to the bit, so that two moments can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import torch


@dataclass(frozen=True)
class Portrait:
    """One tensor object; ``shares`` names the first tensor of the same storage."""

    identity: int
    type: type
    device: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    values: bytes
    storage: bytes
    shares: str
    requires_grad: bool
    is_leaf: bool
    is_conj: bool
    is_neg: bool
    is_view: bool
    is_inference: bool
    version: int | None
    grad: int | None
    grad_fn: int | None
    base: str | None
    hooks: tuple[int, ...]
    attributes: tuple[tuple[str, int], ...]


Picture = dict[str, Portrait]


def storage_bytes(tensor: torch.Tensor) -> bytes:
    """All bytes of its storage, wherever it is."""
    whole = torch.empty(0, dtype=torch.uint8, device=tensor.device)
    whole.set_(tensor.untyped_storage())
    return bytes(whole.cpu().numpy().tobytes())


def value_bytes(tensor: torch.Tensor) -> bytes:
    """Its elements in order as bits, with what its conjugate and negative bits say applied."""
    host = tensor.detach().cpu().resolve_conj().resolve_neg()
    flat = torch.empty(host.numel(), dtype=host.dtype).copy_(host.reshape(-1))
    return bytes(flat.view(torch.uint8).numpy().tobytes()) if flat.numel() else b""


def take(tensors: Mapping[str, torch.Tensor]) -> Picture:
    """Portraits by name; what is named here stays alive as long as the caller says."""
    first: dict[int, str] = {}
    names = {id(tensor): name for name, tensor in reversed(tensors.items())}
    whole: dict[int, bytes] = {}
    picture: Picture = {}
    with torch.no_grad():
        for name, tensor in tensors.items():
            key = tensor.untyped_storage()._cdata
            first.setdefault(key, name)
            if key not in whole:
                whole[key] = storage_bytes(tensor)
            base = tensor._base
            gradient = tensor.grad if tensor.is_leaf else None
            hooks = (tensor._backward_hooks or {}, tensor._post_accumulate_grad_hooks or {})
            picture[name] = Portrait(
                identity=id(tensor),
                type=type(tensor),
                device=str(tensor.device),
                dtype=tensor.dtype,
                shape=tuple(tensor.shape),
                stride=tensor.stride(),
                offset=tensor.storage_offset(),
                values=value_bytes(tensor),
                storage=whole[key],
                shares=first[key],
                requires_grad=tensor.requires_grad,
                is_leaf=tensor.is_leaf,
                is_conj=tensor.is_conj(),
                is_neg=tensor.is_neg(),
                is_view=tensor._is_view(),
                is_inference=tensor.is_inference(),
                version=None if tensor.is_inference() else tensor._version,
                grad=None if gradient is None else id(gradient),
                grad_fn=None if tensor.grad_fn is None else id(tensor.grad_fn),
                base=None if base is None else names.get(id(base), "not among these"),
                hooks=tuple(id(hook) for group in hooks for hook in group.values()),
                attributes=tuple((key, id(value)) for key, value in vars(tensor).items()),
            )
    return picture


def differences(before: Picture, after: Picture) -> list[str]:
    """What is not the same, in words; empty when all is."""
    assert before.keys() == after.keys()
    return [
        f"{name}: {field.name} was {_short(getattr(was, field.name))},"
        f" is {_short(getattr(after[name], field.name))}"
        for name, was in before.items()
        for field in fields(Portrait)
        if getattr(was, field.name) != getattr(after[name], field.name)
    ]


class Watched:
    """Tensors with a picture of how they were when this was made.

    >>> watched = Watched(x=x, row=x[0])
    >>> user.moves("x")
    >>> watched.have_moved("toy:0")
    """

    def __init__(self, **tensors: torch.Tensor) -> None:
        self.tensors = tensors
        self.before = take(tensors)

    def have_not_changed(self) -> None:
        """Every bit and every flag is as it was, where it was."""
        assert differences(self.before, take(self.tensors)) == []

    def have_moved(self, device: str, *names: str, **allowed: Any) -> None:
        """Those of these names (or all) are on ``device``, and nothing else has changed.

        ``allowed``: fields that are known to be different now, with their values.
        """
        chosen = set(names or self.before)
        assert chosen <= self.before.keys(), chosen - self.before.keys()
        expected = {
            name: replace(portrait, device=device, **allowed) if name in chosen else portrait
            for name, portrait in self.before.items()
        }
        assert differences(expected, take(self.tensors)) == []


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."
