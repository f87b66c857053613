"""``%broadcast``."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from IPython.core.error import UsageError

from ..magic import Call, Magic, Typing
from ..operands import is_operand, label, listed, operand, source
from ..options import Options
from ..words import Word, unquoted

OPTIONS = Options(
    "%broadcast x y [--op OPERATION [--dim 1 …]]\n       %broadcast x @ w + b",
    """
    Whether tensors will work together: operands, or a line of source, with the names of this
    notebook. Shapes, dtypes and devices only: nothing is computed, and source is parsed,
    never run.
    """,
    """
    %broadcast x y
    %broadcast x @ w + b
    %broadcast F.mse_loss(model(x), y)
    %broadcast (8,1,6,1) (7,1,5) --op matmul
    %broadcast x y --op cat --dim 1
    """,
)
OPTIONS.add_argument(
    "operands",
    metavar="OPERAND",
    nargs="*",
    help="a variable, a path, a shape such as (3,1), or a number; or together a line of source",
)
OPTIONS.add_argument(
    "--op",
    metavar="OPERATION",
    help="torch's own name: add, add_ (in place), matmul, where, cat, mse_loss, einsum …; its "
    "other arguments follow as --dim 1",
)

#: Names of operations that are offered.
OPERATIONS = (
    *("add", "add_", "sub", "mul", "div", "maximum", "eq", "where"),
    *("matmul", "mm", "bmm", "linear", "einsum", "conv2d"),
    *("cat", "stack", "mse_loss", "cross_entropy"),
)


def run(call: Call) -> Any:
    """A ``Checked``."""
    from ...api.checking import check_in

    given, others = OPTIONS.divided(call.words, known_only=False)
    operation, arguments = _arguments(call, given)
    if not others:
        raise UsageError(
            "%broadcast needs operands, such as %broadcast x y, or source, such as "
            "%broadcast x @ w + b."
        )
    texts = [text for word in others for text in listed(word.text)]
    if operation is None and len(texts) == 1 and label(texts[0]) is None:
        raise UsageError(f"%broadcast {texts[0]} needs another operand, such as x or (3, 1).")
    if operation is None and not (len(texts) > 1 and all(map(is_operand, texts))):
        return source(call.shell, _without(call.line.text, given))
    return check_in(
        (call.shell.user_ns,),
        tuple(operand(call.shell, text) for text in texts),
        operation or "add",
        arguments,
        tuple(label(text) for text in texts),
    )


def _arguments(call: Call, given: list[Word]) -> tuple[str | None, dict[str, Any]]:
    """``--op`` and the operation's other arguments."""
    operation: str | None = None
    arguments: dict[str, Any] = {}
    words = iter(given)
    for word in words:
        name, equals, text = word.text.partition("=")
        if not equals:
            value = next(words, None)
            if value is None:
                raise UsageError(f"%broadcast: {name} needs a value, such as {_example(name)}.")
            text = value.text
        if name == "--op":
            operation = unquoted(text)
        else:
            arguments[name[2:].replace("-", "_")] = _value(call, text)
    if arguments and operation is None:
        (name, *_) = arguments
        raise UsageError(f"%broadcast has no option --{name}; it goes with --op, as in --op cat.")
    return operation, arguments


def _example(name: str) -> str:
    return "--op matmul" if name == "--op" else f"{name} 1"


def _value(call: Call, text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError):
        from ..paths import found

        there = found(call.shell, text)
        return there[0] if there else text


def _without(text: str, given: list[Word]) -> str:
    for word in reversed(given):
        text = text[: word.start] + text[word.end :]
    return text.strip()


def _typed(typing: Typing) -> Iterable[str]:
    from ..paths import operand_paths

    return operand_paths(typing.shell, typing.word)


MAGIC = Magic(
    "broadcast",
    "whether shapes, dtypes and devices fit, before it is run",
    OPTIONS,
    line=run,
    values={"--op": lambda _: OPERATIONS},
    typed=_typed,
)
