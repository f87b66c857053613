"""``%broadcast``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from IPython.core.error import UsageError

from ..magic import Call, Magic, Typing
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

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*|\[[^\]]*\])*")


class _Operand(NamedTuple):
    text: str
    value: Any


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
    space = (call.shell.user_ns,)
    texts = [text for word in others for text in _listed(word.text)]
    if operation is None and not (len(texts) > 1 and all(map(_is_operand, texts))):
        return check_in(space, (_without(call.line.text, given),))
    operands = [_operand(call, text) for text in texts]
    return check_in(
        space,
        tuple(one.value for one in operands),
        operation or "add",
        arguments,
        tuple(one.text for one in operands),
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


def _listed(text: str) -> list[str]:
    """``x,y`` and ``x,``, as one may type them."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            parts.append(text[start:position])
            start = position + 1
    return [part for part in (*parts, text[start:]) if part]


def _is_operand(text: str) -> bool:
    return _shape(text) is not None or _number(text) is not None or _is_path(text)


def _is_path(text: str) -> bool:
    import keyword

    return _PATH.fullmatch(text) is not None and not keyword.iskeyword(text)


def _shape(text: str) -> tuple[Any, ...] | None:
    """``(3,1)``, ``[3, 1]``, ``(3)``, ``()``."""
    if text[:1] not in "([":
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError):
        return None
    if type(value) is int:
        value = (value,)
    return tuple(value) if type(value) in (tuple, list) else None


def _number(text: str) -> float | complex | None:
    if not text[:1].isdigit():
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value if type(value) in (int, float, complex) else None


def _operand(call: Call, text: str) -> _Operand:
    shape = _shape(text)
    if shape is not None:
        return _Operand(text, shape)
    try:
        return _Operand(text, ast.literal_eval(text))  # -1, True
    except (ValueError, SyntaxError, RecursionError):
        pass
    from ..paths import check_names, found

    if not _is_path(text):
        raise UsageError(
            f"%broadcast: with --op each operand is a name, a path, a shape or a number: {text} "
            "is none of these."
        )
    check_names(call.shell, [text])
    (value,) = found(call.shell, text) or (None,)
    return _Operand(text, value)


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
