"""A user with a namespace, who moves things."""

from __future__ import annotations

from typing import Any

from jupyter_dlkit.kernel.transfer import Deletion, Move, Transfer

from .target import Target


class User:
    """Names, and moves of what they reach; ``target`` is where to unless said."""

    def __init__(self, target: Target) -> None:
        self.names: dict[str, Any] = {}
        self.outputs: dict[Any, Any] = {}
        self.target = target
        self.transfer = Transfer(lambda: self.names, lambda: self.outputs)

    def has(self, **names: Any) -> None:
        """Assign variables."""
        self.names.update(names)

    def __getitem__(self, name: str) -> Any:
        return self.names[name]

    def move(self, *targets: Any, device: str | None = None, **options: Any) -> Move:
        """Ask for a move, whatever comes of it."""
        return self.transfer.move(
            targets=list(targets), device=device or self.target.name, **options
        )

    def preview(self, *targets: Any, device: str | None = None, **options: Any) -> Move:
        """What a move would do."""
        answer = self.move(*targets, device=device, dry_run=True, **options)
        assert answer.state == "preview"
        return answer

    def moves(self, *targets: Any, device: str | None = None, **options: Any) -> Move:
        """Move, which works."""
        answer = self.move(*targets, device=device, **options)
        assert answer.state == "done", answer
        assert not answer.refused
        return answer

    def cannot_move(self, *targets: Any, device: str | None = None, **options: Any) -> Move:
        """Move, which is refused or fails, in words."""
        answer = self.move(*targets, device=device, **options)
        assert answer.state == "failed", answer
        assert answer.message
        assert not answer.can_undo
        return answer

    def undo(self) -> Move:
        """Take the last move back."""
        return self.transfer.undo()

    def delete(self, tensor_id: str, path: str) -> Deletion:
        """Delete a row."""
        return self.transfer.delete(tensor_id, path)
