"""Operations of three tensors that broadcast: where, clamp, lerp, addcmul."""

from __future__ import annotations

from ..broadcasting import broadcast
from ..call import Call
from ..devices import common_device
from ..dtype_rules import SORT, demand, meet, same_dtype
from ..dtypes import CATEGORY, INTEGER
from ..promotion import DEFAULT_COMPLEX, DEFAULT_FLOAT
from ..registry import Outcome, Undetermined, rule
from ..values import Operand, Scalar
from ..writing import finish, in_place


@rule("where(condition T, input N, other N, *, out O=None)", "where(condition T)")
def where(call: Call) -> Outcome:
    """condition chooses between two that broadcast with it and are promoted."""
    if len(call.operands) == 1:
        return Undetermined("How many elements are not zero depends on the values.")
    condition = call.tensor(0)
    device = common_device(call, numbers=2)
    shape = broadcast(call)
    if condition.dtype not in ("bool", "uint8"):
        call.problem(
            "dtype",
            f"{call.named(0)} is {condition.dtype}: the condition of where is bool.",
            (0,),
        )
    values = call.operands[1:]
    dtype = meet(call, values)
    if all(isinstance(one, Scalar) for one in values):
        kinds = [type(one.value) for one in values if isinstance(one, Scalar)]
        dtype = DEFAULT_COMPLEX if complex in kinds else DEFAULT_FLOAT if float in kinds else dtype
    return finish(call, shape, dtype, device, call["out"])


@rule(
    "addcmul(input T, tensor1 T, tensor2 T, *, value=1, out O=None)",
    "addcdiv(input T, tensor1 T, tensor2 T, *, value=1, out O=None)",
    "addcmul_(input T, tensor1 T, tensor2 T, *, value=1)",
    "addcdiv_(input T, tensor1 T, tensor2 T, *, value=1)",
)
def addc(call: Call) -> Outcome:
    """input + value * tensor1 * tensor2 (or / tensor2)."""
    device = common_device(call, numbers=1, writes=in_place(call))
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    divides = call.operation.startswith("addcdiv")
    if divides and all(SORT[call.tensor(i).dtype] in "biu" for i in (1, 2)):
        call.problem("dtype", "addcdiv does not divide integers: make one of them float.", (1, 2))
    else:
        demand(call, dtype, "fc" if divides else "ifc", device)
    if isinstance(call["value"], float) and CATEGORY[dtype] <= INTEGER:
        call.problem("argument", f"value must be whole: the result is {dtype}.")
    return finish(call, shape, dtype, device, call.arguments.get("out"))


@rule("lerp(input T, end T, weight N, *, out O=None)", "lerp_(input T, end T, weight N)")
def lerp(call: Call) -> Outcome:
    """From input to end by weight; nothing is promoted."""
    device = common_device(call, numbers=1, writes=in_place(call))
    shape = broadcast(call)
    weight = call.optional(2)
    if weight is None or weight.shape:
        dtype = same_dtype(call)
    else:
        same_dtype(call, (0, 1))
        dtype = meet(call, call.operands)
    if not call.problems:
        demand(call, dtype, "fc", device)
    return finish(call, shape, dtype, device, call.arguments.get("out"))


@rule(
    "clamp(input T, min N=None, max N=None, *, out O=None)",
    "clip(input T, min N=None, max N=None, *, out O=None)",
    "clamp_min(input T, min N, *, out O=None)",
    "clamp_max(input T, max N, *, out O=None)",
    "clamp_(input T, min N=None, max N=None)",
    "clip_(input T, min N=None, max N=None)",
    "clamp_min_(input T, min N)",
    "clamp_max_(input T, max N)",
)
def clamp(call: Call) -> Outcome:
    """Between min and max, which broadcast and are promoted; a bound may be left out."""
    bounds = [one for one in call.operands[1:] if one is not None]
    if not bounds:
        raise call.refuse("argument", "clamp needs min, max or both.")
    if len({isinstance(one, Operand) for one in bounds}) == 2:
        raise call.refuse("argument", "min and max are both numbers or both tensors.", (1, 2))
    tensors = sum(isinstance(one, Operand) for one in bounds)
    device = common_device(call, numbers=1 if tensors < 2 else 0, writes=in_place(call))
    shape = broadcast(call)
    dtype = meet(call, call.operands)
    one_tensor = len(bounds) == 1 and isinstance(bounds[0], Operand)
    demand(call, dtype, "bif" if one_tensor else "if", device)
    return finish(call, shape, dtype, device, call.arguments.get("out"))
