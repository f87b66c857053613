"""Environment markers of requirements, such as ``platform_system == "Linux"``.

Their grammar is a part of Python's expressions, so Python's parser reads them; they are never
evaluated as code.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Dict

from .facts import Facts
from .versions import satisfies


def holds(marker: str, facts: Facts, extra: str = "") -> bool:
    """Whether a marker is true of the examined interpreter. One that cannot be read is not."""
    if not marker:
        return True
    system = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}.get(facts.platform, "")
    values = {
        "extra": extra,
        "sys_platform": facts.platform,
        "platform_system": system,
        "platform_machine": facts.machine,
        "os_name": "nt" if facts.platform == "win32" else "posix",
        "python_version": ".".join(facts.python.split(".")[:2]),
        "python_full_version": facts.python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
    }
    try:
        return _true(ast.parse(marker.strip(), mode="eval").body, values)
    except (SyntaxError, ValueError, KeyError):
        return False


def _true(node: ast.expr, values: Dict[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        parts = [_true(one, values) for one in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compare(node.left, node.ops[0], node.comparators[0], values)
    raise ValueError(ast.dump(node))


_SIGNS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _compare(left: ast.expr, operator: Any, right: ast.expr, values: Dict[str, str]) -> bool:
    ours, theirs = _text(left, values), _text(right, values)
    if isinstance(operator, (ast.In, ast.NotIn)):
        return (ours in theirs) == isinstance(operator, ast.In)
    if type(operator) not in _SIGNS:
        raise ValueError(ast.dump(operator))
    sign = _SIGNS[type(operator)]
    if re.match(r"\d", ours) and re.match(r"\d", theirs):
        if isinstance(right, ast.Name):  # "3.9" <= python_version
            return satisfies(theirs, sign.translate(str.maketrans("<>", "><")) + ours)
        return satisfies(ours, sign + theirs)
    if sign not in ("==", "!="):
        raise ValueError(f"{ours} {sign} {theirs}")
    return (ours == theirs) == (sign == "==")


def _text(node: ast.expr, values: Dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(ast.dump(node))
