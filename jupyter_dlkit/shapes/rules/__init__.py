"""One file for each family of operations; importing this registers them all."""

from . import elementwise, joining, matmul, ternary

FAMILIES = (elementwise, joining, matmul, ternary)
