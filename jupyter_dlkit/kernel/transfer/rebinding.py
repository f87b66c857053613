"""Binds a path to a fresh tensor on the target; what it was bound to stays as it is.

For what is not moved in place: a result of autograd (``x = x.to(device)``, which
autograd follows), or a small view of a large storage.
"""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple

from ..errors import Refusal
from ..kinds import DICT, LIST, TENSOR
from ..resolve import Resolver
from . import target_device
from .targets import Target
from .values import COPY, DONE, FAILED, PREVIEW, Bytes, Move, Moved

Bind = Callable[[Any], None]


def rebind(
    session: Any, targets: List[Target], where: Any, how: str, dry_run: bool, id: Optional[str]
) -> Move:
    """Bind each path anew.  Raises ``Refusal`` (409) where a path cannot be assigned to."""
    torch, describer = session.torch, session.describer
    places: List[Tuple[Target, Bind]] = []
    moved: List[Moved] = []
    for target in targets:
        if session.heap.kinds.one(target.value) != TENSOR:
            raise Refusal(
                "not_a_tensor",
                f"{target.path} is not a tensor that can be copied.",
                "Move it as a whole.",
                409,
            )
        places.append((target, _place(session, target)))
        nbytes = int(describer.call["numel"](target.value)) * int(
            torch._C.TensorBase.element_size(target.value)
        )
        source = str(describer.get["device"](target.value))
        moved.append(
            Moved(target.path, None, source, str(where), nbytes, nbytes, [], "variable", [])
        )
    detach = ".detach()" if how == COPY else ""
    code = "\n".join(f"{t.path} = {t.path}{detach}.to({str(where)!r})" for t in targets)
    answer = Move(
        id,
        PREVIEW,
        str(where),
        how,
        moved=tuple(moved),
        undo_loses=("The names are bound to new tensors; undo does not bind them back.",),
        total_bytes=sum(row.bytes for row in moved),
        free=target_device.free_bytes(torch, where),
        code=code,
    )
    if dry_run:
        return answer
    before = target_device.allocated_bytes(torch, where)
    try:
        fresh = [_fresh(torch, target.value, where, how) for target in targets]
        target_device.synchronize(torch, where)
    except Exception as problem:
        said = f"Nothing was changed: {type(problem).__name__}: {problem}"
        problem.__traceback__ = None
        return answer._replace(state=FAILED, message=said, hint="Everything is as it was.")
    for (_, bind), tensor in zip(places, fresh):
        bind(tensor)
    after = target_device.allocated_bytes(torch, where)
    return answer._replace(
        state=DONE,
        bytes={str(where): Bytes(before, after)},
        message=f"{', '.join(target.path for target in targets)}: now a tensor on {where}.",
    )


def _fresh(torch: Any, tensor: Any, where: Any, how: str) -> Any:
    if how == COPY:
        return torch.Tensor.detach(tensor).to(where, copy=True)
    with torch.enable_grad():
        return tensor.to(where)


def _place(session: Any, target: Target) -> Bind:
    """How the path is assigned to: a variable, or an item of a plain dict or list."""
    import ast

    namespace = session.live
    try:
        tree: Any = ast.parse(target.path, mode="eval").body
    except SyntaxError:
        tree = None
    if isinstance(tree, ast.Name):
        name = tree.id
        return lambda tensor: namespace.__setitem__(name, tensor)
    if isinstance(tree, ast.Subscript):
        resolver = Resolver(session.namespace, session.outputs)
        owner_path = ast.get_source_segment(target.path, tree.value) or ""
        key: Any = tree.slice
        key = getattr(key, "value", key)
        key = getattr(key, "value", key)
        if isinstance(key, (str, int)) and owner_path and owner_path != "Out":
            owner = resolver.resolve(owner_path)
            kind = session.heap.kinds.one(owner)
            if kind == DICT:
                return lambda tensor: dict.__setitem__(owner, key, tensor)
            if kind == LIST and isinstance(key, int):
                return lambda tensor: list.__setitem__(owner, key, tensor)
    raise Refusal(
        "cannot_assign",
        f"{target.path} cannot be assigned to from here.",
        "Assign it in a cell of your own.",
        409,
    )
