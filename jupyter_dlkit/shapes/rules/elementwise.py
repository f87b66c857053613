"""Operations that broadcast their operands: arithmetic, comparison, functions of one tensor."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Union

from ..arguments import one_of
from ..arguments import real as real_number
from ..broadcasting import broadcast
from ..call import Call
from ..devices import common_device
from ..dtype_rules import SORT, demand, floated, meet, real
from ..dtypes import CATEGORY, FLOATING, INTEGER, LIMITS
from ..errors import Malformed, UnknownArgument
from ..promotion import scalar_dtype
from ..registry import Outcome, add_rule
from ..values import Operand, Scalar
from ..writing import finish, in_place


class Spec(NamedTuple):
    """What an operation takes and returns.

    ``returns``: ``same`` (what the operands are promoted to), ``float`` (integers become the
    default float), ``bool``, ``real`` (complex becomes its parts' dtype), ``double``.
    ``each``: every operand must be accepted, and not only what they are promoted to.
    """

    accepts: str
    returns: str
    each: bool = False


BINARY: Dict[str, Spec] = {
    "add": Spec("bifhc", "same"),
    "sub": Spec("ifhc", "same", each=True),
    "subtract": Spec("ifhc", "same", each=True),
    "rsub": Spec("ifhc", "same", each=True),
    "mul": Spec("biufhc", "same"),
    "multiply": Spec("biufhc", "same"),
    "div": Spec("biufc", "float"),
    "divide": Spec("biufc", "float"),
    "true_divide": Spec("biufc", "float"),
    "floor_divide": Spec("if", "same"),
    "remainder": Spec("if", "same"),
    "fmod": Spec("if", "same"),
    "pow": Spec("ifc", "same"),
    "float_power": Spec("biufhc8", "double"),
    "maximum": Spec("bif", "same"),
    "minimum": Spec("bif", "same"),
    "fmax": Spec("bif", "same"),
    "fmin": Spec("bif", "same"),
    "eq": Spec("biufhc8", "bool"),
    "ne": Spec("biufhc8", "bool"),
    "not_equal": Spec("biufhc8", "bool"),
    "lt": Spec("bif", "bool"),
    "le": Spec("bif", "bool"),
    "gt": Spec("bif", "bool"),
    "ge": Spec("bif", "bool"),
    "less": Spec("bif", "bool"),
    "less_equal": Spec("bif", "bool"),
    "greater": Spec("bif", "bool"),
    "greater_equal": Spec("bif", "bool"),
    "logical_and": Spec("bifc", "bool", each=True),
    "logical_or": Spec("bifc", "bool", each=True),
    "logical_xor": Spec("bifc", "bool", each=True),
    "bitwise_and": Spec("biu", "same"),
    "bitwise_or": Spec("biu", "same"),
    "bitwise_xor": Spec("biu", "same"),
    "bitwise_left_shift": Spec("i", "same"),
    "bitwise_right_shift": Spec("i", "same"),
    "gcd": Spec("i", "same"),
    "lcm": Spec("i", "same"),
    "atan2": Spec("biuf", "float"),
    "arctan2": Spec("biuf", "float"),
    "copysign": Spec("biuf", "float"),
    "xlogy": Spec("biuf", "float"),
    "hypot": Spec("f", "same"),
    "nextafter": Spec("f", "same"),
    "logaddexp": Spec("fc", "same"),
    "logaddexp2": Spec("f", "same"),
}


def _words(names: str) -> List[str]:
    return names.split()


_FLOATS = Spec("biufc", "float")
_REAL_FLOATS = Spec("biuf", "float")
_ROUNDING = Spec("iuf", "same")
_PREDICATE = Spec("biufhc8", "bool")
_ORDER = Spec("biuf", "bool")
_NETWORK = Spec("f", "same")

UNARY: Dict[str, Spec] = {
    "abs": Spec("ifhc8", "real"),
    "absolute": Spec("ifhc8", "real"),
    "neg": Spec("ifhc", "same"),
    "negative": Spec("ifhc", "same"),
    "positive": Spec("iufhc8", "same"),
    "sign": Spec("bif", "same"),
    "sgn": Spec("bifhc", "same"),
    "square": Spec("bifc", "same"),
    "angle": Spec("biufc", "angle"),
    "isreal": _PREDICATE,
    "isnan": _PREDICATE,
    "isinf": _PREDICATE,
    "isfinite": _PREDICATE,
    "signbit": _ORDER,
    "isposinf": _ORDER,
    "isneginf": _ORDER,
    "logical_not": Spec("bifc", "bool"),
    "bitwise_not": Spec("bi", "same"),
    "ceil": _ROUNDING,
    "floor": _ROUNDING,
    "round": _ROUNDING,
    "trunc": _ROUNDING,
    "fix": _ROUNDING,
    "frac": _NETWORK,
    "relu": Spec("if", "same"),
    "relu6": Spec("if", "same"),
    "threshold": Spec("if", "same"),
    "hardtanh": Spec("if", "same"),
    "nan_to_num": Spec("biufc8", "same"),
    "silu": Spec("fc", "same"),
    "softsign": Spec("ifc", "float"),
    "tanhshrink": Spec("iufc", "float"),
}
UNARY.update(
    dict.fromkeys(
        _words(
            "sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan arcsin "
            "arccos arctan sinh cosh tanh asinh acosh atanh arcsinh arccosh arctanh reciprocal "
            "sigmoid sinc"
        ),
        _FLOATS,
    )
)
UNARY.update(
    dict.fromkeys(_words("erf erfc erfinv lgamma digamma i0 deg2rad rad2deg logit"), _REAL_FLOATS)
)
UNARY.update(
    dict.fromkeys(
        _words(
            "gelu elu selu celu leaky_relu softplus hardsigmoid hardswish mish logsigmoid "
            "hardshrink softshrink rrelu"
        ),
        _NETWORK,
    )
)

#: Arguments of functions of one tensor that have some.
_UNARY_ARGUMENTS = {
    "gelu": "*, approximate=none",
    "elu": "alpha=1.0, inplace=False",
    "celu": "alpha=1.0, inplace=False",
    "leaky_relu": "negative_slope=0.01, inplace=False",
    "softplus": "beta=1, threshold=20",
    "hardshrink": "lambd=0.5",
    "softshrink": "lambd=0.5",
    "threshold": "threshold, value, inplace=False",
    "hardtanh": "min_val=-1.0, max_val=1.0, inplace=False",
    "rrelu": "lower=0.125, upper=0.333, training=False, inplace=False",
    "nan_to_num": "nan=None, posinf=None, neginf=None, *, out O=None",
    "round": "*, decimals=0, out O=None",
    "logit": "eps=None, *, out O=None",
    "relu": "inplace=False",
    "relu6": "inplace=False",
    "selu": "inplace=False",
    "silu": "inplace=False",
    "mish": "inplace=False",
    "hardsigmoid": "inplace=False",
    "hardswish": "inplace=False",
    "softsign": "",
    "tanhshrink": "",
    "logsigmoid": "",
    "positive": "",
    "isreal": "",
    "isnan": "",
    "isinf": "",
    "isfinite": "",
}

_BINARY_ARGUMENTS = {
    "add": ", *, alpha=1, out O=None",
    "sub": ", *, alpha=1, out O=None",
    "subtract": ", *, alpha=1, out O=None",
    "rsub": ", alpha=1",
    "div": ", *, rounding_mode=None, out O=None",
    "divide": ", *, rounding_mode=None, out O=None",
}

#: Those that Python's operators call with a number on the left.
_NUMBER_FIRST = frozenset(
    _words(
        "add sub subtract mul multiply div divide true_divide floor_divide remainder pow "
        "float_power eq ne not_equal lt le gt ge less less_equal greater greater_equal "
        "bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift xlogy"
    )
)
#: Those that take a number on the right.
_NUMBER = _NUMBER_FIRST | {"rsub", "copysign", "fmod"}

_NOT_IN_PLACE = frozenset(
    _words(
        "rsub maximum minimum fmax fmin logaddexp logaddexp2 positive isreal isnan isinf isfinite "
        "signbit isposinf isneginf angle gelu softplus hardsigmoid hardswish mish logsigmoid "
        "silu softsign tanhshrink hardshrink softshrink relu6"
    )
)


def returned(call: Call, spec: Spec, dtype: str, device: str) -> str:
    """The dtype of the result, from what the operands are promoted to."""
    accepts = spec.accepts
    if spec.each:
        for index, one in enumerate(call.operands):
            if isinstance(one, Operand):
                demand(call, one.dtype, accepts, device, (index,))
            elif isinstance(one, Scalar) and isinstance(one.value, bool) and "b" not in accepts:
                call.problem("dtype", f"{call.operation} does not work on a bool.", (index,))
            if call.problems:
                break
        else:
            if SORT[dtype] not in accepts and SORT[dtype] in "uh8":
                demand(call, dtype, accepts, device)
    elif spec.returns == "float":
        demand(call, floated(dtype) if "i" in accepts else dtype, accepts, device)
    else:
        demand(call, dtype, accepts, device)
    if spec.returns == "bool":
        return "bool"
    if spec.returns == "float":
        return floated(dtype)
    if spec.returns == "real":
        if in_place(call):
            demand(call, dtype, "if", device, (0,))
            return dtype
        return real(dtype)
    if spec.returns == "angle":
        return real(floated(dtype))
    if spec.returns == "double":
        return "complex128" if CATEGORY[dtype] > FLOATING else "float64"
    return dtype


def one_tensor(call: Call) -> Outcome:
    """A function of each element of one tensor."""
    x = call.tensor(0)
    name = call.operation.rstrip("_")
    spec = UNARY[name]
    demand(call, x.dtype, spec.accepts, x.device, (0,))
    dtype = returned(call, spec, x.dtype, x.device) if not call.problems else x.dtype
    if name == "round" and "decimals" in call.given:
        demand(call, x.dtype, "f", x.device, (0,))
    check_arguments(call, x)
    if name == "square" and x.dtype == "bool":
        dtype = "int64"
    if call.arguments.get("inplace"):
        raise UnknownArgument(f"The checker does not follow inplace=True of {name}.")
    if name == "angle" and CATEGORY[x.dtype] == FLOATING:
        dtype = x.dtype
    return finish(call, x.shape, dtype, x.device, call.arguments.get("out"))


def two_operands(call: Call) -> Outcome:
    """An operation on two operands that broadcast and meet in one dtype."""
    name = call.operation.rstrip("_")
    if not call.tensors:
        raise Malformed(f"{call.operation} of two numbers: one of the operands is a tensor.")
    device = common_device(call, writes=in_place(call))
    shape = broadcast(call)
    if isinstance(call.operands[0], Scalar) and call.arguments.get("out") is not None:
        raise UnknownArgument(f"{call.operation} of a number and a tensor with out=.")
    spec = BINARY[name]
    dtype = _in_double(call) if spec.returns == "double" else meet(call, call.operands)
    if call.arguments.get("rounding_mode") is not None:
        if call["rounding_mode"] not in ("floor", "trunc"):
            raise call.refuse("argument", "rounding_mode is None, 'floor' or 'trunc'.")
        spec = BINARY["floor_divide"]
    if "alpha" in call.arguments:
        _alpha(call, dtype)
    if name == "pow":
        _negative_power(call)
    final = returned(call, spec, dtype, device)
    if call.operation == "float_power_" and call.tensor(0).dtype != final:
        call.problem("dtype", f"{call.named(0)} must be {final} for float_power_.", (0,))
    out = call.arguments.get("out")
    if name == "float_power" and isinstance(out, Operand) and out.dtype != final:
        call.problem("dtype", f"out must be {final} for float_power.")
    return finish(call, shape, final, device, call.arguments.get("out"))


def _in_double(call: Call) -> str:
    """float_power converts each operand, whether they would meet or not."""
    kinds = [
        one.dtype if isinstance(one, Operand) else scalar_dtype(one.value) for one in _all(call)
    ]
    return "complex128" if any(CATEGORY[kind] > FLOATING for kind in kinds) else "float64"


def _all(call: Call) -> List[Union[Operand, Scalar]]:
    return [one for one in call.operands if one is not None]


def check_arguments(call: Call, x: Operand) -> None:
    """Limits that contradict each other, and words that torch does not know."""
    values = call.arguments
    if "approximate" in values:
        one_of(call, "approximate", values["approximate"], ("none", "tanh"))
    for low, high in (("min_val", "max_val"), ("lower", "upper")):
        if low in values and real_number(call, low) > real_number(call, high):
            raise call.refuse("argument", f"{low} cannot be more than {high}.")
    if "lambd" in values and call.operation == "softshrink" and not real_number(call, "lambd") >= 0:
        raise call.refuse("argument", "lambd of softshrink cannot be negative.")
    if (
        x.dtype == "uint8"
        and call.operation == "hardtanh"
        and "min_val" in values
        and values["min_val"] <= -1
    ):
        raise call.refuse("argument", f"{call.named(0)} is uint8 and min_val negative.", (0,))
    if values.get("training"):
        raise UnknownArgument("The checker does not follow training=True of rrelu.")


def _alpha(call: Call, dtype: str) -> None:
    alpha = call["alpha"]
    if isinstance(alpha, bool) and dtype != "bool":
        call.problem("argument", "A bool alpha works on bool tensors only.")
    elif isinstance(alpha, (float, complex)) and CATEGORY[dtype] <= INTEGER:
        call.problem("argument", f"alpha is {alpha}, and the result {dtype}: it must be whole.")
    elif isinstance(alpha, complex) and CATEGORY[dtype] <= FLOATING:
        call.problem("argument", f"alpha is complex, and the result {dtype}.")


def _negative_power(call: Call) -> None:
    base, exponent = call.operands
    if (
        isinstance(base, Operand)
        and isinstance(exponent, Scalar)
        and exponent.known
        and SORT[base.dtype] in "biu"
        and isinstance(exponent.value, int)
        and base.dtype in LIMITS
        and exponent.value > LIMITS[base.dtype][1]
    ):
        call.problem(
            "argument", f"{exponent.value} does not fit into {base.dtype}, as which it is read."
        )
    elif (
        isinstance(base, Operand)
        and isinstance(exponent, Scalar)
        and exponent.known
        and SORT[base.dtype] in "biu"
        and isinstance(exponent.value, int)
        and exponent.value < 0
    ):
        call.problem(
            "dtype",
            f"{call.named(0)} is {base.dtype}: integers cannot be raised to a negative power. "
            "Make it floating point first.",
            (0,),
        )


def _register() -> None:
    for name in BINARY:
        arguments = _BINARY_ARGUMENTS.get(name, ", *, out O=None")
        first, second = ("N" if name in names else "T" for names in (_NUMBER_FIRST, _NUMBER))
        add_rule(f"{name}(input {first}, other {second}{arguments})", two_operands)
        if name not in _NOT_IN_PLACE:
            inside = arguments.replace(", out O=None", "").replace(", *, out", ", out")
            inside = "" if inside == ", *" else inside
            add_rule(f"{name}_(input T, other {second}{inside})", two_operands)
    for name in UNARY:
        arguments = _UNARY_ARGUMENTS.get(name, "*, out O=None")
        add_rule(f"{name}(input T, {arguments})", one_tensor)
        if name not in _NOT_IN_PLACE:
            inside = arguments.replace("*, out O=None", "").replace("inplace=False", "")
            add_rule(f"{name}_(input T, {inside})", one_tensor)


_register()
