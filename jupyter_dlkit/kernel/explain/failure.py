"""A sub-expression that failed: in the user's own words, or inside of a layer that it calls."""

from __future__ import annotations

import ast
from typing import Any, List, Optional, Sequence, Tuple

from ..kinds import MODULE, TENSOR
from . import layers
from .explanation import Explanation
from .following import Answer, Follower, is_path
from .frame_names import Step
from .seen import Seer
from .telling import Telling


class Failure:
    """The user's frame, and the library's frames inside of it."""

    def __init__(
        self, seer: Seer, trace: Sequence[Step], inner: Sequence[Step], telling: Telling
    ) -> None:
        self.seer = seer
        self.trace = trace
        self.inner = inner
        self.telling = telling
        self.look = telling.look
        self.follower = telling.follower

    def explained(self, node: ast.AST) -> Optional[Explanation]:
        """What is said of a sub-expression that is known to have failed."""
        running = layers.running(self.seer, self.inner)
        if running is not None and isinstance(node, ast.Call):
            return self._in_layer(node, running)
        answer = self.follower.answer(node)
        if answer.finding is not None:
            return self.telling.by_rules(node, self.follower, answer.finding)
        return self.telling.not_known(node, answer)

    # Layers -----------------------------------------------------------------------

    def _in_layer(self, node: ast.Call, running: layers.Running) -> Optional[Explanation]:
        called = self.look.found(node.func)
        direct = bool(called) and called[0] is running.module
        name = ast.unparse(node.func) if direct else None
        if called and not direct:
            roots = [(called[0], ast.unparse(node.func))]
            name = layers.path_below(self.seer, roots, running.module)
        path = layers.path_from_variable(self.seer, self.trace, running.module) or name
        name = name or path or "the layer"
        layer = layers.LayerSeen(
            name,
            path,
            layers.described(running.module, self.seer),
            self.seer.layer(running.module, name, inside=True),
        )
        if direct or not called:  # in the user's words, where they are known
            answer = self.follower.answer(node)
            if answer.finding is not None:
                return self.telling.by_rules(node, self.follower, answer.finding, layer)
            if direct and not running.arguments:
                return self.telling.not_known(node, answer, layer)
        call, follower = self._call(node, running, layer)
        answer = Answer(None, False, False) if call is None else follower.answer(call)
        if answer.finding is not None:
            return self.telling.by_rules(node, follower, answer.finding, layer)
        return self.telling.not_known(node, answer, layer, follower, call)

    def _call(
        self, node: ast.Call, running: layers.Running, layer: layers.LayerSeen
    ) -> Tuple[Optional[ast.Call], Follower]:
        """``model[3](input of model[3])``: the layer's call, with what reached it."""
        follower = Follower(None, self.look)
        arguments: List[ast.expr] = []
        for number, thing in enumerate(running.arguments):
            operand = None
            if self.seer.kinds.one(thing) == TENSOR:
                operand = self.seer.tensor(thing)
            if operand is None:
                break
            given = self._given(node, thing)
            if given is None:
                which = "input" if number == 0 else f"input {number + 1}"
                given = ast.Name(f"{which} of {layer.name}", ast.Load())
                follower.extra[given.id] = operand
            arguments.append(given)
        if not arguments or layer.value is None:
            return None, follower
        follower.extra[layer.name] = layer.value
        return ast.Call(ast.Name(layer.name, ast.Load()), arguments, []), follower

    def _given(self, node: ast.Call, thing: Any) -> Any:
        """The argument of the user's call that is the very object."""
        for one in [*node.args, *(word.value for word in node.keywords)]:
            if is_path(one):
                found = self.look.found(one)
                if found and found[0] is thing:
                    return one
        return None

    # By the line --------------------------------------------------------------------

    def on_line(self, candidates: Sequence[ast.AST]) -> Optional[Explanation]:
        """Where only the line is known: the one candidate that would fail."""
        if not candidates:
            return None
        running = layers.running(self.seer, self.inner)
        if running is not None:
            calls = [one for one in candidates if self._calls(one, running.module)]
            return self.explained(calls[0]) if len(calls) == 1 else self.telling.line_only()
        if len(candidates) == 1:
            return self.explained(candidates[0])
        failing = [one for one in candidates if self.follower.answer(one).finding is not None]
        if len(failing) == 1:
            return self.explained(failing[0])
        return self.telling.line_only()

    def _calls(self, node: ast.AST, module: Any) -> bool:
        """Whether it calls the module, or one that the module is inside of."""
        found = self.look.found(node.func) if isinstance(node, ast.Call) else ()
        if not found or self.seer.kinds.one(found[0]) != MODULE:
            return False
        return layers.path_below(self.seer, [(found[0], "m")], module) is not None
