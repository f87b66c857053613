"""``doctor`` and ``kernels/{kernel_id}/doctor``."""

from __future__ import annotations

from .. import document
from ..access import EXECUTE, READ, DLKitHandler, needs
from ..doctors import Doctors
from ..settings import Settings


class _DoctorHandler(DLKitHandler):
    def initialize(self, doctors: Doctors, settings: Settings) -> None:
        """Takes the collaborators."""
        self.doctors = doctors
        self.dlkit = settings

    async def _start(self, kernel_id: str | None) -> None:
        diagnosis = self.doctors.of(kernel_id)
        body = self.request.body or b"{}"
        wanted = document.body("DoctorRequest", body, self.dlkit.max_body)
        await diagnosis.start("integrity" in wanted["checks"])
        self.set_status(202)
        self.answer(diagnosis.encoded())

    async def _cancel(self, kernel_id: str | None) -> None:
        diagnosis = self.doctors.of(kernel_id)
        await diagnosis.cancel()
        self.answer(diagnosis.encoded())


class DoctorHandler(_DoctorHandler):
    """The server's own machine and environment."""

    @needs(READ)
    async def get(self) -> None:
        """Answers with the last report; starts nothing."""
        self.answer(self.doctors.of(None).encoded())

    @needs(EXECUTE)
    async def post(self) -> None:
        """Starts a run."""
        await self._start(None)

    @needs(EXECUTE)
    async def delete(self) -> None:
        """Cancels it."""
        await self._cancel(None)


class KernelDoctorHandler(_DoctorHandler):
    """A kernel's environment, as its own interpreter sees it."""

    @needs(EXECUTE)
    async def get(self, kernel_id: str) -> None:
        """Answers with the last report; starts nothing, and asks the kernel nothing."""
        self.answer(self.doctors.of(kernel_id).encoded())

    @needs(EXECUTE)
    async def post(self, kernel_id: str) -> None:
        """Starts a run."""
        await self._start(kernel_id)

    @needs(EXECUTE)
    async def delete(self, kernel_id: str) -> None:
        """Cancels it."""
        await self._cancel(kernel_id)
