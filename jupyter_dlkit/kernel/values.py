"""Values of one tensor, because a person asked for that tensor.

Runs on the main thread (the storage could be resized under a second thread),
without gradients, in pieces, so that no copy of a large tensor is made.
"""

from __future__ import annotations

import ast
import base64
import ctypes
import math
import struct
import zlib
from typing import Any, Dict, List, Optional, Tuple

from .errors import Refusal

#: Elements read for a summary; of a larger tensor, evenly spaced ones.
MOST_SUMMARISED = 1_000_000

#: Elements in a piece of a summary.
PIECE = 250_000

BINS = 32

#: Sides of an image, in pixels.
SMALLEST_SIDE, LARGEST_SIDE = 8, 1024


def summary(torch: Any, tensor: Any) -> Dict[str, Any]:
    """Minimum, maximum, mean, standard deviation, NaN, Inf, zeros, and a histogram.

    Numbers are of the finite elements; complex tensors by absolute value.
    """
    flat, numel = _sample(torch, tensor)
    count = nans = infs = zeros = 0
    total = squares = 0.0
    low, high = math.inf, -math.inf
    shift: Optional[float] = None
    for piece in _pieces(torch, flat):
        nan = torch.isnan(piece)
        inf = torch.isinf(piece)
        nans += int(nan.sum())
        infs += int(inf.sum())
        zeros += int((piece == 0).sum())
        finite = piece[~(nan | inf)]
        if not finite.numel():
            continue
        if shift is None:
            shift = float(finite[0])  # keeps the sum of squares from cancelling
        moved = finite - shift
        count += finite.numel()
        total += float(moved.sum())
        squares += float((moved * moved).sum())
        low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    answer: Dict[str, Any] = {
        "min": None,
        "max": None,
        "mean": None,
        "std": None,
        "nan": nans,
        "inf": infs,
        "zeros": zeros,
        "numel": numel,
        "sampled": int(flat.numel()),
        "histogram": None,
    }
    if count and shift is not None:
        answer.update(min=low, max=high, mean=_finite(shift + total / count))
        if count > 1:
            variance = max(squares - total * total / count, 0.0) / (count - 1)
            answer["std"] = _finite(math.sqrt(variance)) if math.isfinite(variance) else None
        if math.isfinite(high - low):
            answer["histogram"] = _histogram(torch, flat, low, high)
    return answer


def _finite(value: float) -> Optional[float]:
    return value if math.isfinite(value) else None


