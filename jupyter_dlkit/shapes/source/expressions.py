"""Expressions, followed from their leaves up; nothing is evaluated."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Type

from ..dtypes import is_floating
from ..values import Operand, Scalar
from . import arithmetic
from .attributes import attribute
from .calls import call
from .comprehensions import comprehension
from .items import item
from .names import Names
from .record import MOST_VISITS, Argument, Record
from .torch_names import words
from .values import (
    ABSENT,
    NOTHING,
    UNKNOWN,
    Constant,
    Device,
    Dtype,
    Items,
    Layer,
    Method,
    Named,
    NotPlain,
    Size,
    Table,
    Unknown,
    Value,
    either,
    elements,
    plain,
    plain_value,
    truth,
)

_OPERATORS: Dict[Type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "bitwise_and",
    ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor",
    ast.LShift: "bitwise_left_shift",
    ast.RShift: "bitwise_right_shift",
}

_COMPARISONS: Dict[Type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}

_UNARY: Dict[Type[ast.unaryop], str] = {ast.USub: "neg", ast.Invert: "bitwise_not"}

#: Operations that always return several tensors, be it one.
_LISTED = words(
    "chunk split unbind tensor_split hsplit vsplit dsplit split_with_sizes unsafe_split "
    "unsafe_chunk broadcast_tensors meshgrid"
)

_BOUNDED = words("clamp clamp_ clip clip_")

_VALUES_AND_INDICES = ("values", "indices")
_FIELDS: Dict[str, Tuple[str, ...]] = dict.fromkeys(
    ["max", "min", "sort", "topk", "median", "nanmedian", "mode", "kthvalue", "cummax", "cummin"],
    _VALUES_AND_INDICES,
)

#: Operations whose result has all values of their operand, so that its range holds for it.
_SAME_VALUES = words(
    "view reshape view_as reshape_as t T mT transpose permute swapaxes swapdims movedim moveaxis "
    "unsqueeze squeeze flatten unflatten contiguous clone detach flip roll to ravel"
)

#: Names that hold for every module of Python's.
_ALWAYS: Dict[str, Value] = {"__name__": Constant("__main__")}


class Expressions:
    """Follows expressions over `names`; what it finds goes into `record`."""

    def __init__(self, names: Names, record: Record, grad: Optional[bool]) -> None:
        self.names = names
        self.record = record
        #: Whether gradients are being recorded; None where that is not known.
        self.grad = grad
        #: More than 0: what is followed here may run never or several times.
        self.unsure = 0

    # -- what calls of others need ------------------------------------------------

    def value(self, node: ast.expr) -> Value:
        """What the expression is known to be."""
        self.record.visits += 1
        follow = _FOLLOW.get(type(node))
        if follow is None or self.record.visits > MOST_VISITS:
            return UNKNOWN  # and so is all that is bound from now on
        return follow(self, node)

    def quietly(self, node: ast.expr) -> Value:
        """The same for what may not run: nothing is found there."""
        self.record.quiet += 1
        self.unsure += 1
        try:
            return self.value(node)
        finally:
            self.record.quiet -= 1
            self.unsure -= 1

    def operation(
        self,
        node: ast.AST,
        name: str,
        positional: Sequence[Tuple[ast.expr, Value]],
        keywords: Optional[Mapping[str, Tuple[ast.expr, Value]]] = None,
    ) -> Value:
        """The result of one of the engine's operations, UNKNOWN where anything is not known."""
        try:
            arguments: List[Argument] = [(one, _engines(value)) for one, value in positional]
            named: Dict[str, Argument] = {
                word: (one, _engines(value)) for word, (one, value) in (keywords or {}).items()
            }
        except NotPlain:
            return UNKNOWN
        if name in _BOUNDED and any(
            isinstance(value, Operand) and not value.shape for _, value in positional[1:]
        ):
            return UNKNOWN  # a 0-dim tensor serves as a number there, or as a tensor
        self.record.devices_known = self.names.outside.devices_known
        verdict = self.record.ask(node, name, arguments, named, self.grad is True)
        if verdict is None or not verdict.ok:
            return UNKNOWN
        if not self.names.outside.usual and not any(
            isinstance(one, Operand) and is_floating(one.dtype) for _, one in arguments
        ):
            return UNKNOWN  # int / int is of torch's default dtype
        if verdict.scalar is not None:
            return verdict.scalar
        if verdict.undetermined is not None:
            return UNKNOWN
        results: Tuple[Value, ...] = tuple(result.operand() for result in verdict.results)
        if name not in _SAME_VALUES:
            results = tuple(map(_without_range, results))
        if name in _LISTED or len(results) > 1:
            return Size(results, _FIELDS.get(name, ()))
        return results[0] if results else UNKNOWN

    def in_place(
        self,
        node: ast.AST,
        name: str,
        positional: Sequence[Tuple[ast.expr, Value]],
        keywords: Optional[Mapping[str, Tuple[ast.expr, Value]]] = None,
    ) -> Value:
        """The same for an operation that writes into its first operand, and returns it."""
        target = positional[0][1]
        result = self.operation(node, name, positional, keywords)
        self.forget_ranges()
        if result is UNKNOWN or not isinstance(target, Operand):
            return UNKNOWN
        if target.index_range is not None:
            return _without_range(target)
        return target

    def forget_ranges(self) -> None:
        """Some tensor was written into: no values are known any more."""
        self._replace(_without_range)

    def _replace(self, change: Callable[[Value], Value]) -> None:
        """Exchanges every value that is held; that is work too."""
        if not self.record.spent:
            self.record.visits += len(self.names.bound) // 4
            self.names.replace(change)

    def path(self, node: ast.expr) -> Optional[Tuple[str, str]]:
        """(path, root) of names, attributes and constant items; None for anything else."""
        if isinstance(node, ast.Name):
            return node.id, node.id
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            return owner and (f"{owner[0]}.{node.attr}", owner[1])
        if isinstance(node, ast.Subscript):
            key = constant_key(node.slice)
            owner = self.path(node.value) if key is not None else None
            return owner and (f"{owner[0]}[{key}]", owner[1])
        return None

    def outside(self, node: ast.expr) -> Value:
        """What the live namespace knows of a path below an object that is not known."""
        found = self.path(node)
        if found is None or found[1] in self.names.bound:
            return UNKNOWN
        return self.names.outside.answer(*found)

    # -- expressions ----------------------------------------------------------------

    def _name(self, node: ast.Name) -> Value:
        value = self.names.get(node.id)
        if value is ABSENT:
            return _ALWAYS.get(node.id, Named(f"builtins.{node.id}"))
        return value

    def _constant(self, node: ast.Constant) -> Value:
        return plain_value(node.value)

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Unknown):
            value = self.outside(node)
            if isinstance(value, Unknown):
                self.names.outside.stirred = True  # a property, perhaps
            return value
        value = attribute(self, node, owner)
        if isinstance(owner, Layer) and isinstance(value, Method):
            inner = self.outside(node)  # net.conv1
            if isinstance(inner, (Layer, Operand)):
                return inner
        return value

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Unknown):
            self.value(node.slice)
            value = self.outside(node)
            if isinstance(value, Unknown):
                self.names.outside.stirred = True
            return value
        return item(self, node, owner)

    def _binary(self, node: ast.BinOp) -> Value:
        left = self.value(node.left)
        right = self.value(node.right)
        return self.combine(node, node.op, (node.left, left), (node.right, right))

    def combine(
        self,
        node: ast.AST,
        sign: ast.operator,
        left: Tuple[ast.expr, Value],
        right: Tuple[ast.expr, Value],
    ) -> Value:
        """``left sign right``."""
        a, b = left[1], right[1]
        self._stir(a, b)
        if isinstance(a, Operand) or isinstance(b, Operand):
            if not _tensors_and_numbers(a, b):
                return UNKNOWN
            return self.operation(node, _OPERATORS[type(sign)], (left, right))
        if isinstance(a, Scalar) and isinstance(b, Scalar):
            return arithmetic.of_numbers(sign, a, b)
        return arithmetic.of_sequences(sign, a, b)

    def augment(
        self,
        node: ast.AST,
        sign: ast.operator,
        left: Tuple[ast.expr, Value],
        right: Tuple[ast.expr, Value],
    ) -> Value:
        """``left sign= right``."""
        a, b = left[1], right[1]
        self._stir(a, b)
        if isinstance(a, Operand):
            if isinstance(sign, ast.MatMult):
                return UNKNOWN
            if not _tensors_and_numbers(a, b):
                self.forget_ranges()
                return UNKNOWN
            return self.in_place(node, _OPERATORS[type(sign)] + "_", (left, right))
        if isinstance(a, Items):
            added = elements(b) if isinstance(sign, ast.Add) else None
            if self.unsure or added is None or a.items is None:
                a.items = None
            else:
                a.items.extend(added)
            return a
        return self.combine(node, sign, left, right)

    def _stir(self, *values: Value) -> None:
        """What is not known may have operators of the user's."""
        if any(isinstance(value, Unknown) for value in values):
            self.names.outside.stirred = True

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            known = self.truth(node.operand, value)
            return UNKNOWN if known is None else Scalar(not known)
        if isinstance(value, Scalar):
            return arithmetic.unary(node.op, value)
        if isinstance(value, Operand):
            if isinstance(node.op, ast.UAdd):
                return value
            return self.operation(node, _UNARY[type(node.op)], [(node.operand, value)])
        return UNKNOWN

    def _compare(self, node: ast.Compare) -> Value:
        left_node, left = node.left, self.value(node.left)
        outcome: Value = UNKNOWN
        for number, (sign, right_node) in enumerate(zip(node.ops, node.comparators)):
            right = self.value(right_node) if number == 0 else self.quietly(right_node)
            if number:  # a < b < c: whether c is reached depends on a < b
                return UNKNOWN
            outcome = self._compared(node, sign, (left_node, left), (right_node, right))
            left_node, left = right_node, right
        return outcome

    def _compared(
        self,
        node: ast.Compare,
        sign: ast.cmpop,
        left: Tuple[ast.expr, Value],
        right: Tuple[ast.expr, Value],
    ) -> Value:
        a, b = left[1], right[1]
        self._stir(a, b)
        if isinstance(sign, (ast.Is, ast.IsNot)):
            if b == NOTHING and not isinstance(a, Unknown):
                return Scalar((a == NOTHING) is isinstance(sign, ast.Is))
            return UNKNOWN
        if isinstance(sign, (ast.In, ast.NotIn)):
            return UNKNOWN
        if isinstance(a, Operand) or isinstance(b, Operand):
            if not _tensors_and_numbers(a, b):
                return UNKNOWN
            return self.operation(node, _COMPARISONS[type(sign)], (left, right))
        if isinstance(a, (Dtype, Device)) or isinstance(b, (Dtype, Device)):
            if type(a) is type(b) and isinstance(a, Dtype):
                return arithmetic.compared(sign, a.name, b.name)
            return UNKNOWN
        try:
            return arithmetic.compared(sign, _comparable(a), _comparable(b))
        except NotPlain:
            return UNKNOWN

    def truth(self, node: ast.expr, value: Value) -> Optional[bool]:
        """``bool(value)``; a tensor of several elements has none, and that is an error."""
        if isinstance(value, Operand):
            numel = 1
            for size in value.shape:
                numel *= size
            if numel > 1:
                text = self.record.text.of(node)
                self.record.find(
                    node,
                    "ambiguous_truth",
                    "error",
                    f"{text} has {numel} elements: it is neither true nor false as a whole. "
                    "Say .any() or .all().",
                    (text,),
                )
            return None
        return truth(value)

    def _boolean(self, node: ast.BoolOp) -> Value:
        is_and = isinstance(node.op, ast.And)
        certain = True
        for number, part in enumerate(node.values):
            value = self.value(part) if certain else self.quietly(part)
            if number == len(node.values) - 1:
                return value if certain else UNKNOWN
            known = self.truth(part, value) if certain else None
            if known is None:
                certain = False
            elif known is not is_and:
                return value
        return UNKNOWN

    def _ternary(self, node: ast.IfExp) -> Value:
        known = self.truth(node.test, self.value(node.test))
        if known is not None:
            return self.value(node.body if known else node.orelse)
        return either([self.quietly(node.body), self.quietly(node.orelse)])

    def _tuple(self, node: ast.Tuple) -> Value:
        items = self.listed(node.elts)
        return UNKNOWN if items is None else Size(tuple(items))

    def _list(self, node: ast.List) -> Value:
        items = self.listed(node.elts)
        return Items(items)

    def listed(self, nodes: Sequence[ast.expr]) -> Optional[List[Value]]:
        """The values of a display; None where a starred one is not known."""
        items: Optional[List[Value]] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                more = elements(self.value(node.value))
                if more is None:
                    items = None
                elif items is not None:
                    items.extend(more)
            else:
                value = self.value(node)
                if items is not None:
                    items.append(value)
        return items

    def _dict(self, node: ast.Dict) -> Value:
        found: Optional[Dict[Any, Value]] = {}
        for key, part in zip(node.keys, node.values):
            value = self.value(part)
            name = self.value(key) if key is not None else UNKNOWN
            if isinstance(name, (Constant, Scalar)) and found is not None:
                if isinstance(name, Scalar) and not name.known:
                    found = None
                else:
                    found[name.value] = value
            else:
                found = None
        return Table(found)

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        if isinstance(node.target, ast.Name):
            self.names.bind(node.target.id, value)
        return value

    def _formatted(self, node: ast.JoinedStr) -> Value:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.value(part.value)
                if part.format_spec is not None:
                    self.value(part.format_spec)
        return UNKNOWN

    def _set(self, node: ast.Set) -> Value:
        self.listed(node.elts)
        return UNKNOWN

    def _starred(self, node: ast.Starred) -> Value:
        self.value(node.value)
        return UNKNOWN

    def _await(self, node: ast.Await) -> Value:
        self.value(node.value)
        return UNKNOWN

    def _lambda(self, node: ast.Lambda) -> Value:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.value(default)
        self.capture(node)
        return UNKNOWN

    def capture(self, node: ast.AST) -> None:
        """A function may change the lists that it sees, whenever it is called."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                self.escape(self.names.bound.get(part.id))

    def escape(self, value: Value) -> None:
        """Others may change this list or dict from now on."""
        if isinstance(value, Size):
            for one in value.items:
                self.escape(one)
        elif isinstance(value, (Items, Table)) and value.items is not None:
            inside = value.items
            value.items = None
            for one in inside.values() if isinstance(inside, dict) else inside:
                self.escape(one)

    def escape_all(self) -> None:
        """Whatever is called now may change any list or dict that it can reach."""
        if not self.record.spent:
            self.record.visits += len(self.names.bound) // 4
            for value in self.names.bound.values():
                self.escape(value)

    def reshaped(self, value: Value) -> None:
        """A tensor may have another shape from now on, under whatever name."""
        if not isinstance(value, Operand):
            self.names.forget_all()
            return
        shape = value.shape
        self.names.outside.reshaped.add(shape)

        def change(one: Value) -> Value:
            if isinstance(one, Operand) and one.shape == shape:
                return UNKNOWN
            return UNKNOWN if isinstance(one, (Layer, Method)) else one

        self._replace(change)

    def modules_changed(self) -> None:
        """Some module may have parameters of another dtype or on another device now."""
        self.names.outside.modules_changed = True

        def change(one: Value) -> Value:
            if isinstance(one, Operand) and one.requires_grad and one.is_leaf:
                return UNKNOWN
            return UNKNOWN if isinstance(one, (Layer, Method)) else one

        self._replace(change)

    def _comprehension(self, node: ast.expr) -> Value:
        return comprehension(self, node)

    def _call(self, node: ast.Call) -> Value:
        return call(self, node)

    def _slice(self, node: ast.Slice) -> Value:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.value(part)
        return UNKNOWN


_FOLLOW: Dict[Type[ast.AST], Callable[[Any, Any], Value]] = {
    ast.Name: Expressions._name,
    ast.Constant: Expressions._constant,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.Compare: Expressions._compare,
    ast.BoolOp: Expressions._boolean,
    ast.IfExp: Expressions._ternary,
    ast.Tuple: Expressions._tuple,
    ast.List: Expressions._list,
    ast.Dict: Expressions._dict,
    ast.Set: Expressions._set,
    ast.NamedExpr: Expressions._walrus,
    ast.JoinedStr: Expressions._formatted,
    ast.Starred: Expressions._starred,
    ast.Await: Expressions._await,
    ast.Lambda: Expressions._lambda,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Call: Expressions._call,
    ast.Slice: Expressions._slice,
}


def constant_key(node: ast.expr) -> Optional[str]:
    """``'x'``, ``0``, ``-1`` as Python writes it; None for any other index."""
    sign = ""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = "-", node.operand
    if not isinstance(node, ast.Constant):
        return None
    if type(node.value) is int or (type(node.value) is str and not sign):
        return sign + repr(node.value)
    return None


def _engines(value: Value) -> Any:
    """A value as the engine takes it; numbers stay Scalars where they are operands."""
    if isinstance(value, Scalar):
        return value.value if value.known else value
    return plain(value)


def _tensors_and_numbers(*values: Value) -> bool:
    return all(isinstance(value, (Operand, Scalar)) for value in values)


def _without_range(value: Value) -> Value:
    if isinstance(value, Operand) and value.index_range is not None:
        return Operand(
            value.shape,
            value.dtype,
            value.device,
            value.name,
            value.requires_grad,
            value.is_leaf,
            value.strides,
        )
    return value


def _comparable(value: Value) -> Any:
    """Plain numbers, texts and tuples of them.  Raises NotPlain."""
    if isinstance(value, Size):
        return tuple(map(_comparable, value.items))
    if isinstance(value, Items) and value.items is not None:
        return list(map(_comparable, value.items))
    if isinstance(value, (Scalar, Constant)):
        return plain(value)
    raise NotPlain
