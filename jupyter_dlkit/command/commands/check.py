"""Whether shapes fit together, and how to mend it; nothing is computed.

An operand is a shape or a number, in torch's order:

  "(3, 1)"                      a tensor of float32 on the CPU
  "x=(3, 1):float16@cuda:0"     with a name, a dtype and a device, each if you like
  2.5                           a number

Tensors without a name are called x, y, z.
"""

from __future__ import annotations

import argparse

from ..errors import FINE, NOT_DONE, UsageError

EXAMPLES = """\
examples:
  jupyter dlkit check "(3,1)" "(4,)"
  jupyter dlkit check "x=(8,1,6)" "w=(7,6)" --op matmul
  jupyter dlkit check "(3,4)" --op sum --arg dim=1
  jupyter dlkit check "(32,1)" "(32,)" --op mse_loss

"""

#: Operators by torch's names.
OPERATORS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floor_divide",
    "%": "remainder",
    "**": "pow",
    "@": "matmul",
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "&": "bitwise_and",
    "|": "bitwise_or",
    "^": "bitwise_xor",
    "+=": "add_",
    "-=": "sub_",
    "*=": "mul_",
    "/=": "div_",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    parser.add_argument("operands", nargs="+", metavar="OPERAND", help="a shape or a number")
    parser.add_argument(
        "--op",
        default="add",
        metavar="NAME",
        help="torch's name of the operation (matmul, cat, mse_loss, add_ in place), or an "
        "operator such as @; add if nothing is said",
    )
    parser.add_argument(
        "--dtype", default="float32", help="of operands that do not say theirs; float32"
    )
    parser.add_argument("--device", default="cpu", help="of operands that do not say theirs; cpu")
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another argument of the operation, such as dim=1; as often as needed",
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(options: argparse.Namespace) -> int:
    """Prints the verdict; 0 if it runs, 1 if not."""
    from ...api.checking import CheckError, check_in
    from ..operands import argument, operands
    from ..output import print_json, show

    dtype = options.dtype.removeprefix("torch.")
    given = operands(options.operands, dtype, options.device)
    arguments = dict(argument(text) for text in options.arg)
    operation = OPERATORS.get(options.op, options.op.removeprefix("torch."))
    try:
        checked = check_in((), given, operation, arguments)
    except CheckError as error:
        raise UsageError(str(error)) from None
    if options.json:
        print_json(checked.to_dict())
    else:
        show(checked)
    return FINE if checked.ok else NOT_DONE
