"""One row in full."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Optional

from . import arrays, columns, loaded, singular, values
from .columns import TEXT, TypeNames
from .errors import Refusal
from .inventory import Inventory
from .kinds import ARRAY, TENSOR, WRAPPED, Kinds
from .main_thread import MainThread, NotReached
from .resolve import Resolver
from .table import now

#: Other rows on the same storage that are named.
_MOST_SHARING = 100


async def describe(inventory: Inventory, main: MainThread, args: Dict[str, Any]) -> bytes:
    """JSON of a ``TensorDetail`` without ``kernel_state``.

    ``args``: ``id``, ``path``, ``values``, ``slice``, ``limit`` (elements),
    ``timeout_ms``; see ``protocol.TENSOR``.
    """
    row = _row(inventory, str(args.get("id")))
    path = str(args.get("path") or (row or {}).get("name") or "")
    if row is None or not path:
        raise Refusal(
            "gone",
            f"{path or 'This tensor'} is not in the list any more.",
            "It was deleted or replaced; refresh the list.",
            409 if path else 404,
        )
    look = Look(inventory, row, path, args)
    timeout = float(args.get("timeout_ms") or 2000) / 1000
    try:
        answer = await main.within(look.on_main_thread, timeout)
    except NotReached:
        if args.get("values"):
            raise Refusal(
                "busy",
                f"The kernel is busy outside of Python; the values of {path} cannot be read now.",
                "Wait until the cell has finished, or for a moment between two of its steps.",
                504,
            ) from None
        answer = look.from_list()
    return json.dumps(answer).encode()


def _row(inventory: Inventory, identity: str) -> Optional[Dict[str, Any]]:
    """The row as it was last listed."""
    table = inventory.table
    try:
        position = table.columns["id"].index(json.dumps(identity))
    except ValueError:
        return None
    return table.row(position)


class Look:
    """One look at one row."""

    def __init__(
        self, inventory: Inventory, row: Dict[str, Any], path: str, args: Dict[str, Any]
    ) -> None:
        self.inventory = inventory
        self.row = row
        self.path = path
        self.args = args

    def from_list(self) -> Dict[str, Any]:
        """What the list said, when the main thread cannot be asked."""
        return {
            **self.row,
            "path": self.path,
            "shared_with": self._sharing(),
            "grad": None,
            "autograd_known": False,
            "element_bytes": None,
            "note": "The kernel is busy outside of Python; this is what the list said.",
            "taken_at": self.inventory.table.taken_at,
            "values": None,
        }

    def on_main_thread(self) -> Dict[str, Any]:
        """Everything, values included; leaves no reference behind."""
        inventory = self.inventory
        resolver = Resolver(inventory.namespace(), inventory.outputs())
        found: List[Any] = [resolver.resolve(self.path)]
        kind = (Kinds().of(found) or [0])[0]
        if f"{id(found[0]):x}" != str(self.row["id"]).partition("-")[0] or kind not in (
            TENSOR,
            WRAPPED,
            ARRAY,
        ):
            raise Refusal(
                "changed",
                f"{self.path} is another object now than when it was listed.",
                "Refresh the list, and look again.",
                409,
            )
        answer = self.from_list()
        answer.update(note=None, taken_at=now(), autograd_known=True)
        if kind == ARRAY:
            self._array(found[0], answer)
        else:
            self._tensor(found[0], kind, answer)
        return answer

    # Kinds of rows ---------------------------------------------------------------

    def _tensor(self, tensor: Any, kind: int, answer: Dict[str, Any]) -> None:
        describer = self.inventory.scanner.describer()
        assert describer is not None
        plain = kind == TENSOR and describer.is_plain([tensor])[0]
        fresh = (
            describer.describe([tensor], TypeNames())
            if plain
            else singular.describe(describer, [tensor], [kind])
        )
        _merge(answer, fresh)
        if kind == WRAPPED:
            answer["note"] = (
                "Its class answers through __torch_dispatch__, which would run its code: "
                "only what is known of the class is shown."
            )
            return
        answer["element_bytes"] = columns.itemsize(describer.torch, describer.get["dtype"](tensor))
        self._autograd(describer, tensor, answer)
        self._values(describer.torch, tensor, plain, answer)

    def _array(self, array: Any, answer: Dict[str, Any]) -> None:
        numpy = loaded.numpy()
        fresh, _ = arrays.describe(numpy, [array], TypeNames())
        storage = answer["storage"]
        _merge(answer, fresh)
        answer["storage"] = storage  # the list knows with which tensors it is shared
        dtype = numpy.ndarray.dtype.__get__(array)
        answer["element_bytes"] = dtype.itemsize
        torch = loaded.torch()
        if not self.args.get("values"):
            return
        if torch is None or dtype.kind not in "biufc":
            raise Refusal(
                "no_values",
                f"The values of {self.path} ({dtype}) cannot be shown here.",
                "Print it in a cell." if torch else "They are shown once torch is imported.",
                409,
            )
        base = numpy.ndarray.view(array, numpy.ndarray)  # a subclass may have code of its own
        self._values(torch, torch.from_numpy(numpy.array(base, copy=True)), True, answer)

    def _autograd(self, describer: Any, tensor: Any, answer: Dict[str, Any]) -> None:
        base = describer.torch._C.TensorBase
        leaf = base.is_leaf.__get__(tensor)
        if not leaf:
            node = base.grad_fn.__get__(tensor)
            answer["grad_fn"] = None if node is None else type(node).__name__
        if not leaf and not base.retains_grad.__get__(tensor):
            return
        gradient = base.grad.__get__(tensor)
        if gradient is None:
            return
        kind = (Kinds().of([gradient]) or [0])[0]
        plain = kind == TENSOR and describer.is_plain([gradient])[0]
        fresh = (
            describer.describe([gradient], TypeNames())
            if plain
            else singular.describe(describer, [gradient], [kind])
        )
        row: Dict[str, Any] = {}
        _merge(row, fresh)
        answer["grad"] = {
            "name": f"{self.path}.grad",
            **{name: row[name] for name in ("shape", "dtype", "device", "bytes")},
        }

    def _values(self, torch: Any, tensor: Any, plain: bool, answer: Dict[str, Any]) -> None:
        wanted = self.args.get("values")
        if not wanted:
            return
        device = answer["device"]
        if not plain or device == "meta":
            if device == "meta":
                reason, hint = "has none on the meta device", "Materialise it with to_empty()."
            else:
                reason, hint = f"is {answer['layout']}", "Look at a dense copy: x.to_dense()."
            raise Refusal(
                "no_values",
                f"The values of {self.path} cannot be shown: it {reason}.",
                hint,
                409,
            )
        tensor = torch._C.TensorBase.detach(tensor)  # plain: a subclass may have code of its own
        if tensor.is_quantized:
            tensor = tensor.dequantize()
        limit = int(self.args.get("limit") or 1000)
        make: Dict[str, Callable[[], Any]] = {
            "summary": lambda: values.summary(torch, tensor),
            "slice": lambda: values.part(tensor, self.path, self.args.get("slice"), limit),
            "image": lambda: values.image(torch, tensor, self.path),
        }
        try:
            answer["values"] = {wanted: make[wanted]()}
        except (IndexError, RuntimeError, TypeError) as error:
            text = str(error).partition("\n")[0]
            error.__traceback__ = None
            raise Refusal(
                "bad_slice" if wanted == "slice" else "no_values",
                f"{self.path} could not be read: {text}",
                f"Its shape is {answer['shape']}.",
                400,
            ) from None

    def _sharing(self) -> List[Dict[str, str]]:
        storage = self.row["storage"]
        if storage is None or not storage["shared_by"]:
            return []
        table = self.inventory.table
        mine = table.storage(str(self.row["id"]))
        return [
            {"id": json.loads(table.columns["id"][row]), "name": table.columns["name"][row]}
            for row, other in enumerate(table.columns["storage_id"])
            if other == mine and table.columns["name"][row] != self.row["name"]
        ][:_MOST_SHARING]


def _merge(answer: Dict[str, Any], fresh: columns.Columns) -> None:
    """Put a described row over what the list said."""
    for name in columns.DESCRIBED:
        value = fresh[name][0]
        if name in TEXT:
            value = json.loads(value)
        if name == "storage_bytes":
            if answer.get("storage"):
                answer["storage"]["bytes"] = value
        elif name != "storage_id":
            answer[name] = value