def _sample(torch: Any, tensor: Any) -> Tuple[Any, int]:
    """All elements as one dimension, or evenly spaced ones of a large tensor."""
    numel = tensor.numel()
    if numel <= MOST_SUMMARISED:
        return tensor.detach().reshape(-1), numel
    # Rows along the longest dimension, so that nothing large is copied.
    step = -(-numel // MOST_SUMMARISED)
    longest = max(range(tensor.dim()), key=lambda d: tensor.shape[d])
    picked = tensor.detach().narrow(longest, 0, tensor.shape[longest])
    index = [slice(None)] * tensor.dim()
    index[longest] = slice(None, None, step)
    return picked[tuple(index)].reshape(-1)[:MOST_SUMMARISED], numel


def _pieces(torch: Any, flat: Any) -> List[Any]:
    pieces = []
    for start in range(0, flat.numel(), PIECE):
        piece = flat[start : start + PIECE]
        if piece.is_complex():
            piece = piece.abs()
        pieces.append(piece.to("cpu").to(torch.float64))
    return pieces


def _histogram(torch: Any, flat: Any, low: float, high: float) -> Dict[str, Any]:
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts = torch.zeros(BINS, dtype=torch.float64)
    for piece in _pieces(torch, flat):
        counts += torch.histc(piece[torch.isfinite(piece)], BINS, low, high)
    width = (high - low) / BINS
    edges = [low + width * i for i in range(BINS)] + [high]
    return {"edges": edges, "counts": [int(c) for c in counts.tolist()]}


def part(tensor: Any, name: str, text: Optional[str], limit: int) -> Dict[str, Any]:
    """A slice of the values: ``text`` such as ``0,:,3:5``; at most ``limit`` elements."""
    index, cut = _index(tensor, text), False
    piece = tensor.detach()[index] if index else tensor.detach()
    while piece.numel() > limit:
        # Shorten the longest dimension: corners of the tensor stay recognisable.
        cut = True
        longest = max(range(piece.dim()), key=lambda d: piece.shape[d])
        others = max(piece.numel() // piece.shape[longest], 1)
        keep = max(limit // others, piece.shape[longest] // 2 if others > limit else 1, 1)
        if keep >= piece.shape[longest]:
            keep = piece.shape[longest] - 1
        piece = piece.narrow(longest, 0, keep)
    shape = list(piece.shape)
    inside = text.strip() if text and text.strip() else ""
    return {
        "expression": f"{name}[{inside}]" if inside else name,
        "shape": shape,
        "values": _plain(piece.to("cpu").tolist()),
        "truncated": cut,
    }


def _plain(value: Any) -> Any:
    """Nested lists of what JSON knows."""
    if type(value) is list:
        return [_plain(item) for item in value]
    if type(value) is float and not math.isfinite(value):
        return "nan" if value != value else ("inf" if value > 0 else "-inf")
    return str(value) if type(value) is complex else value


def _index(tensor: Any, text: Optional[str]) -> Tuple[Any, ...]:
    """Parse integers, slices and ``...``; never evaluated."""
    if not text or not text.strip():
        return ()
    try:
        whole: Any = ast.parse(f"_[{text}]", mode="eval").body
        if not isinstance(whole.value, ast.Name):  # "0][1"
            raise ValueError
        node: Any = whole.slice
        if node.__class__.__name__ == "Index":
            node = node.value
        parts = node.elts if isinstance(node, ast.Tuple) else getattr(node, "dims", None) or [node]
        return tuple(_index_part(part) for part in parts)
    except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        raise Refusal(
            "bad_slice",
            f"[{text}] is not a slice of integers, ranges and '...'.",
            f"Write one entry per dimension, at most {tensor.dim()}, such as 0, :, 3:5.",
            400,
        ) from None


def _index_part(node: Any) -> Any:
    if isinstance(node, ast.Slice):
        ends = (node.lower, node.upper, node.step)
        return slice(*[None if end is None else _integer(end) for end in ends])
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return Ellipsis
    return _integer(node)


def _integer(node: Any) -> int:
    value = ast.literal_eval(node)
    if type(value) is not int:
        raise ValueError
    return value


def image(torch: Any, tensor: Any, name: str) -> Optional[Dict[str, Any]]:
    """A PNG when the tensor looks like an image, else None.

    (H, W), (1 | 3, H, W), (H, W, 1 | 3), or a batch of which the first is taken.
    Floats are taken as 0…1 when they lie there, else stretched over their range.
    """
    shape, expression = list(tensor.shape), name
    if tensor.is_complex() or (tensor.dtype == torch.bool and len(shape) != 2):
        return None
    pixels = tensor.detach()
    if len(shape) == 4 and shape[0] > 0:
        pixels, shape, expression = pixels[0], shape[1:], f"{name}[0]"
    if len(shape) == 3 and shape[0] in (1, 3):
        pixels = pixels.permute(1, 2, 0)
    elif (len(shape) == 3 and shape[2] not in (1, 3)) or len(shape) not in (2, 3):
        return None
    if len(shape) == 2:
        pixels = pixels.unsqueeze(-1)
    height, width, channels = pixels.shape
    sides = (int(height), int(width))
    if min(sides) < SMALLEST_SIDE or max(sides) > LARGEST_SIDE:
        return None
    pixels = pixels.to("cpu")
    if pixels.dtype != torch.uint8:
        pixels = torch.nan_to_num(pixels.to(torch.float32))
        low, high = float(pixels.min()), float(pixels.max())
        if low < 0.0 or high > 1.0:
            pixels = (pixels - low) / (high - low) if high > low else pixels * 0.0
        pixels = (pixels * 255.0 + 0.5).to(torch.uint8)
    pixels = pixels.contiguous()
    rows = ctypes.string_at(pixels.data_ptr(), pixels.numel())
    return {
        "mime": "image/png",
        "data": base64.b64encode(_png(rows, sides[1], sides[0], int(channels))).decode(),
        "width": sides[1],
        "height": sides[0],
        "expression": expression,
    }


def _png(pixels: bytes, width: int, height: int, channels: int) -> bytes:
    """8-bit grey or RGB, as the PNG specification (ISO/IEC 15948) has it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    line = width * channels
    lines = b"".join(b"\0" + pixels[i * line : (i + 1) * line] for i in range(height))
    colour = 0 if channels == 1 else 2
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
