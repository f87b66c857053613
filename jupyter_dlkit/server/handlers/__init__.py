"""The addresses under ``{base_url}jupyter_dlkit/``."""

from __future__ import annotations

from typing import Any

from ..doctors import Doctors
from ..idle import IdleWatch
from ..links import Links
from ..sampler import MachineSampler
from ..settings import Settings
from .check import CheckHandler, KernelCheckHandler
from .description import DescriptionHandler
from .devices import DevicesHandler
from .doctor import DoctorHandler, KernelDoctorHandler
from .explanation import ExplanationHandler
from .idle import IdleHandler, IdleKernelsHandler, NotTodayHandler
from .kernels import KernelsHandler
from .memory import MemoryHandler
from .moves import MoveHandler, MovesHandler, UndoHandler
from .release import ReleaseHandler
from .status import StatusHandler
from .stream import StreamHandler
from .tensor import TensorHandler
from .tensors import TensorsHandler


def handlers(
    links: Links,
    sampler: MachineSampler,
    idle: IdleWatch,
    doctors: Doctors,
    settings: Settings,
) -> list[tuple[str, type, dict[str, Any]]]:
    """``(pattern, handler, collaborators)`` of each."""
    kernel = r"/jupyter_dlkit/kernels/(?P<kernel_id>[^/]+)"
    move = kernel + "/moves/(?P<move_id>[^/]+)"
    return [
        (r"/jupyter_dlkit/openapi\.json", DescriptionHandler, {}),
        (r"/jupyter_dlkit/status", StatusHandler, {"sampler": sampler}),
        (r"/jupyter_dlkit/kernels", KernelsHandler, {"links": links}),
        (kernel + "/tensors", TensorsHandler, {"links": links}),
        (
            kernel + "/tensors/(?P<tensor_id>[^/]+)",
            TensorHandler,
            {"links": links, "settings": settings},
        ),
        (kernel + "/devices", DevicesHandler, {"links": links}),
        (r"/jupyter_dlkit/doctor", DoctorHandler, {"doctors": doctors, "settings": settings}),
        (kernel + "/doctor", KernelDoctorHandler, {"doctors": doctors, "settings": settings}),
        (
            kernel + "/memory",
            MemoryHandler,
            {"links": links, "settings": settings, "sampler": sampler},
        ),
        (r"/jupyter_dlkit/check", CheckHandler, {"settings": settings}),
        (kernel + "/check", KernelCheckHandler, {"links": links, "settings": settings}),
        (
            kernel + "/explanation",
            ExplanationHandler,
            {"links": links, "settings": settings},
        ),
        (kernel + "/moves", MovesHandler, {"links": links, "settings": settings}),
        (move, MoveHandler, {"links": links, "settings": settings}),
        (move + "/undo", UndoHandler, {"links": links, "settings": settings}),
        (kernel + "/release", ReleaseHandler, {"links": links, "settings": settings}),
        (r"/jupyter_dlkit/idle", IdleHandler, {"idle": idle, "settings": settings}),
        (r"/jupyter_dlkit/idle/not-today", NotTodayHandler, {"idle": idle, "settings": settings}),
        (r"/jupyter_dlkit/idle/kernels", IdleKernelsHandler, {"idle": idle, "settings": settings}),
        (
            r"/jupyter_dlkit/stream",
            StreamHandler,
            {
                "links": links,
                "sampler": sampler,
                "idle": idle,
                "doctors": doctors,
                "dlkit": settings,
            },
        ),
    ]
