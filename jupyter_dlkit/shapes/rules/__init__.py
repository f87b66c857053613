"""One file for each family of operations; importing this registers them all."""

from . import (
    attention,
    casting,
    convolution,
    einsum,
    elementwise,
    embedding,
    factories,
    indexing,
    joining,
    losses,
    matmul,
    normalisation,
    reductions,
    reshaping,
    ternary,
)

FAMILIES = (
    attention,
    casting,
    convolution,
    einsum,
    elementwise,
    embedding,
    factories,
    indexing,
    joining,
    losses,
    matmul,
    normalisation,
    reductions,
    reshaping,
    ternary,
)
