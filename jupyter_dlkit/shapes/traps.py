"""What runs, and may not be what was meant."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from .call import Call, shape_text
from .dtypes import CATEGORY, FLOATING, INTEGER, ITEMSIZE, LIMITS
from .layout import elements
from .values import Operand, Result, Scalar, Shape, Trap

#: A result is very much larger than its operands from so many times all of them together…
_TIMES_LARGER = 16
#: … and from so many bytes.
_LARGE = 64 * 2**20


def size_text(size: int) -> str:
    """Bytes for people: ``37.3 GiB``."""
    number = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if number < 1024 or unit == "PiB":
            break
        number /= 1024
    return f"{size} bytes" if unit == "bytes" else f"{number:.4g} {unit}"


def mismatched_loss(call: Call, shape: Shape) -> None:
    """A loss whose target is not shaped like its input: it compares every one with every one."""
    x, y = call.tensor(0), call.tensor(1)
    if x.shape == y.shape:
        return
    call.traps.append(
        Trap(
            "loss_broadcast",
            f"{call.named(0)} has shape {shape_text(x.shape)} and {call.named(1)} "
            f"{shape_text(y.shape)}: {call.operation} broadcasts them to {shape_text(shape)} and "
            "compares elements that do not belong together.",
            (0, 1),
        )
    )


def look_for_traps(call: Call, results: Sequence[Result]) -> None:
    """Adds to the call what is odd about a result of it."""
    if not results:
        return
    tensors = call.tensors
    if call.dimensions and len(tensors) > 1:
        _outer(call, tensors, _broadcast_shape(call))
        _doubles(call, tensors, results[0])
    elif call.operation in ("cat", "stack", "concat"):
        _doubles(call, tensors, results[0])
    if any(isinstance(one, Scalar) for one in call.operands):
        _wraps(call, results[0])
    _too_large(call, results, sum(elements(one.shape) for _, one in tensors))


def _broadcast_shape(call: Call) -> Shape:
    final = []
    for column in call.dimensions:
        sizes = [size for size in column.sizes if size is not None and size != 1]
        final.append(sizes[0] if sizes else 1)
    return tuple(final)


def _meant(operand: Operand) -> bool:
    """Whether the code says that dimensions are added on purpose."""
    name = operand.name or ""
    return "None" in name or "unsqueeze" in name or "newaxis" in name


def _outer(call: Call, tensors: Sequence[Tuple[int, Operand]], shape: Shape) -> None:
    """(N, 1) with (N,): equal numbers of elements, different ranks."""
    if any(trap.code == "loss_broadcast" for trap in call.traps):
        return
    total = elements(shape)
    for place, (left, x) in enumerate(tensors[:4]):
        for right, y in tensors[place + 1 : 4]:
            count = elements(x.shape)
            if count != elements(y.shape) or len(x.shape) == len(y.shape) or count < 2:
                continue
            grown = total > count
            meant = not grown or _meant(x) or _meant(y)
            texts = f"{call.named(left)} {shape_text(x.shape)} and {call.named(right)} "
            texts += f"{shape_text(y.shape)} have {count} elements each and different ranks"
            call.traps.append(
                Trap(
                    "outer_product" if grown else "equal_numel",
                    f"{texts}: together they become {shape_text(shape)}"
                    + (", every element with every one." if grown else "."),
                    (left, right),
                    severity="note" if meant else "warning",
                )
            )
            return


def _doubles(call: Call, tensors: Sequence[Tuple[int, Operand]], result: Result) -> None:
    """float32 with float64: everything becomes float64."""
    if result.dtype != "float64":
        return
    wide = [(i, one) for i, one in tensors if one.shape and one.dtype == "float64"]
    narrow = [
        (i, one)
        for i, one in tensors
        if one.shape
        and CATEGORY[one.dtype] == FLOATING
        and ITEMSIZE[one.dtype] < ITEMSIZE["float64"]
    ]
    if wide and narrow:
        i, j = wide[0][0], narrow[0][0]
        call.traps.append(
            Trap(
                "doubles",
                f"{call.named(i)} is float64 (NumPy's default) and {call.named(j)} is "
                f"{narrow[0][1].dtype}: the result is float64, {size_text(result.bytes)}, twice "
                "the memory and slower on GPUs.",
                (i, j),
            )
        )


def _wraps(call: Call, result: Result) -> None:
    """A Python number that the integers of a tensor cannot hold."""
    dtypes = [one.dtype for _, one in call.tensors]
    dtype: Optional[str] = result.dtype if CATEGORY[result.dtype] == INTEGER else None
    if dtype is None and result.dtype == "bool" and len(dtypes) == 1:
        dtype = dtypes[0]
    if dtype not in LIMITS:
        return
    low, high = LIMITS[dtype]
    for index, one in enumerate(call.operands):
        if not isinstance(one, Scalar) or not one.known or not isinstance(one.value, int):
            continue
        if not low <= one.value <= high:
            call.traps.append(
                Trap(
                    "wraps",
                    f"{one.value} does not fit into {dtype}, {low} to {high}: it wraps round to "
                    f"{(one.value - low) % (high - low + 1) + low} without a word.",
                    (index,),
                    fix=_wider(call, one.value),
                )
            )


def _wider(call: Call, value: int) -> Optional[str]:
    names = [call.named(i) for i, one in call.tensors if one.name]
    fits = next(
        (d for d in ("int16", "int32", "int64") if LIMITS[d][0] <= value <= LIMITS[d][1]), None
    )
    return f"{names[0]}.to(torch.{fits})" if names and fits else None


def _too_large(call: Call, results: Sequence[Result], operands: int) -> None:
    new = [one for one in results if not one.view]
    if not new or call.operation.endswith("_"):
        return
    need = sum(one.bytes for one in new)
    device = new[0].device
    free = call.free.get(device)
    if free is not None and need > free:
        call.traps.append(
            Trap(
                "exceeds_free",
                f"The result {shape_text(new[0].shape)} needs {size_text(need)}, and "
                f"{size_text(free)} are free on {device}.",
            )
        )
    elif need >= _LARGE and sum(elements(one.shape) for one in new) >= _TIMES_LARGER * operands > 0:
        beside = "" if free is None else f" {size_text(free)} are free on {device}."
        call.traps.append(
            Trap(
                "much_larger",
                f"The result {shape_text(new[0].shape)} has {size_text(need)}, very much more than "
                f"its operands.{beside}",
                tuple(index for index, _ in call.tensors),
            )
        )
