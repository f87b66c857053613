"""A notebook cell as Python: lines that are IPython's become ``pass``, in their place."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from .torch_names import words

#: Cell magics whose body is Python that runs in the notebook's namespace.
_PYTHON_CELLS = frozenset({"time", "capture", "prun", "memit", "mprun", "dlkit_watch"})

#: Line magics after which every name is what it was.
_HARMLESS = words(
    "alias autosave bookmark cat cd colors conda config dhist dirs edit env history "
    "load_ext logstart logstop ls lsmagic magic mamba man matplotlib mkdir more notebook "
    "page pdb pdoc pfile pinfo pinfo2 pip popd precision psearch psource pushd pwd pycat "
    "quickref reload_ext rm set_env system sx tensorboard uv wandb watermark who who_ls "
    "whos xmode timeit memit lprun dlkit_memory dlkit_tensors dlkit_move"
)

_CANDIDATE = re.compile(
    r"^[ \t]*(?:%|!|\?|[\w., \t()\[\]*]+=[ \t]*[%!])|^[^#'\"\n]*\?\??[ \t]*$", re.MULTILINE
)
_ASSIGNED = re.compile(r"^\s*([\w., \t()\[\]*]+?)\s*=\s*[%!]")
_TOKEN = re.compile(
    r"\"\"\"|'''|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|#[^\n]*|[()\[\]{}]|\\\n|\n"
)
_NAME = re.compile(r"[^\W\d]\w*")


class Cell(NamedTuple):
    """The Python of a cell: as many lines, each Python line as it was.

    ``unfollowable``: why nothing of it can be said, or None.
    ``assigned``: (line, names) that a magic assigns.
    ``forgotten``: lines of magics that may change any name.
    """

    python: str
    unfollowable: Optional[str] = None
    assigned: Tuple[Tuple[int, Tuple[str, ...]], ...] = ()
    forgotten: Tuple[int, ...] = ()


def as_python(source: str) -> Cell:
    """The cell's Python, with every line where it was."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    first = source.lstrip()
    if first.startswith("%%"):
        parts = first[2:].split(None, 1)
        magic = parts[0] if parts else ""
        if magic not in _PYTHON_CELLS:
            return Cell("", f"A cell that begins with %%{magic} is not followed.")
        before, _, after = source.partition("%%")
        source = before + "pass" + after[after.find("\n") :] if "\n" in after else "pass"
    if not _CANDIDATE.search(source):
        return Cell(source)
    lines = source.split("\n")
    assigned: List[Tuple[int, Tuple[str, ...]]] = []
    forgotten: List[int] = []
    for index in _statement_lines(source):
        line = lines[index]
        indentation = line[: len(line) - len(line.lstrip())]
        last = index
        while lines[last].endswith("\\") and last + 1 < len(lines):
            last += 1
            lines[last - 1], carried = "", lines[last - 1]
            line = carried[:-1] + lines[last]
        lines[index] = indentation + "pass"
        if last > index:
            lines[last] = ""
        _note(line, index + 1, assigned, forgotten)
    return Cell("\n".join(lines), None, tuple(assigned), tuple(forgotten))


def _note(
    line: str,
    number: int,
    assigned: List[Tuple[int, Tuple[str, ...]]],
    forgotten: List[int],
) -> None:
    """What a magic's line does to names."""
    target = _ASSIGNED.match(line)
    if target:
        assigned.append((number, tuple(_NAME.findall(target.group(1)))))
        line = line[target.end() - 1 :]
    line = line.strip()
    if not line.startswith("%"):
        return  # a shell command, or help
    parts = line.lstrip("%").split(None, 1)
    if not parts or parts[0] not in _HARMLESS:
        forgotten.append(number)  # %run, %time y = …, or a magic of the user's


def _statement_lines(source: str) -> List[int]:
    """Indices of the lines on which a magic may stand: not inside text or brackets."""
    found: List[int] = []
    depth = 0
    line = 0
    position = 0
    begins = True
    while True:
        if begins:
            begins = False
            if _CANDIDATE.match(source, position):
                found.append(line)
                # Its quotes and brackets are none of Python's.
                end = source.find("\n", position)
                position = len(source) if end < 0 else end
        token = _TOKEN.search(source, position)
        if token is None:
            return found
        text = token.group()
        position = token.end()
        if text in ('"""', "'''"):
            end = _end_of_text(source, position, text)
            line += source.count("\n", position, end)
            position = end
        elif text == "\n":
            line += 1
            begins = depth == 0
        elif text == "\\\n":
            line += 1
        elif text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(0, depth - 1)


def _end_of_text(source: str, position: int, quotes: str) -> int:
    while True:
        end = source.find(quotes, position)
        if end < 0:
            return len(source)
        backslashes = 0
        while source[end - 1 - backslashes] == "\\":
            backslashes += 1
        if backslashes % 2 == 0:
            return end + 3
        position = end + 1
