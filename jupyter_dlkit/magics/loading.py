"""``%load_ext jupyter_dlkit``, and everything back with ``%unload_ext``."""

from __future__ import annotations

from typing import Any

from ..kernel.cells import hook as cells
from ..kernel.explain import hook
from ..kernel.memory_errors import hook as memory_errors
from .answering import cell_function, line_function
from .completion import Completer
from .front import NAME, Front
from .magic import magics
from .semicolon import transform_for

_KINDS = (("line", "%"), ("cell", "%%"))


class Loaded:
    """What was added to one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        #: What was registered: kind and name → function.
        self.functions: dict[tuple[str, str], Any] = {}
        self.taken: list[str] = []
        self._register()
        self.transform = transform_for(self.is_ours)
        shell.input_transformers_post.append(self.transform)
        self.completer = Completer(shell, self.is_ours)
        self.completer.install()
        self.explainer = hook.load(shell)
        self.memory_errors = memory_errors.load(shell, lambda: hook.shows(shell))
        # An agent's stays when we go.
        self.history = None if cells.of(shell) is not None else cells.load(shell)

    def is_ours(self, name: str) -> bool:
        """Whether ``%name`` or ``%%name`` is one of ours now."""
        return any(self._has(kind, name) for kind, _ in _KINDS)

    def _has(self, kind: str, name: str) -> bool:
        function = self.functions.get((kind, name))
        return function is not None and self._table(kind).get(name) is function

    def _table(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self.shell.magics_manager.magics[kind]
        return found

    def _register(self) -> None:
        front = Front(self.shell, set())
        self._add("line", "%", NAME, front.line_function())
        self._add("cell", "%%", NAME, front.cell_function())
        for magic in magics().values():
            if magic.short and magic.line is not None:
                self._add("line", "%", magic.name, line_function(self.shell, magic))
            if magic.short and magic.cell is not None:
                self._add("cell", "%%", magic.name, cell_function(self.shell, magic))
        escapes = dict(_KINDS)
        front.short.update(escapes[kind] + name for kind, name in self.functions)

    def _add(self, kind: str, escape: str, name: str, function: Any) -> None:
        table = self._table(kind)
        lazy = getattr(self.shell.magics_manager, "lazy_magics", None) or {}
        if name in table or lazy.get(name, "jupyter_dlkit") != "jupyter_dlkit":
            self.taken.append(escape + name)
            return
        table[name] = function
        self.functions[kind, name] = function

    def remove(self) -> None:
        """Take everything back; what others have put in its place meanwhile stays."""
        for kind, name in list(self.functions):
            if self._has(kind, name):
                del self._table(kind)[name]
        self.functions.clear()
        transforms = self.shell.input_transformers_post
        transforms[:] = [one for one in transforms if one is not self.transform]
        self.completer.remove()
        hook.unload(self.explainer)
        memory_errors.unload(self.memory_errors)
        if self.history is not None:
            cells.unload(self.history)

    def say_what_is_taken(self) -> None:
        """Once, a sentence: names that belong to others."""
        if not self.taken:
            return
        ours = [_full(text) for text in self.taken if text.lstrip("%") != NAME]
        one = len(self.taken) == 1
        words = f"dlkit: {_and(self.taken)} {'belongs' if one else 'belong'} to somebody else here"
        print(f"{words}; ours {'is' if one else 'are'} {_and(ours)}." if ours else f"{words}.")


_loaded: dict[Any, Loaded] = {}


def load(shell: Any) -> None:
    """Magics, their completion, the history of cells, and texts below tracebacks, in this shell."""
    unload(shell)
    loaded = _loaded[shell] = Loaded(shell)
    loaded.say_what_is_taken()


def unload(shell: Any) -> None:
    """Without a trace."""
    loaded = _loaded.pop(shell, None)
    if loaded is not None:
        loaded.remove()


def _full(text: str) -> str:
    name = text.lstrip("%")
    return f"{text[: len(text) - len(name)]}{NAME} {name}"


def _and(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
