"""Matrix products: nothing is promoted, and the inner dimensions never stretch."""

from __future__ import annotations

from typing import Sequence, Tuple

from ..broadcasting import aligned, clash
from ..call import Call, shape_text
from ..devices import one_device
from ..dtype_rules import SORT, demand, meet, same_dtype
from ..errors import UnknownArgument
from ..registry import Outcome, rule
from ..values import Dimension, Operand, Result, Shape


def ranked(call: Call, index: int, ranks: Sequence[int]) -> Operand:
    """The operand, which must have one of these ranks."""
    one = call.tensor(index)
    if len(one.shape) not in ranks:
        wanted = " or ".join(str(rank) for rank in ranks)
        raise call.refuse(
            "rank",
            f"{call.named(index)} has {len(one.shape)} dimensions, {shape_text(one.shape)}; "
            f"{call.operation} takes {wanted} there.",
            (index,),
        )
    return one


def inner(call: Call, left: int, right: int, sizes: Tuple[int, int], dims: Tuple[int, int]) -> None:
    """Refuses inner dimensions that differ; ``dims`` are their indices in the operands."""
    if sizes[0] == sizes[1]:
        return
    x, y = call.tensor(left), call.tensor(right)
    raise call.refuse(
        "inner",
        f"{call.named(left)} has {sizes[0]} in dim {dims[0]} and {call.named(right)} has "
        f"{sizes[1]} in dim {dims[1]}: the inner dimensions of a matrix product must be equal, "
        f"{shape_text(x.shape)} against {shape_text(y.shape)}. A 1 does not stretch there.",
        (left, right),
        dims[0] - len(x.shape),
    )


def product_dtype(call: Call, indices: Sequence[int], device: str) -> str:
    """The one dtype of the factors; integers only on the CPU."""
    dtype = same_dtype(call, indices, "does not promote")
    if not call.problems:
        demand(call, dtype, "ifc" if device in ("cpu", "meta") else "fhc", device)
    return dtype


@rule("matmul(input T, other T)")
def matmul(call: Call) -> Outcome:
    """A 1-D left operand gets a 1 in front, a right one a 1 behind; batches broadcast."""
    return product(call, 0, 1)


def product(call: Call, left: int, right: int) -> Result:
    """The matmul of two operands of a call."""
    x, y = call.tensor(left), call.tensor(right)
    device = one_device(call, ((left, x), (right, y)))
    for index, one in ((left, x), (right, y)):
        if not one.shape:
            raise call.refuse(
                "rank",
                f"{call.named(index)} has no dimensions: {call.operation} needs at least one. "
                "Multiply by a number with *.",
                (index,),
            )
    rows: Shape = x.shape[-2:-1]
    columns: Shape = y.shape[-1:] if len(y.shape) > 1 else ()
    y_inner = len(y.shape) - 2 if len(y.shape) > 1 else 0
    inner(call, left, right, (x.shape[-1], y.shape[y_inner]), (len(x.shape) - 1, y_inner))
    batches = [(left, x, x.shape[:-2]), (right, y, y.shape[:-2])]
    wide, batch = aligned([shape for _, _, shape in batches])
    for column in reversed(wide):
        if column.verdict == "clash":
            moved = Dimension(column.position - 2, column.sizes, "clash")
            raise clash(call, ((left, x), (right, y)), moved)
    dtype = product_dtype(call, (left, right), device)
    return call.fresh((*batch, *rows, *columns), dtype, device)


@rule("mm(input T, mat2 T)")
def mm(call: Call) -> Outcome:
    """Two matrices, nothing else."""
    return _matrices(call, 0, 1, 2)


@rule("bmm(input T, mat2 T)")
def bmm(call: Call) -> Outcome:
    """Two stacks of as many matrices; they do not broadcast."""
    return _matrices(call, 0, 1, 3)


def _matrices(call: Call, left: int, right: int, rank: int) -> Result:
    x, y = ranked(call, left, (rank,)), ranked(call, right, (rank,))
    device = one_device(call, ((left, x), (right, y)))
    if rank == 3 and x.shape[0] != y.shape[0]:
        raise call.refuse(
            "batch",
            f"{call.named(left)} has {x.shape[0]} matrices and {call.named(right)} "
            f"{y.shape[0]} (dim 0): {call.operation} does not broadcast. matmul does.",
            (left, right),
            -3,
        )
    inner(call, left, right, (x.shape[-1], y.shape[-2]), (rank - 1, rank - 2))
    dtype = product_dtype(call, (left, right), device)
    return call.fresh((*x.shape[:-1], y.shape[-1]), dtype, device)


@rule("mv(input T, vec T)")
def mv(call: Call) -> Outcome:
    """A matrix and a vector."""
    x, y = ranked(call, 0, (2,)), ranked(call, 1, (1,))
    device = one_device(call)
    inner(call, 0, 1, (x.shape[1], y.shape[0]), (1, 0))
    return call.fresh(x.shape[:1], product_dtype(call, (0, 1), device), device)


@rule("dot(input T, tensor T)", "vdot(input T, other T)")
def dot(call: Call) -> Outcome:
    """Two vectors of one size."""
    x, y = ranked(call, 0, (1,)), ranked(call, 1, (1,))
    device = one_device(call)
    inner(call, 0, 1, (x.shape[0], y.shape[0]), (0, 0))
    return call.fresh((), product_dtype(call, (0, 1), device), device)


