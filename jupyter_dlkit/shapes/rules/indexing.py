"""Elements chosen: by whole numbers, slices, None, ..., masks and tensors of indices."""

from __future__ import annotations

from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

from ..arguments import whole
from ..broadcasting import aligned
from ..call import Call, shape_text
from ..dtype_rules import SORT, demand
from ..errors import Malformed, UnknownArgument
from ..layout import elements
from ..registry import Outcome, Undetermined, rule
from ..signature import described
from ..values import Operand, Scalar, Shape
from ..writing import writable

_INDEX_DTYPES = ("int64", "int32")


class Picked(NamedTuple):
    """What an index leaves: None where a mask's values decide it."""

    shape: Optional[Shape]
    strides: Optional[Tuple[int, ...]]
    view: bool


def getitem_indices(call: Call) -> List[Any]:
    """The items of an index: those of a tuple or list, or the one that is given."""
    index = call["index"]
    items = list(index) if isinstance(index, (list, tuple)) else [index]
    if len(items) > 128:
        raise Malformed(f"An index of {len(items)} items.")
    return [one.value if isinstance(one, Scalar) and one.known else one for one in items]


@rule("getitem(input T, index)")
def getitem(call: Call) -> Outcome:
    """Basic items make a view; tensors of indices broadcast together and make a copy."""
    x = call.tensor(0)
    picked = pick(call, x, getitem_indices(call))
    if picked.shape is None:
        return Undetermined("How many elements the mask chooses depends on its values.")
    return call.result(
        picked.shape, x.dtype, x.device, picked.view, picked.strides if picked.view else None
    )


@rule("setitem(input T, index, value N)")
def setitem(call: Call) -> Outcome:
    """The value broadcasts to what the index chooses; it is converted to its dtype."""
    x = call.tensor(0)
    picked = pick(call, x, getitem_indices(call))
    if not picked.view:
        demand(call, x.dtype, "bifc", x.device, (0,))
    writable(call, 0, x)
    value = call.optional(1)
    if value is not None and picked.shape is not None:
        if value.device != x.device and value.shape and not picked.view:
            call.problem(
                "device",
                f"{call.named(0)} is on {x.device} and {call.named(1)} on {value.device}.",
                (0, 1),
            )
        shape = value.shape
        while len(shape) > len(picked.shape) and shape[0] == 1:
            shape = shape[1:]
        columns, final = aligned([picked.shape, shape])
        if final != picked.shape or any(column.verdict == "clash" for column in columns):
            call.problem(
                "shape",
                f"{call.named(1)} has shape {shape_text(value.shape)} and does not fit "
                f"{shape_text(picked.shape)}, which the index chooses.",
                (0, 1),
            )
    return call.result(x.shape, x.dtype, x.device, strides=x.strides)


def pick(call: Call, x: Operand, items: Sequence[Any]) -> Picked:
    """The shape that an index leaves of ``x``."""
    consumed = sum(_consumes(one) for one in items)
    if consumed > len(x.shape):
        raise call.refuse(
            "index",
            f"{call.named(0)} has {len(x.shape)} dimensions, {shape_text(x.shape)}: "
            f"an index of {consumed} is too many.",
            (0,),
        )
    if sum(one is Ellipsis for one in items) > 1:
        raise UnknownArgument("An index with more than one ... .")
    filled: List[Any] = []
    for one in items:
        if one is Ellipsis:
            filled.extend([slice(None)] * (len(x.shape) - consumed))
        else:
            filled.append(one)
    given = sum(_consumes(one) for one in filled)
    filled.extend([slice(None)] * (len(x.shape) - given))
    return _Picking(call, x).run(filled)


def _consumes(item: Any) -> int:
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    if (isinstance(item, Operand) and SORT[item.dtype] in "b") or _byte_mask(item):
        return len(item.shape)
    return 1


def _byte_mask(item: Any) -> bool:
    return isinstance(item, Operand) and item.dtype == "uint8"


