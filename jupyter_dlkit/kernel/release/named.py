"""What a person clicked by its name: a variable, or the gradients of a module or an optimizer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Dict, List

from .. import loaded
from ..errors import Refusal
from ..inventory import namespace_of, outputs_of
from ..kinds import DICT, LIST, MODULE, OPTIMIZER, TENSOR, Kinds, instance_dict
from ..memory.roots import Roots
from ..resolve import Resolver
from ..transfer import unbinding
from ..transfer.belongings import of as belongings_of
from .parts import Part, Reference, roots


def name(shell: Any, what: str, path: str) -> Part:
    """A variable, an item of a plain dict, or an attribute of a plain object: that name only.

    Raises ``Refusal``: 400 no such path, 404 nothing there, 409 a name that is not to be deleted.
    """
    session = SimpleNamespace(
        live=shell.user_ns,
        namespace=namespace_of(shell),
        outputs=outputs_of(shell),
        heap=SimpleNamespace(kinds=Kinds()),
    )
    Resolver(session.namespace, session.outputs).resolve(path)
    step = unbinding.of_path(session, path, attributes=True)
    if step is None:
        raise Refusal(
            "cannot_delete",
            f"{path} cannot be deleted without breaking what it belongs to.",
            "Delete the variable by which you reach the whole.",
            409,
        )

    def only() -> Any:
        space = namespace_of(shell)
        return roots(shell, {path: Resolver(space, outputs_of(shell)).resolve(path)})

    def without(rest: Roots) -> Roots:
        rest.namespace.pop(path, None)
        return rest

    plain = path.isidentifier()
    return Part(
        what,
        [Reference(path, step.run)],
        only,
        without if plain else None,
        lambda holder: holder == path or holder.startswith((f"{path}.", f"{path}[")),
    )


def gradients(shell: Any, what: str, path: str) -> Part:
    """The gradients of a tensor, or of the parameters of a module or an optimizer.

    Raises ``Refusal``: 400 no such path, 404 nothing there, or nothing that has gradients.
    """
    torch = loaded.torch()
    value = Resolver(namespace_of(shell), outputs_of(shell)).resolve(path)
    leaves = [] if torch is None else _leaves(torch, value, path)
    if not leaves:
        raise Refusal(
            "no_parameters",
            f"{path} has no tensors that gradients are kept for.",
            "Choose a module, an optimizer, or a parameter.",
            404,
        )
    grad = torch._C.TensorBase.grad
    kept = [leaf for leaf in leaves if grad.__get__(leaf) is not None]
    references = []
    if kept:
        label = f"the gradients of {path}" if len(kept) > 1 else f"the gradient of {path}"
        references.append(Reference(label, lambda: [grad.__set__(leaf, None) for leaf in kept]))

    def only() -> Any:
        found: Dict[str, Any] = {}
        for number, leaf in enumerate(_leaves(torch, value, path)):
            found[f"gradient{number}"] = grad.__get__(leaf)
        return roots(shell, found)

    nothing = None if kept else f"{path} keeps no gradients"
    return Part(what, references, only, None, lambda holder: holder.endswith(".grad"), nothing)


def _leaves(torch: Any, value: Any, path: str) -> List[Any]:
    kinds = Kinds()
    kind = kinds.one(value)
    is_leaf = torch._C.TensorBase.is_leaf.__get__
    if kind == TENSOR:
        found = [value]
    elif kind == MODULE:
        found = [one.tensor for one in belongings_of(kinds, value, path).tensors]
    elif kind == OPTIMIZER:
        attributes = instance_dict(value, kinds.layout(type(value))) or {}
        found = _of_groups(kinds, attributes.get("param_groups"))
    else:
        found = []
    once = {id(one): one for one in found if kinds.one(one) == TENSOR}
    return [one for one in once.values() if is_leaf(one)]


def _of_groups(kinds: Kinds, groups: Any) -> List[Any]:
    found: List[Any] = []
    for group in list.__getitem__(groups, slice(None)) if kinds.one(groups) == LIST else ():
        parameters: Any = dict.get(group, "params") if kinds.one(group) == DICT else None
        if kinds.one(parameters) == LIST:
            found += list.__getitem__(parameters, slice(None))
    return found
