"""Runs the code of a cell inside a magic, as if the magic were not there."""

from __future__ import annotations

import ast
import io
import linecache
import tokenize
from typing import Any

from IPython.core.error import UsageError

from .fate import caller

_SKIPPED = (
    tokenize.ENDMARKER,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.COMMENT,
    tokenize.INDENT,
    tokenize.DEDENT,
)

#: What a code object is that awaits at its top level (``inspect.CO_COROUTINE``).
_COROUTINE = 0x80


class Cell:
    """Compiled: its statements, and the expression at its end, whose value is the cell's."""

    def __init__(self, shell: Any, magic: str, line: str, body: str) -> None:
        """``body`` stands below ``%%magic line``.

        Raises an error that shows itself as the ``SyntaxError`` of the cell, and ``UsageError``
        for a cell that awaits.
        """
        self._space: dict[str, Any] = shell.user_ns
        try:
            self._compile(shell, magic, line, body)
            return
        except SyntaxError as error:
            wrong = _shown_alone(shell, error)
        raise wrong

    def _compile(self, shell: Any, magic: str, line: str, body: str) -> None:
        # With a first line: the others have the numbers that they have in the notebook's cell.
        source = f"# %%{magic} {line}".rstrip() + "\n" + shell.transform_cell(body)
        name = _known_to_tracebacks(shell, source)
        tree = shell.transform_ast(shell.compile.ast_parse(source, filename=name))
        last = tree.body[-1] if tree.body else None
        self._value = None
        if isinstance(last, ast.Expr):
            del tree.body[-1]
            self._value = _compiled(shell, ast.Expression(last.value), name, "eval")
        self._statements = _compiled(shell, tree, name, "exec")
        #: Whether it ends in ``;``: then its value is not shown.
        self.silent = _ends_in_semicolon(source)

    def run(self) -> Any:
        """Runs it in the user's namespace; the value of its last expression, or None."""
        __tracebackhide__ = True
        exec(self._statements, self._space)
        if self._value is None:
            return None
        value = eval(self._value, self._space)
        return None if self.silent else value


def _shown_alone(shell: Any, error: SyntaxError) -> Exception:
    """The error as IPython shows that of a cell: without the frames of who compiled it."""
    lines = shell.SyntaxTB.structured_traceback(type(error), error, [])

    class Shown(Exception):
        def _render_traceback_(self) -> Any:
            return lines

    Shown.__name__ = Shown.__qualname__ = type(error).__name__
    return Shown(*error.args)


def _known_to_tracebacks(shell: Any, source: str) -> str:
    """The file name of the cell that runs the magic, which from now on has this source."""
    frame = caller()
    name = "" if frame is None else frame.f_code.co_filename
    del frame  # else a circle: it has this very frame below it
    if name not in linecache.cache:  # not from a cell
        cached: str = shell.compile.cache(source, shell.execution_count)
        return cached
    entry = (len(source), None, source.splitlines(keepends=True), name)
    for cache in (linecache.cache, getattr(linecache, "_ipython_cache", {})):  # IPython 7 has two
        cache[name] = entry
    return name


def _compiled(shell: Any, tree: Any, name: str, mode: str) -> Any:
    flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(tree, name, mode, flags, True)
    if code.co_flags & _COROUTINE:
        raise UsageError(
            "A cell that awaits at its top level runs in the kernel's event loop, together with "
            "everything else there: what it used cannot be told apart."
        )
    return code


def _ends_in_semicolon(source: str) -> bool:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    for token in reversed(tokens):
        if token.type not in _SKIPPED:
            return token.string == ";"
    return False
