"""Where a search begins: the user's names, outputs, and the last exception."""

from __future__ import annotations

import os
import sys
import types
from typing import Any, Dict, List, NamedTuple, Optional


class Roots(NamedTuple):
    """What a kernel keeps for its user."""

    namespace: Dict[str, Any]  #: variables, without what IPython put there
    outputs: Dict[Any, Any]  #: ``Out``
    history: Dict[str, Any]  #: ``_``, ``_7`` and the like
    errors: List[BaseException]  #: the last one
    scope: Dict[str, Any]  #: the namespace itself, which cells have as their globals
    shell: Any = None
    scripts: Dict[str, Dict[str, Any]] = {}  #: globals of what ``%run`` ran, which IPython keeps

    @classmethod
    def of_shell(cls, shell: Any) -> Roots:
        """The roots of an IPython shell."""
        from ..inventory import history_names, namespace_of, outputs_of

        scope = shell.user_ns
        names = {name: value for name, value in list(scope.items()) if type(name) is str}
        history = {name: names[name] for name in history_names(names)}
        return cls(
            namespace_of(shell),
            outputs_of(shell),
            history,
            last_errors(),
            scope,
            shell,
            _scripts(shell),
        )

    @classmethod
    def of_namespace(
        cls, namespace: Dict[str, Any], outputs: Optional[Dict[Any, Any]] = None
    ) -> Roots:
        """The roots of a script, or of a test."""
        return cls(dict(namespace), outputs or {}, {}, last_errors(), namespace)

    def tracebacks(self) -> List[Any]:
        """Tracebacks that are kept beside the exceptions."""
        found = [vars(sys).get("last_traceback")]
        reporter = getattr(self.shell, "InteractiveTB", None)
        if reporter is not None:
            found.append(vars(reporter).get("tb"))
        return [trace for trace in found if trace is not None]

    def drop(self) -> None:
        """Let go of the copies."""
        self.namespace.clear()
        self.history.clear()
        self.errors.clear()
        self.scripts.clear()


def _scripts(shell: Any) -> Dict[str, Dict[str, Any]]:
    modules: Any = getattr(shell, "_main_mod_cache", None)
    if type(modules) is not dict:
        return {}
    return {
        f"%run {os.path.basename(path)}": dict(module.__dict__)
        for path, module in list(modules.items())
        if type(path) is str and type(module) is types.ModuleType
    }


def last_errors() -> List[BaseException]:
    """Exceptions that are kept for post-mortem debugging."""
    found: List[Any] = [vars(sys).get("last_exc"), vars(sys).get("last_value")]
    last: List[BaseException] = []
    for error in found:
        if issubclass(type(error), BaseException) and not any(error is other for other in last):
            last.append(error)
    return last