class _Picking:
    """One index applied to one tensor, item by item from the left."""

    def __init__(self, call: Call, x: Operand) -> None:
        self.call = call
        self.x = x
        self.dim = 0
        self.shape: List[int] = []
        self.strides: List[int] = []
        #: Where in the result so far a tensor index stands, and the shape it has.
        self.advanced: List[Tuple[int, Shape, str]] = []
        self.undetermined = False

    def run(self, items: Sequence[Any]) -> Picked:
        for item in items:
            if item is None or isinstance(item, bool):
                self._new(item)
            elif isinstance(item, slice):
                self._slice(item)
            elif isinstance(item, Operand):
                self._tensor(item)
            elif isinstance(item, (list, tuple)):
                self._tensor(_as_indices(self.call, item))
            else:
                self._number(item)
        if not self.advanced:
            strides = tuple(self.strides) if self.x.strides is not None else None
            return Picked(tuple(self.shape), strides, True)
        return self._together()

    def _step(self) -> int:
        return self.x.strides[self.dim] if self.x.strides is not None else 0

    def _new(self, item: Optional[bool]) -> None:
        if item is None:
            self.shape.append(1)
            step = self.x.shape[self.dim] * self._step() if self.dim < len(self.x.shape) else 1
            self.strides.append(step)
        else:
            self._advance((int(item),), str(item))

    def _slice(self, item: slice) -> None:
        for part in (item.start, item.stop, item.step):
            if isinstance(part, Scalar):
                raise UnknownArgument("A slice of numbers that are not known.")
            if isinstance(part, Operand):
                raise UnknownArgument("A slice between tensors.")
            if part is not None and (isinstance(part, bool) or not isinstance(part, int)):
                raise Malformed(f"A slice goes between whole numbers, not {described(part)}.")
        if item.step is not None and item.step <= 0:
            raise self.call.refuse("index", "torch's slices have no step below 1: use flip.", (0,))
        start, stop, step = item.indices(self.x.shape[self.dim])
        self.shape.append(len(range(start, stop, step)))
        self.strides.append(self._step() * step)
        self.dim += 1

    def _number(self, item: Any) -> None:
        known = not (isinstance(item, Scalar) and not item.known)
        size = self.x.shape[self.dim]
        if not known and not size:
            raise self.call.refuse("range", f"{self.call.named(0)} is empty: no index fits.", (0,))
        if known:
            place = whole(self.call, "the index", item)
            if not -size <= place < size:
                raise self.call.refuse(
                    "range",
                    f"{self.call.named(0)} has {size} in dim {self.dim}: there is no index "
                    f"{place}.",
                    (0,),
                    self.dim - len(self.x.shape),
                )
        self.dim += 1

    def _tensor(self, item: Operand) -> None:
        sort = SORT[item.dtype]
        if not item.shape and sort == "i" and item.dtype != "uint8":
            # torch reads its value: an index of one number, wherever it is.
            limits = item.index_range or (0, -1)
            known = limits[0] == limits[1]
            self._number(limits[0] if known else Scalar(0, known=False))
            return
        name = item.name or "the index"
        if item.device not in ("cpu", self.x.device):
            self.call.problem(
                "device",
                f"{name} is on {item.device} and {self.call.named(0)} on {self.x.device}: indices "
                "are on the CPU or on the tensor's own device.",
                (0,),
            )
        if sort == "b" or item.dtype == "uint8":
            self._mask(item, name)
            return
        if item.dtype not in _INDEX_DTYPES:
            raise self.call.refuse(
                "dtype",
                f"{name} is {item.dtype}: indices are whole numbers (int64) or bool.",
                (0,),
            )
        self._in_range(item, name)
        self._advance(item.shape, name)
        self.dim += 1

    def _in_range(self, item: Operand, name: str) -> None:
        size = self.x.shape[self.dim]
        if not size and elements(item.shape):
            raise self.call.refuse("range", f"{self.call.named(0)} is empty: no index fits.", (0,))
        if item.index_range is not None and elements(item.shape):
            low, high = item.index_range
            if low < -size or high >= size:
                raise self.call.refuse(
                    "range",
                    f"{name} goes from {low} to {high}, and {self.call.named(0)} has {size} in "
                    f"dim {self.dim}.",
                    (0,),
                )

    def _mask(self, item: Operand, name: str) -> None:
        own = self.x.shape[self.dim : self.dim + len(item.shape)]
        for offset, (size, wanted) in enumerate(zip(item.shape, own)):
            if size != wanted:
                raise self.call.refuse(
                    "mask",
                    f"The mask {name} has {size} in dim {offset} and {self.call.named(0)} has "
                    f"{wanted} in dim {self.dim + offset}: they must be equal.",
                    (0,),
                    self.dim + offset - len(self.x.shape),
                )
        if item.index_range is None or item.index_range[0] != item.index_range[1]:
            self.undetermined = True
            self._advance((-1,), name)
        else:
            self._advance((item.index_range[0],), name)
        self.dim += len(item.shape)

    def _advance(self, shape: Shape, name: str) -> None:
        self.advanced.append((len(self.shape), shape, name))

    def _together(self) -> Picked:
        shapes = [shape for _, shape, _ in self.advanced]
        known = [shape for shape in shapes if -1 not in shape]
        columns, final = aligned(known)
        for column in columns:
            if column.verdict == "clash":
                listed = ", ".join(shape_text(shape) for shape in known)
                raise self.call.refuse(
                    "index", f"The indices have shapes {listed}, which do not broadcast.", (0,)
                )
        places = {place for place, _, _ in self.advanced}
        if self.undetermined:
            return Picked(None, None, False)
        at = self.advanced[0][0] if len(places) == 1 else 0
        shape = (*self.shape[:at], *final, *self.shape[at:])
        return Picked(shape, None, False)


def _as_indices(call: Call, item: Sequence[Any]) -> Operand:
    """A list of numbers as the tensor that torch makes of it."""
    shape: List[int] = []
    level: Any = item
    while isinstance(level, (list, tuple)):
        shape.append(len(level))
        if not level:
            break
        level = level[0]
    flat = list(_flat(item))
    if any(isinstance(one, Operand) for one in flat):
        raise UnknownArgument("A list of tensors as an index.")
    if all(isinstance(one, bool) for one in flat) and flat:
        chosen = sum(flat)
        return Operand(tuple(shape), "bool", index_range=(chosen, chosen))
    numbers = [whole(call, "an index", one) for one in flat]
    limits = (min(numbers), max(numbers)) if numbers else None
    return Operand(tuple(shape), "int64", index_range=limits)


def _flat(item: Any) -> Sequence[Any]:
    if not isinstance(item, (list, tuple)):
        return [item.value if isinstance(item, Scalar) and item.known else item]
    return [inner for one in item for inner in _flat(one)]
