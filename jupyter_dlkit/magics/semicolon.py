"""``%tensors;`` is ``x;``: it runs, and is not shown.

IPython takes the semicolon for a part of the magic's name or of its line.  After its own
transformations the code says ``get_ipython().run_line_magic('tensors;', '')``; here the name is
put right, and a semicolon is set behind the call, where Python and IPython look for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from .words import read

Transform = Callable[[list[str]], list[str]]

_CALL = re.compile(
    r"(?P<before>.*get_ipython\(\)\.run_line_magic\()"
    r"(?P<name>'[^'\\]+'), (?P<line>'.*'|\".*\")\)(?P<end>\s*)",
    re.DOTALL,
)


def transform_for(is_ours: Callable[[str], bool]) -> Transform:
    """For ``input_transformers_post``; ``is_ours`` tells whether a magic's name is."""

    def semicolons_of_dlkit(lines: list[str]) -> list[str]:
        return [_moved(line, is_ours) if ";" in line else line for line in lines]

    return semicolons_of_dlkit


def _moved(text: str, is_ours: Callable[[str], bool]) -> str:
    call = _CALL.fullmatch(text)
    if call is None:
        return text
    try:
        name, line = ast.literal_eval(call["name"]), ast.literal_eval(call["line"])
    except (ValueError, SyntaxError):
        return text
    if name.endswith(";"):  # what follows can be a comment only
        name, line = name.rstrip(";"), ";"
    if not is_ours(name) or not read(line).silent:
        return text
    return f"{call['before']}{name!r}, {line!r});{call['end']}"
