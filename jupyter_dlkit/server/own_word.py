"""Whether something runs in a kernel, by the kernel's own word.

Its status does not settle that: a message that another of its shells has handled makes it
``idle`` in the middle of a cell.  Nothing is attached by asking.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from ..kernel import protocol
from .errors import DLKitError
from .link import KernelLink


@dataclass(frozen=True)
class Word:
    """What an agent says.

    ``running``: a cell runs, on whatever shell; ``ended``: how many have ended since the agent was
    attached; ``taken``: the main shell handles a message.
    """

    running: bool
    ended: int
    taken: bool

    @property
    def cells(self) -> tuple[int, bool]:
        """Differs from the last one's where a cell began or ended in between."""
        return self.ended, self.running


async def agents_word(link: KernelLink) -> Word | None:
    """What the agent says of the cells of all shells, at once; None without agent or answer."""
    if not link.tells:
        return None
    try:
        said = orjson.loads((await link.ask(protocol.RUNNING)).content)
    except DLKitError:
        return None
    return Word(bool(said["running"]), int(said["ended"]), bool(said["taken"]))


async def rests(link: KernelLink) -> bool:
    """Whether nothing runs or waits in the kernel now; False also where it does not say so in time.

    Any kernel answers on its main shell only after all that it runs and has queued there; of the
    other shells its agent tells.
    """
    try:
        await link.turn()
    except DLKitError:
        return False
    if not link.tells:
        return True
    word = await agents_word(link)
    return word is not None and not (word.running or word.taken)
