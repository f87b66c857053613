"""Why a tensor cannot be moved, in words; None when it can."""

from __future__ import annotations

import sys
from typing import Any, Optional

from .. import singular
from ..columns import Describer
from ..kinds import WRAPPED, type_name
from .graphs import UNNAMED
from .values import COPY, REBIND, Alternative, Refused

#: Dtypes that a kind of device does not have, and the cast that would work.
_MISSING = {
    "mps": {"float64": "float()", "complex128": "to(torch.complex64)"},
}


def of(describer: Describer, tensor: Any, kind: int, name: str, device: Any) -> Optional[Refused]:
    """What speaks against moving this tensor to ``device``, whatever else is with it."""
    if kind == WRAPPED:
        return _wrapped(tensor, name)
    functorch = describer.functorch
    if functorch is not None and functorch(tensor):
        return Refused(
            name,
            "functorch",
            f"{name} belongs to a function transform (vmap, grad) that is running.",
            "Move it when the transformed function has returned.",
        )
    if describer.get["device"](tensor).type == "meta":
        return Refused(
            name,
            "from_meta",
            f"{name} is on meta: it has a shape and no values that could be moved.",
            f"Give its module memory with module.to_empty(device={str(device)!r}), and fill it.",
        )
    if not describer.get["is_leaf"](tensor):
        return _non_leaf(describer, tensor, name, device)
    dtype = str(describer.get["dtype"](tensor)).partition(".")[2]
    cast = _MISSING.get(device.type, {}).get(dtype)
    if cast is not None:
        return Refused(
            name,
            "dtype",
            f"{name} is {dtype}, which {device.type} does not have.",
            f"Cast it first: {name} = {name}.{cast}.",
        )
    return None


def _wrapped(tensor: Any, name: str) -> Refused:
    cls = type(tensor)
    fake = sys.modules.get(singular.FAKE)
    if fake is not None and isinstance(tensor, fake.FakeTensor):
        return Refused(
            name,
            "fake",
            f"{name} is a FakeTensor: it has no values that could be moved.",
            "Make the real tensor on the device that you want.",
        )
    return Refused(
        name,
        "wrapper",
        f"{name} is a {type_name(cls)}, whose class answers for it through __torch_dispatch__:"
        " it may consist of other tensors.",
        "Use what its library offers, or move the tensors that it was made of.",
    )


def _non_leaf(describer: Describer, tensor: Any, name: str, device: Any) -> Refused:
    node = type_name(type(describer.torch._C.TensorBase.grad_fn.__get__(tensor)))
    return Refused(
        name,
        "non_leaf",
        f"{name} is a result that autograd recorded ({node}): moved in place, its graph would"
        " be wrong.",
        f"Bind the name to a moved result instead, which autograd follows: {name} ="
        f" {name}.to({str(device)!r}).",
        False,
        (
            Alternative(
                REBIND,
                name,
                "Bind the name to a copy there that autograd follows",
                f"{name} = {name}.to({str(device)!r})",
            ),
            Alternative(
                COPY,
                name,
                "Bind the name to a copy there without its graph",
                f"{name} = {name}.detach().to({str(device)!r})",
            ),
        ),
    )


def parameter(name: str, module: str, device: Any) -> Refused:
    """A parameter that is not moved without its module."""
    return Refused(
        name,
        "parameter",
        f"{name} is a parameter of {module}: alone on {device}, it would not fit the rest.",
        f"Move {module}.",
        False,
        (Alternative("move", module, f"Move {module}", None),),
    )


def needed_by_graph(name: str, holder: str) -> Refused:
    """A tensor that a live graph would find elsewhere."""
    run = (
        "Delete what holds it (a clone() of a parameter, say)"
        if holder == UNNAMED
        else f"Run {holder}.backward() first, delete {holder}"
    )
    return Refused(
        name,
        "in_graph",
        f"{name} is needed by the graph of {holder}, which has not been run backwards: it would"
        " fail, or leave its gradient on the old device.",
        f"{run}, or compute it under torch.no_grad().",
        True,
    )


def distributed(name: str, module: Any) -> Optional[Refused]:
    """A module whose wrapper is bound to its device."""
    for base in type(module).__mro__:
        if type_name(base) in ("DistributedDataParallel", "FullyShardedDataParallel"):
            return Refused(
                name,
                "distributed",
                f"{name} is a {type_name(base)}: its communication is bound to its devices.",
                "Move the module that it wraps, before it is wrapped.",
            )
    return None


def incompatible(name: str, source: Any, target: Any, module: Optional[str]) -> Refused:
    """Devices between which a tensor object cannot be pointed at other memory.

    ``module``: path of the module that it belongs to; such a slot takes no plain copy.
    """
    message = (
        f"torch cannot let {name} keep its identity from {source} to {target}: it would make new"
        " tensors, and an optimizer would silently go on updating the old ones."
    )
    if module is not None:
        return Refused(
            name,
            "incompatible",
            message,
            f"Run {module}.to({str(target)!r}) in a cell, and then make its optimizer anew, from"
            f" {module}.parameters().",
        )
    code = f"{name} = {name}.detach().to({str(target)!r})"
    return Refused(
        name,
        "incompatible",
        message,
        f"Bind the name to a copy there: {code}. Its other names keep the old tensor.",
        False,
        (Alternative(COPY, name, "Bind the name to a copy there", code),),
    )
