"""What a finding says; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional


@dataclass(frozen=True)
class Finding:
    """Memory that need not be taken, or will be more and more."""

    code: str  #: ``output``, ``loss_history``, …
    name: Optional[str]  #: the expression that it is about; None where nothing leads to it
    message: str  #: a sentence
    bytes: int  #: what would be free again on ``device``; 0: nothing, as the message says
    device: str
    release: Optional[str]  #: what may be released for it, as ``dlkit.release`` takes it
    hint: str  #: what to do, with the code to write

    @property
    def action(self) -> Optional[Dict[str, str]]:
        """What a button can do. None where it takes a change of the code."""
        return None if self.release is None else {"release": self.release}

    def to_dict(self) -> Dict[str, Any]:
        """As the API answers."""
        return {
            "code": self.code,
            "name": self.name,
            "message": self.message,
            "bytes": self.bytes,
            "device": self.device,
            "action": self.action,
            "hint": self.hint,
        }
