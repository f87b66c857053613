"""What an explanation must have told of a snippet."""

from __future__ import annotations

import ast
from typing import Any

from jupyter_dlkit.kernel.explain.explain import explain
from jupyter_dlkit.kernel.explain.explanation import Explanation, MendOffered

from .snippets import Snippet
from .user import User


def plain(source: str) -> str:
    """Without what does not matter: comments, spaces, outer parentheses."""
    return ast.unparse(ast.parse(source))


class Failed:
    """A snippet that was run to its failure, and its explanation."""

    def __init__(self, snippet: Snippet, exact: bool = True) -> None:
        self.snippet = snippet
        self.user = User()
        error = None
        for cell in snippet.cells:
            assert error is None, error
            error = self.user.run(cell)
        assert error is not None
        self.error: BaseException = error
        self.explanation = explain(error, snippet.cells[-1], 7, exact)

    def wrong(self) -> list[str]:
        """What was told wrongly, or not at all."""
        told, snippet = self.explanation, self.snippet
        if told is None:
            return ["nothing is said"]
        found: list[str] = []
        if told.expression is None or plain(told.expression) != plain(snippet.failing):
            found.append(f"it was {snippet.failing}, not {told.expression}")
        if told.line != snippet.line:
            found.append(f"line {told.line} instead of {snippet.line}")
        if told.kind != snippet.kind:
            found.append(f"kind {told.kind} instead of {snippet.kind}")
        if told.layer != snippet.layer:
            found.append(f"layer {told.layer} instead of {snippet.layer}")
        return found + self._wrong_operands(told)

    def _wrong_operands(self, told: Explanation) -> list[str]:
        found: list[str] = []
        seen = {one.name: one for one in told.operands}
        for part in self.snippet.parts:
            one = seen.get(part.text)
            if one is None:
                found.append(f"{part.text} is not among {list(seen)}")
            elif one.shape is None and not part.temporary:
                found.append(f"{part.text} is said not to be known")
            elif one.shape is not None and tuple(one.shape) != part.shape:
                found.append(f"{part.text} is {one.shape}, not {part.shape}")
        for name, shape in self._true_shapes(list(seen)).items():
            said = seen[name].shape
            if said is not None and tuple(said) != shape:
                found.append(f"{name} is said to be {said}, and is {shape}")
        return found

    def _true_shapes(self, names: list[str]) -> dict[str, tuple[int, ...]]:
        """Shapes by Python itself, in the frame where it failed."""
        trace, frame = self.error.__traceback__, None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self.user.cells:
                frame = trace.tb_frame
            trace = trace.tb_next
        assert frame is not None
        shapes: dict[str, tuple[int, ...]] = {}
        for name in names:
            try:
                value: Any = eval(name, frame.f_globals, dict(frame.f_locals))
            except (SyntaxError, NameError):
                continue  # "input of model[3]"
            shapes[name] = tuple(value.shape)
        return shapes

    def useless(self) -> list[str]:
        """Mends that do not make the snippet run."""
        found: list[str] = []
        for mend in self.explanation.mends if self.explanation is not None else ():
            error = self._mended(mend)
            if error is not None:
                found.append(f"{mend.expression}: {error}")
        return found

    def _mended(self, mend: MendOffered) -> BaseException | None:
        """What the cells raise when the mend is applied."""
        assert mend.place is not None and mend.replacement is not None
        cells = list(self.snippet.cells)
        number = len(cells) - 1 - (1 if "⟦" in self.snippet.before else 0)
        cells[number] = put(cells[number], mend.place, mend.replacement)
        user = User()
        error = None
        for cell in cells:
            error = error or user.run(cell)
        user.close()
        return error


def put(cell: str, place: tuple[int, int, int, int], replacement: str) -> str:
    """The cell with what stands at the place replaced."""
    line, column, end_line, end_column = place
    lines = cell.encode().split(b"\n")
    before = [*lines[: line - 1], lines[line - 1][:column]]
    after = [lines[end_line - 1][end_column:], *lines[end_line:]]
    return (b"\n".join(before) + replacement.encode() + b"\n".join(after)).decode()
