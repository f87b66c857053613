"""Statements, followed in order; where it is not certain what runs, less is known."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, Optional, Sequence

from ..values import Scalar
from . import comprehensions
from .assignments import Assignments
from .bindings import assigned_in, leaves, may_leave
from .expressions import Expressions
from .names import Names
from .torch_names import canonical, followed
from .values import (
    UNKNOWN,
    Named,
    Size,
    Value,
    truth,
)

#: Context managers that let every exception out and change no operation.
_PLAIN_CONTEXTS = frozenset(
    {
        "torch.autograd.detect_anomaly",
        "torch.autograd.set_detect_anomaly",
        "torch.autograd.profiler.record_function",
        "torch.random.fork_rng",
        "warnings.catch_warnings",
        "builtins.open",
    }
)
_GRADIENTS: Dict[str, bool] = {
    "torch.no_grad": False,
    "torch.inference_mode": False,
    "torch.enable_grad": True,
    "torch.autograd.no_grad": False,
    "torch.autograd.enable_grad": True,
}

#: Rounds until the names of a loop are settled; after that they are given up.
_ROUNDS = 3
_DEEPEST_LOOP = 2


class Statements(Assignments):
    """Follows statements with an `Expressions`."""

    def body(self, statements: Sequence[ast.stmt]) -> bool:
        """Follows them in order; False where the end is certainly not reached."""
        quieted = 0
        try:
            for statement in statements:
                if not self.one(statement):
                    return False
                if self._left_by(statement):
                    # Whatever follows runs on some condition that is not known.
                    quieted += 1
                    self.follow.record.quiet += 1
            return True
        finally:
            self.follow.record.quiet -= quieted

    def _left_by(self, node: ast.stmt) -> bool:
        """Whether it may have left the block on a condition that is not known."""
        if isinstance(node, ast.If):
            chosen = self.chosen.pop(id(node), None)
            if chosen is not None:
                return any(map(may_leave, chosen))
        return may_leave(node)

    def one(self, node: ast.stmt) -> bool:
        """Follows one statement; False where what is after it does not run."""
        if self.follow.record.spent:
            return True
        follow = _FOLLOW.get(type(node).__name__)
        if follow is not None:
            return follow(self, node) is not False
        self.names.forget(assigned_in([node]))
        return True

    def _expression(self, node: ast.Expr) -> None:
        self.follow.value(node.value)

    def _pass(self, node: ast.Pass) -> None:
        if node.lineno in self.assigned:
            self.names.forget(self.assigned[node.lineno])
        if node.lineno in self.forgotten:
            self.names.forget_all()

    def _if(self, node: ast.If) -> Optional[bool]:
        known = self.follow.truth(node.test, self.follow.value(node.test))
        if known is not None:
            taken = node.body if known else node.orelse
            self.chosen[id(node)] = taken
            return self.body(taken)
        guarded = not _only_counts(self.follow, node.test)
        went_on = self._either([node.body, node.orelse], quiet=guarded)
        if not guarded:
            self.chosen[id(node)] = []  # if step > 3: break: what follows runs before
        return went_on

    def _either(self, bodies: Sequence[Sequence[ast.stmt]], quiet: bool) -> bool:
        """One of them runs, nobody knows which; False where none lets what follows run."""
        before = self.follow.names
        self.follow.record.visits += len(before.bound) // 4
        ends: List[Names] = []
        self.follow.unsure += 1
        self.follow.record.quiet += quiet
        try:
            for body in bodies:
                self.follow.names = before.branch()
                if self.body(body):
                    ends.append(self.follow.names)
        finally:
            self.follow.record.quiet -= quiet
            self.follow.unsure -= 1
            self.follow.names = before
        if ends:
            before.take(ends)
        return bool(ends)

    def _try(self, node: Any) -> None:
        before = self.names.branch()
        caught = bool(node.handlers)
        self.follow.record.quiet += caught
        self.follow.unsure += caught
        grad = self.follow.grad
        try:
            self.body([*node.body, *node.orelse])
        finally:
            self.follow.record.quiet -= caught
            self.follow.unsure -= caught
        if caught:
            # An exception may have come at any statement: what was assigned may be or not.
            halfway = before.branch()
            halfway.forget(assigned_in(node.body))
            self.follow.grad = grad if self.follow.grad == grad else None
            self._either([[], *[handler.body for handler in node.handlers]], quiet=True)
            after = self.names.branch()
            self.names.take([after, halfway])
            for handler in node.handlers:
                self.names.forget(assigned_in([handler]))
        self.body(node.finalbody)

    def _with(self, node: Any) -> Optional[bool]:
        grad = self.follow.grad
        plain = True
        for item in node.items:
            path = self._context(item.context_expr)
            value = self.follow.value(item.context_expr)
            if path in _GRADIENTS:
                self.follow.grad = _GRADIENTS[path]
            elif path == "torch.set_grad_enabled":
                self.follow.grad = None
                if isinstance(item.context_expr, ast.Call) and item.context_expr.args:
                    self.follow.grad = truth(self.follow.value(item.context_expr.args[0]))
            elif path not in _PLAIN_CONTEXTS or isinstance(node, ast.AsyncWith):
                plain = False
            if item.optional_vars is not None:
                self.assign(item.optional_vars, UNKNOWN, None)
            self.follow.escape(value)
        if plain:
            went_on = self.body(node.body)
        else:
            self.names.outside.stirred = True
            # It may swallow exceptions, and change dtypes or devices (autocast).
            went_on = True
            self.follow.unsure += 1
            self.follow.record.quiet += 1
            try:
                self.body(node.body)
            finally:
                self.follow.unsure -= 1
                self.follow.record.quiet -= 1
            self.names.forget(assigned_in(node.body))
        self.follow.grad = grad
        return went_on

    def _context(self, node: ast.expr) -> str:
        """The path of what makes the context manager."""
        if isinstance(node, ast.Call):
            function = self.follow.value(node.func)
            if isinstance(function, Named):
                return function.path
        return ""

    def _for(self, node: Any) -> None:
        iterable = self.follow.value(node.iter)
        items = comprehensions.iterated(self.follow, node.iter, iterable)
        if isinstance(node, ast.AsyncFor):
            items, iterable = None, UNKNOWN
        if items is not None and not items:
            self.body(node.orelse)
            return
        target: Value = comprehensions.any_item(self.follow, node.iter, iterable)
        if items is not None:
            target = _alike(items)

        def begin() -> None:
            comprehensions.bind_target(self.follow, node.target, target)

        self._loop(node, begin, quiet=False)

    def _while(self, node: ast.While) -> Optional[bool]:
        known = self.follow.truth(node.test, self.follow.value(node.test))
        if known is False:
            return self.body(node.orelse)
        endless = isinstance(node.test, ast.Constant) and known is True

        def begin() -> None:
            self.follow.value(node.test)

        self._loop(node, begin, quiet=not endless and not _only_counts(self.follow, node.test))
        return None

    def _loop(self, node: Any, begin: Callable[[], None], quiet: bool) -> None:
        """The body with what is the same in every round."""
        follow = self.follow
        before = follow.names
        follow.record.visits += len(before.bound) // 4
        self._loops += 1
        follow.unsure += 1
        grad = follow.grad
        try:
            settled = before.branch()
            if self._loops > _DEEPEST_LOOP:
                settled.forget(assigned_in([node]))
            else:
                settled = self._settled(node, begin, settled)
            follow.names = settled.branch()
            follow.grad = grad
            follow.record.quiet += quiet
            try:
                begin()
                self.body(node.body)
            finally:
                follow.record.quiet -= quiet
            end = follow.names
        finally:
            follow.unsure -= 1
            self._loops -= 1
            follow.names = before
        if follow.grad != grad:
            follow.grad = None
        changed = assigned_in([node])
        if leaves(node.body):
            end.forget(changed)
        before.take([settled, end])
        if node.orelse:
            self._either([node.orelse, []], quiet=True)
            self.names.forget(assigned_in(node.orelse))

    def _settled(self, node: Any, begin: Callable[[], None], names: Names) -> Names:
        """The names at the start of any round."""
        follow = self.follow
        follow.record.quiet += 1
        try:
            for _ in range(_ROUNDS):
                follow.names = names.branch()
                begin()
                self.body(node.body)
                if leaves(node.body):  # continue: what is after it may be left out
                    follow.names.forget(assigned_in(node.body))
                if names.agrees(follow.names):
                    return names
                # A name that the loop binds first is not there in the first round.
                names.take([names.branch(), follow.names])
            names.forget(assigned_in([node]))
            return names
        finally:
            follow.record.quiet -= 1

    def _function(self, node: Any) -> None:
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults, *node.decorator_list):
            if default is not None:
                self.follow.value(default)
        if node.decorator_list:
            self.names.outside.stirred = True
        self.follow.capture(node)
        self.names.bind(node.name, UNKNOWN)

    def _class(self, node: ast.ClassDef) -> None:
        for part in (*node.bases, *node.decorator_list):
            self.follow.value(part)
        self.names.outside.stirred = True  # its body runs, and its metaclass
        self.follow.capture(node)
        self.names.bind(node.name, UNKNOWN)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = canonical(alias.name)
            if alias.asname is None:
                path = path.partition(".")[0]
            name = alias.asname or alias.name.partition(".")[0]
            self.names.bind(name, Named(path) if followed(path) else UNKNOWN)

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.names.forget_all()
                continue
            path = canonical(f"{node.module}.{alias.name}")
            value: Value = UNKNOWN
            if node.level == 0 and node.module is not None and followed(path):
                value = _imported(path)
            self.names.bind(alias.asname or alias.name, value)

    def _raise(self, node: ast.Raise) -> bool:
        if node.exc is not None:
            self.follow.value(node.exc)
        return False

    def _return(self, node: ast.Return) -> bool:
        if node.value is not None:
            self.follow.value(node.value)
        return False

    def _leave(self, node: ast.stmt) -> bool:
        return False

    def _assert(self, node: ast.Assert) -> Optional[bool]:
        known = self.follow.truth(node.test, self.follow.value(node.test))
        return known is not False

    def _match(self, node: Any) -> None:
        self.follow.value(node.subject)
        self.names.forget(assigned_in([node]))
        self._either([[], *[case.body for case in node.cases]], quiet=True)
        self.names.forget(assigned_in([node]))

    def _nothing(self, node: ast.stmt) -> None:
        return None


_FOLLOW: Dict[str, Callable[[Any, Any], Any]] = {
    "Expr": Statements._expression,
    "Pass": Statements._pass,
    "Assign": Statements._assign,
    "AnnAssign": Statements._annotated,
    "AugAssign": Statements._augmented,
    "Delete": Statements._delete,
    "If": Statements._if,
    "Try": Statements._try,
    "TryStar": Statements._try,
    "With": Statements._with,
    "AsyncWith": Statements._with,
    "For": Statements._for,
    "AsyncFor": Statements._for,
    "While": Statements._while,
    "FunctionDef": Statements._function,
    "AsyncFunctionDef": Statements._function,
    "ClassDef": Statements._class,
    "Import": Statements._import,
    "ImportFrom": Statements._import_from,
    "Raise": Statements._raise,
    "Return": Statements._return,
    "Break": Statements._leave,
    "Continue": Statements._leave,
    "Assert": Statements._assert,
    "Match": Statements._match,
    "Global": Statements._nothing,
    "Nonlocal": Statements._nothing,
}


def _imported(path: str) -> Value:
    from .attributes import of_library

    space, _, name = path.rpartition(".")
    return of_library(space, name) if space else Named(path)


def _alike(items: Sequence[Value]) -> Value:
    """What every item is, or UNKNOWN; numbers that differ are a number."""
    from .values import same

    first = items[0]
    if all(same(first, one) for one in items[1:]):
        return first
    if all(isinstance(one, Scalar) for one in items):
        kinds = {type(one.value) for one in items}
        if kinds == {int}:
            return Scalar(0, known=False)
        if kinds == {float}:
            return Scalar(0.0, known=False)
    if all(isinstance(one, Size) for one in items) and len({len(i.items) for i in items}) == 1:
        return Size(tuple(map(_alike, zip(*(one.items for one in items)))))
    return UNKNOWN


def _only_counts(follow: Expressions, node: ast.expr) -> bool:
    """Whether a condition depends on counters only: it does not ask whether shapes fit."""
    follow.record.quiet += 1
    try:
        for part in ast.walk(node):
            if isinstance(part, (ast.Call, ast.Attribute, ast.Subscript, ast.NamedExpr)):
                return False
            if isinstance(part, ast.Name):
                value = follow.names.get(part.id)
                if not isinstance(value, Scalar):
                    return False
        return True
    finally:
        follow.record.quiet -= 1
