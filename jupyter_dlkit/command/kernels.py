"""Which kernel is meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from .client import Client
from .errors import NOT_DONE, WRONG_USAGE, CommandError, quoted
from .output import terminal


@dataclass(frozen=True)
class Kernel:
    """A running kernel: the fields of ``Kernel`` of the REST API, and whom to ask about it."""

    client: Client
    fields: dict[str, Any]

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.fields["id"])

    @property
    def path(self) -> str | None:
        """Of its notebook or console, from the server's folder."""
        path: str | None = self.fields["path"]
        return path

    @property
    def title(self) -> str:
        """As a person knows it."""
        return self.path or self.id

    @property
    def state(self) -> str:
        """What can be said of it in a word, or a sentence where it cannot be looked into."""
        return str(self.fields["reason"] or self.fields["execution_state"])


class Choose(CommandError):
    """Several kernels are meant; ``kernels`` are those to choose from."""

    def __init__(self, message: str, hint: str, kernels: Sequence[Kernel], code: int) -> None:
        super().__init__(message, hint, code)
        self.kernels = tuple(kernels)

    def tell(self) -> None:
        """The sentence, and the kernels to choose from."""
        from rich.table import Table

        from ..show.plain import name

        super().tell()
        if not self.kernels:
            return
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for title in ("id", "notebook", "kernel", "state"):
            table.add_column(title, header_style="dim", no_wrap=title == "id")
        several = len({one.client.server.url for one in self.kernels}) > 1
        if several:
            table.add_column("server", header_style="dim")
        for one in self.kernels:
            cells = [one.id[:8], one.path or "", str(one.fields["name"]), one.state]
            table.add_row(*map(name, cells), *([one.client.server.url] if several else []))
        terminal(stderr=True).print(table)


def of(client: Client) -> list[Kernel]:
    """The kernels that a server runs.  Raises ``CommandError``."""
    return [Kernel(client, fields) for fields in client.get("kernels")["kernels"]]


def chosen(kernels: Sequence[Kernel], asked: str | None) -> Kernel:
    """The one that ``asked`` names: an id or how it begins, a notebook's path or its name.

    Raises ``Choose`` where it names none or several.
    """
    if asked is None:
        if len(kernels) == 1:
            return kernels[0]
        if not kernels:
            raise CommandError("No kernel is running.", "Open a notebook, and ask again.")
        raise Choose(
            f"{len(kernels)} kernels are running.",
            "Name one of them, by its notebook or by how its id begins.",
            kernels,
            WRONG_USAGE,
        )
    for found in _meanings(kernels, asked):
        if len(found) == 1:
            return found[0]
        if found:
            raise Choose(
                f"{quoted(asked)} means {len(found)} kernels.",
                "Name one of them by how its id begins.",
                found,
                WRONG_USAGE,
            )
    raise Choose(
        f"No kernel runs that {quoted(asked)} means.",
        "Those that run are:" if kernels else "None runs at all: open a notebook.",
        kernels,
        NOT_DONE,
    )


def _meanings(kernels: Sequence[Kernel], asked: str) -> Iterator[list[Kernel]]:
    """Those that may be meant, the most exact meaning first."""
    yield [one for one in kernels if one.id == asked]
    path = asked.removeprefix("./")
    yield [one for one in kernels if one.path == path]
    yield [one for one in kernels if _is_file(one, asked)]
    yield [one for one in kernels if one.path and path in _names(one.path)]
    yield [one for one in kernels if one.id.startswith(asked.lower())]


def _names(path: str) -> tuple[str, str, str]:
    """``a/training.ipynb`` by its name, without its suffix, and with its folder without it."""
    parts = PurePosixPath(path)
    return parts.name, parts.stem, str(parts.with_suffix(""))


def _is_file(kernel: Kernel, asked: str) -> bool:
    """Whether it is the notebook in this folder, or at this absolute path."""
    root = kernel.client.server.root
    if root is None or kernel.path is None:
        return False
    return os.path.realpath(asked) == os.path.realpath(os.path.join(root, kernel.path))
