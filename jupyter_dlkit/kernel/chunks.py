"""Reads containers a piece at a time, by exact built-in accessors only."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Any, Callable, Dict, Iterator, List

from .kinds import DEQUE, DICT, FROZENSET, LIST, SET, TUPLE

#: Children taken of a container at a time, so that no container holds up the others.
CHUNK = 8192


def _chunks_of_sequence(take: Callable[[Any, slice], Any], value: Any) -> Iterator[List[Any]]:
    """``[start, keys, values]`` of a list or tuple; it may change meanwhile."""
    start = 0
    while True:
        values = list(take(value, slice(start, start + CHUNK)))
        if not values:
            return
        yield [start, None, values]
        start += len(values)


def _chunks_of_iterable(values: Iterator[Any]) -> Iterator[List[Any]]:
    start = 0
    while True:
        chunk = list(islice(values, CHUNK))
        if not chunk:
            return
        yield [start, None, chunk]
        start += len(chunk)


def _chunks_of_dict(value: Any) -> Iterator[List[Any]]:
    keys, values = iter(dict.keys(value)), iter(dict.values(value))
    start = 0
    while True:
        some_keys, some = list(islice(keys, CHUNK)), list(islice(values, CHUNK))
        if not some:
            return
        yield [start, some_keys[: len(some)], some]
        start += len(some)


#: By kind: ``[start, keys or None, values]`` of a container, a chunk at a time.
CHUNKS: Dict[int, Callable[[Any], Iterator[List[Any]]]] = {
    DICT: _chunks_of_dict,
    LIST: lambda value: _chunks_of_sequence(list.__getitem__, value),
    TUPLE: lambda value: _chunks_of_sequence(tuple.__getitem__, value),
    SET: lambda value: _chunks_of_iterable(set.__iter__(value)),
    FROZENSET: lambda value: _chunks_of_iterable(frozenset.__iter__(value)),
    DEQUE: lambda value: _chunks_of_iterable(deque.__iter__(value)),
}