@rule("outer(input T, vec2 T)", "ger(input T, vec2 T)")
def outer(call: Call) -> Outcome:
    """Every element of one vector times every one of another; promotes."""
    x, y = ranked(call, 0, (1,)), ranked(call, 1, (1,))
    device = one_device(call)
    return call.fresh((x.shape[0], y.shape[0]), meet(call, call.operands), device)


def _added(call: Call, final: Result, index: int = 0) -> Result:
    """A product to which an operand is added that expands to it."""
    one = call.tensor(index)
    columns, shape = aligned([one.shape, final.shape])
    if shape != final.shape or len(one.shape) > len(final.shape):
        clashing = [c.position for c in columns if c.sizes[0] not in (None, 1, c.sizes[1])]
        raise call.refuse(
            "shape",
            f"{call.named(index)} has shape {shape_text(one.shape)} and does not expand to the "
            f"product's {shape_text(final.shape)}.",
            (index,),
            clashing[-1] if clashing else None,
        )
    return final


@rule("addmm(input T, mat1 T, mat2 T, *, beta=1, alpha=1)")
def addmm(call: Call) -> Outcome:
    """input, expanded, plus a product of matrices."""
    return _plus(call, 2)


@rule("baddbmm(input T, batch1 T, batch2 T, *, beta=1, alpha=1)")
def baddbmm(call: Call) -> Outcome:
    """input, expanded, plus a product of stacks of matrices."""
    return _plus(call, 3)


def _plus(call: Call, rank: int) -> Outcome:
    final = _added(call, _matrices(call, 1, 2, rank))
    one_device(call)
    same_dtype(call, (0, 1, 2), "does not promote")
    if rank == 2:
        _whole_factors(call, final.dtype)
    return final


@rule("addmv(input T, mat T, vec T, *, beta=1, alpha=1)")
def addmv(call: Call) -> Outcome:
    """input, expanded, plus a matrix times a vector."""
    x, y = ranked(call, 1, (2,)), ranked(call, 2, (1,))
    device = one_device(call)
    inner(call, 1, 2, (x.shape[1], y.shape[0]), (1, 0))
    dtype = product_dtype(call, (0, 1, 2), device)
    return _added(call, call.fresh(x.shape[:1], dtype, device))


def _whole_factors(call: Call, dtype: str) -> None:
    for name in ("beta", "alpha"):
        if isinstance(call[name], float) and SORT[dtype] in "bi":
            call.problem("argument", f"{name} must be whole: the tensors are {dtype}.")


@rule("linear(input T, weight T, bias T=None)")
def linear(call: Call) -> Outcome:
    """input @ weight.T + bias; weight is (out_features, in_features)."""
    x, weight, bias = call.tensor(0), call.tensor(1), call.optional(2)
    device = one_device(call)
    if not x.shape:
        raise call.refuse("rank", f"{call.named(0)} has no dimensions: linear needs one.", (0,))
    ranked(call, 1, (1, 2))
    if x.shape[-1] != weight.shape[-1]:
        raise call.refuse(
            "features",
            f"{call.named(0)} has {x.shape[-1]} in its last dimension (dim {len(x.shape) - 1}) "
            f"and {call.named(1)} takes {weight.shape[-1]} features: "
            f"{shape_text(x.shape)} against a weight of {shape_text(weight.shape)}.",
            (0, 1),
            -1,
        )
    dtype = product_dtype(call, (0, 1), device)
    final = call.fresh((*x.shape[:-1], *weight.shape[:-1]), dtype, device)
    if bias is None:
        return final
    usual = len(weight.shape) == 2 and (len(x.shape) == 2 or bias.shape == weight.shape[:1])
    if not usual:
        # How torch adds the bias then depends on what it can do at once.
        raise UnknownArgument("linear with a weight or a bias of an unusual shape.")
    if bias.dtype != dtype:
        same_dtype(call, (0, 2), "does not promote")
    return _added(call, final, 2)


@rule("bilinear(input1 T, input2 T, weight T, bias T=None)")
def bilinear(call: Call) -> Outcome:
    """input1 @ weight[k] @ input2 for each k; weight is (out, in1, in2)."""
    x, y, bias = call.tensor(0), call.tensor(1), call.optional(3)
    weight = ranked(call, 2, (3,))
    device = one_device(call)
    if x.shape[:-1] != y.shape[:-1] or not x.shape or not y.shape:
        raise call.refuse(
            "shape",
            f"{call.named(0)} {shape_text(x.shape)} and {call.named(1)} {shape_text(y.shape)} "
            "must agree in all dimensions but the last.",
            (0, 1),
        )
    for index, dim in ((0, 1), (1, 2)):
        if call.tensor(index).shape[-1] != weight.shape[dim]:
            raise call.refuse(
                "features",
                f"{call.named(index)} has {call.tensor(index).shape[-1]} in its last dimension "
                f"and {call.named(2)} takes {weight.shape[dim]} (dim {dim}).",
                (index, 2),
                -1,
            )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise call.refuse(
            "shape", f"{call.named(3)} must have shape {shape_text(weight.shape[:1])}.", (3,)
        )
    dtype = product_dtype(call, (0, 1, 2), device)
    return call.fresh((*x.shape[:-1], weight.shape[0]), dtype, device)
