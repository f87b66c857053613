"""Puts a change behind all cells that were queued before it, on ipykernel 6.

There, what waits is still in the kernel's shell socket, which takes one message from each
client in turn: ours, from the server's own connection, would come after the *first* queued
cell.  ipykernel 7 reads the socket all the time, and so keeps the order.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, List, Tuple

#: A shell handler of ipykernel: ``handler(stream, ident, message)``.
Handler = Callable[[Any, Any, Dict[str, Any]], Any]


def postponed(
    kernel: Any, handler: Handler, stream: Any, ident: Any, message: Dict[str, Any]
) -> bool:
    """Whether cells are queued that were sent before ``message``; then ``handler`` runs after them.

    Call it on the main thread, first thing in a shell handler; ``handler`` must not call it
    again.  Clients' clocks decide what was sent before: those of the browser and the server.
    """
    queue = getattr(kernel, "msg_queue", None)
    if queue is None:
        return False
    kernel.shell_stream.flush(1)  # zmq.POLLIN: everything that waits goes into the queue
    waiting: List[Tuple[Any, ...]] = [queue.get_nowait() for _ in range(queue.qsize())]
    sent = message["header"].get("date")
    before = [item for item in waiting if _was_sent_before(kernel, item, sent)]
    for item in before:
        queue.put_nowait(item)

    async def turn() -> None:
        kernel.set_parent(ident, message)
        kernel.pre_handler_hook()
        try:
            result = handler(stream, ident, message)
            if inspect.isawaitable(result):
                await result
        except KeyboardInterrupt:
            kernel.log.error("KeyboardInterrupt caught in kernel.")
        finally:
            kernel.post_handler_hook()

    if before:
        kernel.schedule_dispatch(turn)
    for item in waiting:
        if not any(item is earlier for earlier in before):
            queue.put_nowait(item)
    return bool(before)


def _was_sent_before(kernel: Any, item: Tuple[Any, ...], sent: Any) -> bool:
    """Whether a message in ipykernel's queue is older; True also for what is no message."""
    from jupyter_client.jsonutil import parse_date

    frames = item[2][0] if item[2] else []
    try:
        _, rest = kernel.session.feed_identities(frames, copy=False)
        date = parse_date(kernel.session.unpack(rest[1].bytes)["date"])
        return bool(date <= sent)
    except Exception:  # not one of Jupyter's messages, or without a date
        return True
