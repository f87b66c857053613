"""Random questions for the oracle: operands of 0, 1, missing and large dimensions."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from jupyter_dlkit.shapes.rules import elementwise

DTYPES = [
    *[torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64],
    *[torch.float16, torch.bfloat16, torch.float32, torch.float64],
    *[torch.complex64, torch.complex128],
]
FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
RARE = [torch.uint16, torch.uint32, torch.uint64, torch.complex32, torch.float8_e4m3fn]


class Asked(NamedTuple):
    """One call: to torch as it stands, to the engine by its shapes."""

    operation: str
    positional: list[Any]
    keywords: dict[str, Any] = {}


Family = Callable[[random.Random], Asked]
FAMILIES: list[Family] = []


def family(weight: int) -> Callable[[Family], Family]:
    def register(function: Family) -> Family:
        FAMILIES.extend([function] * weight)
        return function

    return register


def call_torch(asked: Asked) -> Any:
    """Calls the operation where torch has it: a function, a functional, a method."""
    name, positional, keywords = asked
    if name == "getitem":
        return positional[0][tuple(positional[1])]
    if name == "setitem":
        positional[0][tuple(positional[1])] = positional[2]
        return positional[0]
    if name in ("T", "mT", "H", "mH"):
        return getattr(positional[0], name)
    for space in (F, torch):
        if callable(getattr(space, name, None)) and name not in ("split",):
            return getattr(space, name)(*positional, **keywords)
    return getattr(positional[0], name)(*positional[1:], **keywords)


def size(r: random.Random) -> int:
    return r.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6])


def shape(r: random.Random, least: int = 0, most: int = 4) -> tuple[int, ...]:
    return tuple(size(r) for _ in range(r.randint(least, most)))


def near(r: random.Random, base: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that often broadcasts with another: some 1, some missing, seldom another size."""
    sizes = [1 if r.random() < 0.25 else one for one in base]
    if r.random() < 0.3:
        sizes = sizes[r.randint(0, len(sizes)) :]
    if r.random() < 0.15:
        sizes = [size(r), *sizes]
    if sizes and r.random() < 0.25:
        sizes[r.randrange(len(sizes))] = size(r)
    return tuple(sizes)


def tensor(
    r: random.Random, of: tuple[int, ...], dtype: torch.dtype, device: str = "cpu"
) -> torch.Tensor:
    """A tensor whose values do no harm; sometimes not contiguous."""
    made = torch.zeros(of, device=device).to(dtype)
    if device == "cpu" and len(of) > 1 and r.random() < 0.2:
        made = made.transpose(0, -1).contiguous().transpose(0, -1)
    return made


def dtype(r: random.Random) -> torch.dtype:
    draw = r.random()
    if draw < 0.45:
        return r.choice(FLOATS)
    return r.choice(RARE) if draw > 0.97 else r.choice(DTYPES)


def mostly(r: random.Random, usual: torch.dtype) -> torch.dtype:
    return usual if r.random() < 0.85 else dtype(r)


def number(r: random.Random) -> Any:
    return r.choice([True, 0, 1, 2, -1, 300, 1.5, -0.5, 2.0, 1 + 2j])


