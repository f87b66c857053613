"""What the server itself says of a change: while it waits, and when its kernel goes away."""

from __future__ import annotations

from typing import Any

from .errors import KernelGone

#: So many targets are named; of more, how many they are.
NAMED = 3

#: What has happened to a kernel's process, by the code of a :class:`KernelGone`.
FATES = {
    "kernel_died": "died",
    "kernel_restarted": "was restarted",
    "kernel_stopped": "was stopped or restarted",
}


def named(paths: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and 7 others``."""
    if len(paths) > NAMED:
        paths = [*paths[: NAMED - 1], f"{len(paths) - NAMED + 1} others"]
    return " and ".join([", ".join(paths[:-1]), paths[-1]]) if len(paths) > 1 else paths[0]


def paths_of(targets: list[Any]) -> list[str]:
    """The paths of a request's targets."""
    return [target if isinstance(target, str) else target["path"] for target in targets]


class Sentences:
    """About one move, its undoing, a deletion or a release.

    >>> Sentences("moved to cuda:0", "moved", "model").queued()
    'model will be moved to cuda:0 when the running cell and those queued before it have ended.'
    """

    def __init__(self, done: str, short: str, what: str) -> None:
        self._done = done
        self._short = short
        self._what = what

    def queued(self) -> str:
        """It waits for its turn."""
        return (
            f"{self._what} will be {self._done} when the running cell and those queued before "
            "it have ended."
        )

    def running(self) -> str:
        """It has begun."""
        return f"{self._what}: being {self._done}."

    def cancelled(self) -> str:
        """It was taken back in time."""
        return f"Cancelled; nothing was {self._short}."

    def lost(self, began: bool, gone: KernelGone) -> str:
        """Its kernel's process ended."""
        fate = FATES.get(gone.code, "could not be reached any more")
        if began:
            return f"The kernel {fate} while {self._what} was being {self._short}."
        return (
            f"The kernel {fate} before {self._what} could be {self._short}; "
            f"nothing was {self._short}."
        )


def of_move(targets: list[Any], device: str, how: str) -> Sentences:
    """About a ``MoveRequest``."""
    done = "moved" if how == "move" else "copied"
    return Sentences(f"{done} to {device}", done, named(paths_of(targets)))


def of_undo(what: str) -> Sentences:
    """About putting back what a move has moved."""
    return Sentences("moved back", "moved back", what)


#: What can be released, in words; of the others those after the colon name it.
RELEASES = {
    "output_history": "the outputs of cells",
    "output": "the output of cell",
    "last_exception": "the last exception",
    "garbage": "what is out of reach",
    "allocator_cache": "the allocator's cache",
    "gradients": "the gradients of",
}


def released(what: list[str]) -> str:
    """What a ``ReleaseRequest`` asks for: ``the last exception and the output of cell 7``."""
    texts = []
    for one in what:
        kind, _, detail = one.partition(":")
        texts.append(" ".join(filter(None, (RELEASES.get(kind), detail))) or one)
    return named(texts)


def of_release(what: list[str]) -> Sentences:
    """About a ``ReleaseRequest``."""
    return Sentences("released", "released", released(what))


def of_deletion(name: str) -> Sentences:
    """About the deletion of one row."""
    return Sentences("deleted", "deleted", name)


def why_not_undone(kind: str, state: str) -> str:
    """Why a change of that kind (``move``, ``deletion``, ``release``) cannot be put back."""
    if kind != "move":
        return f"a {kind} cannot be undone."
    return {
        "undone": "this move has been undone already.",
        "failed": "this move failed, so that there is nothing to put back.",
        "cancelled": "this move was cancelled, so that there is nothing to put back.",
    }.get(state, "this move cannot be undone any more.")
