"""``%to``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from IPython.core.error import UsageError

from ..magic import Call, Magic, Typing
from ..options import Options

OPTIONS = Options(
    "%to DEVICE NAME … [--dry-run] [--force]\n       %to --undo",
    """
    Moves tensors, modules, optimizers or containers to a device, completely or not at all:
    with buffers, gradients, views, aliases and the state of optimizers.
    """,
    """
    %to cuda model optimizer
    %to cuda:1 batch['x'] --dry-run
    %to device model
    %to --undo
    """,
)
OPTIONS.add_argument(
    "device",
    metavar="DEVICE",
    nargs="?",
    help="such as cpu, cuda or cuda:1, or a variable that is one",
)
OPTIONS.add_argument(
    "names", metavar="NAME", nargs="*", help="variables, or paths such as model.layers[0]"
)
OPTIONS.add_argument("--dry-run", action="store_true", help="only say what would move")
OPTIONS.add_argument("--force", action="store_true", help="also what a live graph needs")
OPTIONS.add_argument("--undo", action="store_true", help="put the last move back")


def run(call: Call) -> Any:
    """A ``Moved``."""
    from ...api.moving import move, undo

    chosen = call.options
    if chosen.undo:
        if chosen.device is not None or chosen.dry_run or chosen.force:
            raise UsageError("%to --undo stands alone: it puts the last move back as a whole.")
        return undo()
    if chosen.device is None:
        raise UsageError("%to needs a device and what to move, such as %to cuda model.")
    device = _device(call, chosen.device)
    if not chosen.names:
        raise UsageError(f"%to {device} needs to know what to move, such as %to {device} model.")
    _check(call, chosen.device, device, chosen.names)
    return move(*chosen.names, device=device, dry_run=chosen.dry_run, force=chosen.force)


def _device(call: Call, text: str) -> str:
    """A device, or the variable that is one: ``device = torch.device('cuda')``."""
    from ...kernel.loaded import torch as loaded_torch

    torch = loaded_torch()
    name = text.removeprefix("$")
    value = call.shell.user_ns.get(name)
    if type(value) is str:
        return value
    if torch is not None and type(value) is torch.device:
        return str(value)
    return text


def _check(call: Call, text: str, device: str, names: list[str]) -> None:
    """Raises ``UsageError``: names before the device, names that reach nothing."""
    from ...kernel.loaded import torch as loaded_torch
    from ..paths import check_names, device_names, found

    if loaded_torch() is None:
        return  # there is nothing to move, and that is what is said
    devices = device_names()
    if device not in devices and found(call.shell, text):
        others = [name for name in names if name in devices]
        if others:
            things = " ".join([text, *(name for name in names if name != others[0])])
            raise UsageError(f"The device comes first: %to {others[0]} {things}.")
    check_names(call.shell, names)


def _typed(typing: Typing) -> Iterable[str]:
    from ..paths import device_names, device_variables, tensor_paths

    if any(not word.is_option for word in typing.words):
        return tensor_paths(typing.shell, typing.word)
    return [*device_names(), *device_variables(typing.shell)]


MAGIC = Magic(
    "to",
    "moves tensors and models to another device, completely or not at all",
    OPTIONS,
    line=run,
    typed=_typed,
)