def pair(r: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
    base = shape(r)
    one = tensor(r, near(r, base), dtype(r))
    return one, tensor(r, near(r, base), one.dtype if r.random() < 0.4 else dtype(r))


_NO_NUMBER_FIRST = elementwise._NUMBER_FIRST - {
    *("pow", "float_power", "xlogy", "remainder", "bitwise_and", "bitwise_or", "bitwise_xor"),
    *("bitwise_left_shift", "bitwise_right_shift"),
}


@family(10)
def binary(r: random.Random) -> Asked:
    name = r.choice(list(elementwise.BINARY))
    one, two = pair(r)
    first: Any = one
    other: Any = two
    if r.random() < 0.25:
        if r.random() < 0.2 and name not in _NO_NUMBER_FIRST:
            first = number(r)
        else:
            other = number(r)
    keywords: dict[str, Any] = {}
    if name in ("add", "sub", "rsub") and r.random() < 0.2:
        keywords["alpha"] = r.choice([2, 0.5, True])
    if name == "div" and r.random() < 0.4:
        keywords["rounding_mode"] = r.choice(["trunc", "floor", None, "up"])
    if r.random() < 0.1 and name != "rsub":
        keywords["out"] = tensor(r, near(r, tuple(two.shape)), dtype(r))
    return Asked(name, [first, other], keywords)


@family(5)
def in_place(r: random.Random) -> Asked:
    known = [f"{name}_" for name in elementwise.BINARY if name not in elementwise._NOT_IN_PLACE]
    name = r.choice(known)
    one, two = pair(r)
    if r.random() < 0.15 and one.dim():
        one = one[:1].expand(3, *one.shape[1:]) if one.shape[0] else one
    other: Any = number(r) if r.random() < 0.25 else two
    return Asked(name, [one, other])


@family(2)
def huge(r: random.Random) -> Asked:
    """Large dimensions on the meta device."""
    base = tuple(r.choice([1, 3, 1000, 30_000]) for _ in range(r.randint(1, 4)))
    name = r.choice(["add", "mul", "eq", "maximum", "sub", "div"])
    kinds = [torch.float32, torch.float64, torch.int64]
    one, two = (tensor(r, near(r, base), r.choice(kinds), "meta") for _ in range(2))
    return Asked(name, [one, two])


@family(3)
def unary(r: random.Random) -> Asked:
    name = r.choice([n for n in elementwise.UNARY if n not in ("threshold", "rrelu")])
    if r.random() < 0.2 and name not in elementwise._NOT_IN_PLACE:
        name += "_"
    return Asked(name, [tensor(r, shape(r), dtype(r))])


@family(4)
def ternary(r: random.Random) -> Asked:
    base = shape(r)
    name = r.choice(["where", "addcmul", "addcdiv", "lerp", "clamp", "addcmul_", "clamp_min"])
    kind = dtype(r)
    one, two, three = (
        tensor(r, near(r, base), kind if r.random() < 0.6 else dtype(r)) for _ in range(3)
    )
    if name == "where":
        condition = tensor(r, near(r, base), mostly(r, torch.bool))
        values = [number(r) if r.random() < 0.2 else one for one in (two, three)]
        return Asked(name, [condition, *values])
    if name == "lerp" and r.random() < 0.4:
        return Asked(name, [one, two, 0.5])
    if name == "clamp":
        low, high = r.choice([(two, three), (0, 1), (None, 1.5), (two, None), (None, None)])
        return Asked(name, [one], {"min": low, "max": high})
    return Asked(name, [one, two] if name == "clamp_min" else [one, two, three])


def _square(r: random.Random) -> tuple[int, int, int]:
    return r.choice([1, 2, 3, 4, 0]), r.choice([1, 2, 3, 4]), r.choice([1, 2, 3, 0])


@family(6)
def products(r: random.Random) -> Asked:
    a, b, c = _square(r)
    kind = mostly(r, r.choice(FLOATS))
    other = kind if r.random() < 0.85 else dtype(r)
    inner = b if r.random() < 0.8 else r.choice([1, 2, 3])
    batch = shape(r, 0, 2)
    name = r.choice(["matmul", "matmul", "mm", "bmm", "mv", "dot", "outer", "linear", "linear"])
    if name == "matmul":
        left = r.choice([(*batch, a, b), (b,), (a, b)])
        right = r.choice([(*near(r, batch), inner, c), (inner,), (inner, c)])
        return Asked(name, [tensor(r, left, kind), tensor(r, right, other)])
    if name == "linear":
        x = tensor(r, r.choice([(a, b), (*batch, a, b), (b,)]), kind)
        weight = tensor(r, r.choice([(c, inner), (c, inner), (inner,)]), other)
        biases = [None, (c,), (c,), (1,), (a, c), ()]
        found = r.choice(biases)
        bias = None if found is None else tensor(r, found, other)
        return Asked(name, [x, weight] if bias is None else [x, weight, bias])
    deep = (r.choice([1, 2, 3]),)
    shapes = {
        "mm": ((a, b), (inner, c)),
        "bmm": ((*deep, a, b), (*(deep if r.random() < 0.8 else (2,)), inner, c)),
        "mv": ((a, b), (inner,)),
        "dot": ((b,), (inner,)),
        "outer": ((a,), (c,)),
    }[name]
    if r.random() < 0.1:
        shapes = (shapes[0], shape(r))
    return Asked(name, [tensor(r, shapes[0], kind), tensor(r, shapes[1], other)])


@family(2)
def added_products(r: random.Random) -> Asked:
    a, b, c = _square(r)
    kind = mostly(r, torch.float32)
    deep: tuple[int, ...] = () if r.random() < 0.5 else (2,)
    bias = near(r, (*deep, a, c))
    tensors = [
        tensor(r, one, kind if r.random() < 0.93 else dtype(r))
        for one in (bias, (*deep, a, b), (*deep, b if r.random() < 0.85 else 2, c))
    ]
    return Asked("baddbmm" if deep else "addmm", tensors)


@family(5)
def joining(r: random.Random) -> Asked:
    name = r.choice(["cat", "cat", "stack", "hstack", "vstack", "dstack"])
    base = list(shape(r, 0, 3))
    kind = dtype(r)
    dim = r.randint(-len(base) - 1, len(base))
    tensors = []
    for _ in range(r.randint(1, 4)):
        own = list(base)
        if own and r.random() < 0.4:
            at = dim % len(own) if name == "cat" and r.random() < 0.8 else r.randrange(len(own))
            own[at] = size(r)
        if r.random() < 0.08:
            own = [0]
        tensors.append(tensor(r, tuple(own), kind if r.random() < 0.7 else dtype(r)))
    return Asked(name, [tensors] if name[1:] == "stack" else [tensors, dim])


@family(4)
def einsum(r: random.Random) -> Asked:
    sizes = {letter: r.choice([1, 2, 3]) for letter in "abcdij"}
    terms, tensors = [], []
    for _ in range(r.randint(1, 3)):
        letters = [r.choice("abcdij") for _ in range(r.randint(0, 3))]
        own = [1 if r.random() < 0.1 else sizes[letter] for letter in letters]
        if own and r.random() < 0.07:
            own[0] = 5
        term = "".join(letters)
        if r.random() < 0.12:
            at = r.randint(0, len(letters))
            term = "".join(letters[:at]) + "..." + "".join(letters[at:])
            own[at:at] = shape(r, 0, 2)
        terms.append(term)
        tensors.append(tensor(r, tuple(own), torch.float32 if r.random() < 0.95 else dtype(r)))
    equation = ",".join(terms)
    if r.random() < 0.7:
        used = sorted({letter for letter in equation if letter.isalpha()})
        equation += "->" + ("..." if r.random() < 0.3 else "")
        equation += "".join(r.sample(used, r.randint(0, len(used))))
    if r.random() < 0.04:
        equation += r.choice([",", "1", "->", "z"])
    return Asked("einsum", [equation, *tensors])


@family(5)
def losses(r: random.Random) -> Asked:
    name = r.choice(
        [
            *("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy"),
            *("binary_cross_entropy_with_logits", "kl_div", "poisson_nll_loss"),
            *("hinge_embedding_loss", "soft_margin_loss", "margin_ranking_loss"),
            *("gaussian_nll_loss", "cosine_embedding_loss", "triplet_margin_loss"),
        ]
    )
    base = tuple(max(one, 1) for one in shape(r, 0, 3))
    one, two, three = (
        tensor(r, base if r.random() < 0.5 else near(r, base), mostly(r, torch.float32))
        for _ in range(3)
    )
    how = {"reduction": r.choice(["none", "mean", "sum"])}
    three_operands = ("margin_ranking_loss", "gaussian_nll_loss", "triplet_margin_loss")
    if name == "cosine_embedding_loss":
        target = tensor(r, near(r, base[:-1]), torch.float32)
        return Asked(name, [one, two, target], how)
    if name in three_operands:
        return Asked(name, [one, two, three], how)
    if name.startswith("binary") and r.random() < 0.3:
        return Asked(name, [one, two, three], how)
    return Asked(name, [one, two], how)


@family(4)
def classes(r: random.Random) -> Asked:
    name = r.choice(["cross_entropy", "cross_entropy", "nll_loss"])
    count = r.choice([1, 2, 3])
    after = shape(r, 0, 2)
    x = r.choice([(4, count, *after), (count,), (4, count), (0, count)])
    wanted = x[1:] if len(x) == 1 else (x[0], *x[2:])
    target_shape = r.choice([wanted, wanted, wanted, x, near(r, wanted)])
    kind = r.choice([torch.int64, torch.int64, torch.int64, torch.float32, dtype(r)])
    target = tensor(r, target_shape, kind)
    if kind == torch.int64 and r.random() < 0.1:
        target = target + r.choice([1, 5, -1])
    keywords: dict[str, Any] = {"reduction": r.choice(["none", "mean", "sum"])}
    if r.random() < 0.3:
        keywords["weight"] = tensor(r, (r.choice([count, count, 2]),), mostly(r, torch.float32))
    return Asked(name, [tensor(r, x, mostly(r, torch.float32)), target], keywords)


@family(4)
def convolutions(r: random.Random) -> Asked:
    spatial = r.choice([1, 2, 2, 3])
    groups = r.choice([1, 1, 1, 2])
    channels, made = groups * r.choice([1, 2]), groups * r.choice([1, 2, 3])
    picture = tuple(r.choice([1, 2, 4, 5, 7]) for _ in range(spatial))
    kernel = tuple(r.choice([1, 2, 3]) for _ in range(spatial))
    turned = r.random() < 0.25
    own = channels if r.random() < 0.9 else 3
    weight = (channels, made // groups, *kernel) if turned else (made, channels // groups, *kernel)
    batch = r.choice([(), (2,), (2,), (0,), (2, 2)])
    kind = mostly(r, torch.float32)
    tensors = [tensor(r, (*batch, own, *picture), kind), tensor(r, weight, kind)]
    if r.random() < 0.3:
        tensors.append(tensor(r, (r.choice([made, made, 1, 2]),), kind))
    keywords: dict[str, Any] = {"groups": groups}
    for name, choices in (
        ("stride", [1, 2, 3, 0]),
        ("dilation", [1, 1, 2]),
        ("padding", [0, 1, 2]),
    ):
        if r.random() < 0.5:
            many = r.random() < 0.4
            keywords[name] = (
                [r.choice(choices) for _ in range(spatial)] if many else r.choice(choices)
            )
    if not turned and r.random() < 0.15:
        keywords["padding"] = r.choice(["same", "valid", "full"])
    if turned and r.random() < 0.4:
        keywords["output_padding"] = r.choice([0, 1])
    return Asked(f"conv{'_transpose' if turned else ''}{spatial}d", tensors, keywords)


@family(3)
def views(r: random.Random) -> Asked:
    """Views of what does not lie in memory in order."""
    x = torch.zeros(tuple(r.choice([1, 2, 2, 3, 4]) for _ in range(r.randint(2, 4))))
    if r.random() < 0.5:
        one, two = r.sample(range(x.dim()), 2)
        x = x.transpose(one, two)
    if r.random() < 0.3:
        x = x[..., : max(x.shape[-1] - 1, 1)]
    if r.random() < 0.2:
        x = x[:1].expand(3, *x.shape[1:])
    name = r.choice(["view", "view", "reshape"])
    sizes = list(x.shape)
    if len(sizes) > 1 and r.random() < 0.7:
        at = r.randrange(len(sizes) - 1)
        sizes[at : at + 2] = [sizes[at] * sizes[at + 1]]
    elif r.random() < 0.5:
        at = r.randrange(len(sizes))
        sizes[at : at + 1] = _factors(r, sizes[at])
    else:
        sizes = _factors(r, x.numel())
    return Asked(name, [x, sizes])


@family(4)
def pooling(r: random.Random) -> Asked:
    spatial = r.choice([1, 2, 2, 3])
    name = r.choice(["max_pool", "avg_pool", "adaptive_avg_pool"])
    picture = tuple(r.choice([1, 2, 3, 4, 5, 6, 7]) for _ in range(spatial))
    before = r.choice([(2, 3), (1, 2), (3,), (0, 2)]) if r.random() < 0.9 else shape(r, 0, 3)
    x = tensor(r, (*before, *picture), mostly(r, torch.float32))
    if name == "adaptive_avg_pool":
        sizes = [r.choice([1, 2, 3]) for _ in range(spatial)]
        return Asked(f"{name}{spatial}d", [x, r.choice([sizes, 2])])
    keywords: dict[str, Any] = {"kernel_size": r.choice([1, 2, 3])}
    for argument, choices in (("stride", [1, 2, 3]), ("padding", [0, 1, 2])):
        if r.random() < 0.5:
            keywords[argument] = r.choice(choices)
    if r.random() < 0.5:
        keywords["ceil_mode"] = True
    return Asked(f"{name}{spatial}d", [x], keywords)


@family(2)
def lookups(r: random.Random) -> Asked:
    rows = r.choice([0, 1, 5])
    indices = tensor(r, shape(r, 0, 3), mostly(r, torch.int64))
    if indices.dtype == torch.int64 and r.random() < 0.3:
        indices = indices + r.choice([1, 4, 5, -1])
    weight = tensor(r, (rows, 3) if r.random() < 0.9 else shape(r), mostly(r, torch.float32))
    return Asked("embedding", [indices, weight])


@family(4)
def attention(r: random.Random) -> Asked:
    batch = r.choice([(), (2,), (2, 4), (2, 4)])
    queries, keys, width, values = (r.choice([1, 3, 4]) for _ in range(4))
    heads = near(r, batch) if r.random() < 0.3 else batch
    kind = mostly(r, torch.float32)
    gqa = len(batch) == 2 and r.random() < 0.3
    if gqa:
        heads = (2, r.choice([1, 2, 4, 3]))
    tensors = [
        tensor(r, (*batch, queries, width), kind),
        tensor(r, (*heads, keys, width if r.random() < 0.9 else 2), kind),
        # torch's CPU kernel reads past the end where there are fewer values than keys.
        tensor(r, (*heads, keys, values), mostly(r, kind)),
    ]
    keywords: dict[str, Any] = {"enable_gqa": True} if gqa else {}
    if r.random() < 0.5:
        mask = r.choice([(queries, keys), near(r, (*batch, queries, keys)), (2, keys)])
        keywords["attn_mask"] = tensor(r, mask, r.choice([torch.bool, torch.float32, dtype(r)]))
    if r.random() < 0.1:
        keywords["is_causal"] = True
    return Asked("scaled_dot_product_attention", tensors, keywords)


def _dim(r: random.Random, rank: int) -> int:
    return (
        r.randint(-rank - 1, rank)
        if r.random() < 0.3
        else r.randint(-max(rank, 1), max(rank - 1, 0))
    )


@family(8)
def reshaping(r: random.Random) -> Asked:
    x = tensor(r, shape(r), dtype(r))
    if r.random() < 0.15 and x.dim():
        x = x[..., ::2]
    if r.random() < 0.15 and x.dim() > 1:
        x = x.transpose(0, 1)
    rank = x.dim()
    name = r.choice(
        [
            *("reshape", "view", "flatten", "unflatten", "squeeze", "unsqueeze", "transpose"),
            *("permute", "t", "mT", "expand", "repeat", "chunk", "split", "unbind", "flip"),
            *("view_as", "expand_as", "movedim", "tile", "ravel", "roll", "contiguous", "T"),
            *("repeat_interleave",),
        ]
    )
    if name == "T" and rank != 2:
        name = "mT"
    if name in ("reshape", "view"):
        return Asked(name, [x, _factors(r, x.numel())])
    if name == "flatten":
        return Asked(name, [x, _dim(r, rank), _dim(r, rank)])
    if name == "unflatten":
        dim = _dim(r, rank)
        count = x.shape[dim] if -rank <= dim < rank else 2
        return Asked(name, [x, dim, _factors(r, count)])
    if name in ("squeeze", "unsqueeze", "unbind"):
        return Asked(name, [x, _dim(r, rank)])
    if name in ("transpose", "movedim"):
        return Asked(name, [x, _dim(r, rank), _dim(r, rank)])
    if name == "permute":
        dims = list(range(rank))
        r.shuffle(dims)
        return Asked(name, [x, dims if r.random() < 0.85 else dims[1:] + [0]])
    if name == "flip":
        return Asked(name, [x, [_dim(r, rank) for _ in range(r.randint(0, 2))]])
    if name == "expand":
        wide = [r.choice([one, one, -1, 3]) for one in x.shape]
        if r.random() < 0.4:
            wide = [r.choice([2, 0, 1, -1]), *wide]
        return Asked(name, [x, wide])
    if name in ("repeat", "tile"):
        return Asked(name, [x, [r.randint(0, 3) for _ in range(r.randint(0, rank + 1))]])
    if name in ("chunk", "split"):
        how: Any = r.randint(0, 4)
        if name == "split" and r.random() < 0.4:
            how = [r.randint(0, 3) for _ in range(r.randint(1, 3))]
        return Asked(name, [x, how, _dim(r, rank)])
    if name in ("view_as", "expand_as"):
        return Asked(name, [x, tensor(r, near(r, tuple(x.shape)), torch.float32)])
    if name == "roll":
        return Asked(name, [x, r.randint(-3, 3), _dim(r, rank)])
    if name == "repeat_interleave":
        return Asked(name, [x, r.randint(0, 3), r.choice([None, _dim(r, rank)])])
    return Asked(name, [x])


def _factors(r: random.Random, count: int) -> list[int]:
    """Sizes whose product is ``count``, now and then not, now and then with a -1."""
    sizes: list[int] = []
    rest = count
    while rest > 1 and len(sizes) < 4:
        step = r.choice([one for one in range(1, rest + 1) if rest % one == 0])
        sizes.append(step)
        rest //= step
    if rest != 1 or not sizes:
        sizes.append(rest)
    if r.random() < 0.3:
        sizes[r.randrange(len(sizes))] = -1
    if r.random() < 0.15:
        sizes.append(r.choice([1, 2, -1, 0]))
    return sizes


@family(8)
def indexing(r: random.Random) -> Asked:
    x = tensor(r, shape(r, 1, 4), mostly(r, torch.float32))
    items: list[Any] = []
    for one in x.shape:
        draw = r.random()
        if draw < 0.25:
            items.append(
                r.randint(-one - 1, one) if r.random() < 0.2 or not one else r.randrange(one)
            )
        elif draw < 0.5:
            ends = [None, r.randint(-4, 4), r.randint(-4, 4)]
            items.append(slice(r.choice(ends), r.choice(ends), r.choice([None, 1, 2])))
        elif draw < 0.6:
            items.append(None)
        elif draw < 0.7:
            items.append(...)
        elif draw < 0.85:
            kind = r.choice([torch.int64, torch.int64, torch.int32, torch.float32, torch.int16])
            items.append(torch.zeros(r.choice([(), (2,), (3,), (2, 1), (1, 3)]), dtype=kind))
        elif draw < 0.9:
            items.append([0, 0] if r.random() < 0.8 else [True, False])
        else:
            # One element: how many a mask chooses is not in its shape.
            mask = torch.zeros((max(one, 1) if r.random() < 0.85 else one + 1,), dtype=torch.bool)
            mask[0] = True
            items.append(mask)
    if r.random() < 0.1:
        items.append(0)
    if r.random() < 0.4:
        items = items[: r.randint(0, len(items))]
    if r.random() < 0.2 and not any(
        isinstance(item, torch.Tensor) and item.dtype == torch.bool for item in items
    ):
        value = number(r) if r.random() < 0.3 else tensor(r, near(r, tuple(x.shape)), x.dtype)
        if isinstance(value, (float, complex)):
            value = 1
        return Asked("setitem", [x, items, value])
    return Asked("getitem", [x, items])


@family(2)
def picking(r: random.Random) -> Asked:
    x = tensor(r, shape(r, 0, 3), mostly(r, torch.float32))
    rank = x.dim()
    name = r.choice(["index_select", "gather", "masked_fill", "masked_fill_", "masked_select"])
    if name.startswith("masked"):
        mask = tensor(r, near(r, tuple(x.shape)), mostly(r, torch.bool))
        return Asked(name, [x, mask] if name.endswith("select") else [x, mask, 1])
    index = shape(r, 0, 2) if name == "index_select" else near(r, tuple(x.shape))
    return Asked(name, [x, _dim(r, rank), tensor(r, index, mostly(r, torch.int64))])


@family(8)
def reductions(r: random.Random) -> Asked:
    x = tensor(r, shape(r), dtype(r))
    rank = x.dim()
    several = ["sum", "mean", "amax", "amin", "std", "var", "all", "any", "logsumexp"]
    one = ["prod", "max", "min", "argmax", "argmin", "median", "softmax", "log_softmax", "cumsum"]
    one += ["cumprod", "sort", "argsort", "topk", "cummax"]
    name = r.choice(several + one)
    if name in ("softmax", "log_softmax", "cumsum", "cumprod", "sort", "argsort", "cummax"):
        return Asked(name, [x, _dim(r, rank)])
    if name == "topk":
        return Asked(name, [x, r.randint(0, 4), _dim(r, rank)])
    if r.random() < 0.2 and name != "logsumexp":
        return Asked(name, [x])
    if name in several and r.random() < 0.4:
        dim: Any = [_dim(r, rank) for _ in range(r.randint(1, 2))]
    else:
        dim = _dim(r, rank)
    keywords: dict[str, Any] = {"keepdim": r.random() < 0.5}
    if name in ("sum", "mean") and r.random() < 0.2:
        keywords["dtype"] = r.choice(FLOATS)
    return Asked(name, [x, dim], keywords)


@family(3)
def normalising(r: random.Random) -> Asked:
    x_shape = tuple(max(one, 1) for one in shape(r, 1, 4))
    x = tensor(r, x_shape, mostly(r, torch.float32))
    name = r.choice(["layer_norm", "batch_norm", "group_norm", "normalize", "glu", "cdist"])
    if name == "layer_norm":
        inner = list(x_shape[r.randint(0, len(x_shape)) :]) or [2]
        if r.random() < 0.15:
            inner[0] = 7
        weight = tensor(r, tuple(inner) if r.random() < 0.9 else (3,), mostly(r, x.dtype))
        return Asked(name, [x, inner, weight] if r.random() < 0.6 else [x, inner])
    channels = x_shape[1] if len(x_shape) > 1 else 2
    if r.random() < 0.15:
        channels += 1
    if name == "batch_norm":
        stats = [tensor(r, (channels,), torch.float32) for _ in range(4)]
        return Asked(name, [x, *stats], {"training": r.random() < 0.5})
    if name == "group_norm":
        return Asked(name, [x, r.choice([1, 2, 3])])
    if name == "cdist":
        return Asked(name, [x, tensor(r, near(r, x_shape), torch.float32)])
    return Asked(name, [x], {"dim": _dim(r, x.dim())})


@family(3)
def casting(r: random.Random) -> Asked:
    x = tensor(r, shape(r), dtype(r))
    name = r.choice(["to", "float", "double", "long", "bool", "half", "type_as", "item", "clone"])
    if name == "to":
        return Asked(name, [x, r.choice(DTYPES)])
    return Asked(name, [x, tensor(r, (1,), dtype(r))] if name == "type_as" else [x])


@family(2)
def filling(r: random.Random) -> Asked:
    base = shape(r)
    one, two = (tensor(r, near(r, base), dtype(r)) for _ in range(2))
    name = r.choice(["copy_", "fill_", "fill_", "zero_", "normal_"])
    if name == "copy_":
        return Asked(name, [one, two])
    if name == "fill_":
        return Asked(name, [one, two if r.random() < 0.4 else number(r)])
    return Asked(name, [one])


@family(2)
def factories(r: random.Random) -> Asked:
    name = r.choice(["zeros", "full", "arange", "eye", "linspace", "tensor", "randint"])
    some = {"dtype": r.choice(DTYPES)} if r.random() < 0.3 and name not in ("arange",) else {}
    if name == "arange":
        numbers = [r.choice([0, 1, 5, -3, 2.5, 0.1]) for _ in range(r.randint(1, 3))]
        return Asked(name, numbers)
    if name == "zeros":
        return Asked(name, [list(shape(r))], some)
    if name == "full":
        return Asked(name, [list(shape(r)), r.choice([True, 1, 0.5])], some)
    if name == "eye":
        return Asked(name, [r.randint(0, 4)] if r.random() < 0.5 else [2, 3])
    if name == "linspace":
        return Asked(name, [0, 1, r.randint(0, 5)])
    if name == "randint":
        return Asked(name, [5, list(shape(r))])
    return Asked(name, [r.choice([[[1, 2], [3, 4]], 1.5, [], [1, 2.0], [True], [[1], [2, 3]]])])
