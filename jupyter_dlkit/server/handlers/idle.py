"""``idle``: accelerators that stand idle, and what the user wants to be told of them."""

from __future__ import annotations

import orjson

from .. import document
from ..access import EXECUTE, READ, DLKitHandler, needs
from ..errors import BadRequest
from ..idle import IdleWatch
from ..idle_choice import moment
from ..settings import Settings


class _IdleHandler(DLKitHandler):
    def initialize(self, idle: IdleWatch, settings: Settings) -> None:
        """Takes the collaborators."""
        self.idle = idle
        self.dlkit = settings


class IdleHandler(_IdleHandler):
    """How it stands, and the user's limit and price."""

    @needs(READ)
    async def get(self) -> None:
        """Answers; looks at nothing."""
        self.answer(orjson.dumps(self.idle.state()))

    @needs(EXECUTE)
    async def put(self) -> None:
        """Takes what the user has set, and answers."""
        request = document.body("IdleRequest", self.request.body, self.dlkit.max_body)
        self.idle.choose(request["limit_minutes"], request["hourly_price"], request["currency"])
        self.answer(orjson.dumps(self.idle.state()))


class NotTodayHandler(_IdleHandler):
    """Sends the notification away until the day ends."""

    @needs(EXECUTE)
    async def post(self) -> None:
        """Answers."""
        sent = self.request.body or b"{}"
        request = document.body("NotTodayRequest", sent, self.dlkit.max_body)
        try:
            until = None if request["until"] is None else moment(request["until"])
        except ValueError:
            raise BadRequest("until", "is not a time with its zone, in ISO 8601") from None
        self.idle.not_today(until)
        self.answer(orjson.dumps(self.idle.state()))


class IdleKernelsHandler(_IdleHandler):
    """Whether kernels may be shut down now.  Shuts down nothing: that is Jupyter's own API."""

    @needs(EXECUTE)
    async def post(self) -> None:
        """Answers, by a new look."""
        request = document.body("IdleKernelsRequest", self.request.body, self.dlkit.max_body)
        kernels = await self.idle.recheck(request["kernel_ids"])
        self.answer(orjson.dumps({"kernels": kernels}))
