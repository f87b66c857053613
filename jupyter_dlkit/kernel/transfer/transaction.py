"""Stage, commit, verify; or as if nothing had been."""

from __future__ import annotations

import traceback
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from ..unseen import unseen
from . import commit, modules, staging, still_held, target_device
from .plan import Plan
from .values import Bytes
from .verify import Expectation, Unlike


class Outcome(NamedTuple):
    """How it went.  ``error`` is a sentence when everything is as it was before."""

    error: Optional[str]
    hint: Optional[str]
    bytes: Dict[str, Bytes]
    still_held_by: List[str]


class Transaction:
    """One move.  ``module_targets`` get their own ``.to(where)`` after their tensors."""

    def __init__(self, session: Any, plan: Plan, module_targets: List[Any], where: Any) -> None:
        self.session = session
        self.plan = plan
        self.targets = module_targets
        self.where = where
        self.describer = session.describer
        self.torch = session.torch
        self.journal = commit.Journal(self.describer)

    def run(self, progress: Callable[[int], None]) -> Outcome:
        """Move everything, or change nothing."""
        before = self._allocated()
        error = hint = None
        try:
            self._attempt(progress)
        except BaseException as problem:
            error, hint = _said(problem), _hint(self.torch, problem)
            _forget(problem)
        after_hand_back: List[str] = []
        freed = 0
        if error is None:
            self.journal.forget()
            after_hand_back, freed = still_held.after(self.session, self.plan)
            self.plan.let_go()
        return Outcome(error, hint, self._measured(before, freed, error is None), after_hand_back)

    def _attempt(self, progress: Callable[[int], None]) -> None:
        staged = unseen(lambda: self._aside(lambda: staging.stage(self.torch, self.plan, progress)))
        expected = Expectation(self.describer, self.plan)
        registries = modules.Registries(self.session.parts)
        try:
            unseen(lambda: self._aside(lambda: self._point(staged, expected)))
            for module in self.targets:
                modules.own_to(self.describer, module, self.where)
            if self.targets:
                registries.hold()
                expected.hold(False)
        except BaseException:
            registries.put_back()
            unseen(lambda: self._aside(self.journal.roll_back))
            raise

    def _point(self, staged: List[staging.Staged], expected: Expectation) -> None:
        commit.commit(self.describer, self.journal, staged)
        expected.hold(True)

    def _aside(self, function: Callable[[], Any]) -> Any:
        """Without the inference mode that the user may be in: its tensors have no version."""
        with self.torch.inference_mode(False), self.torch.no_grad():
            return function()

    # Bytes -----------------------------------------------------------------------------

    def _allocated(self) -> Dict[str, Optional[int]]:
        devices = {group.source for group in self.plan.groups}
        devices |= {group.target for group in self.plan.groups}
        found = {str(d): target_device.allocated_bytes(self.torch, d) for d in devices}
        if "cpu" in found:
            found["cpu"] = self.session.heap.host_bytes()
        return found

    def _measured(
        self, before: Dict[str, Optional[int]], freed: int, moved: bool
    ) -> Dict[str, Bytes]:
        """By the devices' allocators; the host has none that counts: there by storages."""
        answer = {}
        for name, count in before.items():
            after = count
            if name != "cpu":
                after = target_device.allocated_bytes(self.torch, self.torch.device(name))
            elif count is not None and moved:
                came = sum(g.nbytes for g in self.plan.groups if g.target.type == "cpu")
                after = count + came - freed
            answer[name] = Bytes(count, after)
        return answer


def _said(problem: BaseException) -> str:
    if isinstance(problem, KeyboardInterrupt):
        return "It was interrupted; nothing was moved."
    if isinstance(problem, Unlike):
        return f"Nothing was moved: {problem}."
    # The first sentence: torch goes on with everything that it could have run instead.
    first = str(problem).strip().partition("\n")[0].partition(". ")[0].rstrip(".")
    return f"Nothing was moved: {type(problem).__name__}: {first}".rstrip(": ") + "."


def _hint(torch: Any, problem: BaseException) -> str:
    out_of_memory: Any = getattr(torch, "OutOfMemoryError", None) or torch.cuda.OutOfMemoryError
    if isinstance(problem, (MemoryError, out_of_memory)):
        return "Free memory on the target, or move less at a time."
    if isinstance(problem, KeyboardInterrupt):
        return "Everything is as it was."
    return "Everything is as it was. Move its parts one by one to see which one refuses."


def _forget(problem: BaseException) -> None:
    """Let go of the frames, which hold the copies."""
    seen = set()
    following: Optional[BaseException] = problem
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        if following.__traceback__ is not None:
            traceback.clear_frames(following.__traceback__)
        following.__traceback__ = None
        before = following.__cause__ or following.__context__
        following.__cause__ = following.__context__ = None
        following = before
