"""Tests; ``tests.live`` has the real kernels and servers."""
