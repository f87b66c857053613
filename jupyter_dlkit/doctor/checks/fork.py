"""A process that was forked after its parent had used CUDA."""

from __future__ import annotations

from ..facts import Facts
from ..registry import Seen, check


@check("accelerator.fork", title="The process was not forked from one that uses CUDA", cause=10)
def fork(facts: Facts) -> Seen:
    """torch knows it: ``torch.cuda._is_in_bad_fork()``."""
    if not facts.loaded:
        return Seen("not_applicable", "This process has not imported torch")
    command = "import torch; print(torch.cuda._is_in_bad_fork())"
    if facts.loaded.get("bad_fork"):
        return Seen(
            "problem",
            "This process was forked after CUDA was initialised, so it can use no GPU",
            ["torch.cuda._is_in_bad_fork() is True"],
            command,
            "Start workers with multiprocessing.get_context('spawn'), or use CUDA only after "
            "the fork; restart the kernel if it is the kernel itself.",
        )
    return Seen("ok", evidence=["torch.cuda._is_in_bad_fork() is False"], command=command)
