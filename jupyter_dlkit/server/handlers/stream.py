"""``GET stream``: the WebSocket."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketHandler

from ..access import EXECUTE, READ, RESOURCE, as_error
from ..doctors import Doctors
from ..errors import encode
from ..idle import IdleWatch
from ..links import Links
from ..sampler import MachineSampler
from ..settings import Settings
from ..stream import Stream


class StreamHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Subscriptions.  Who may is settled before the connection is upgraded."""

    auth_resource = RESOURCE

    def initialize(
        self,
        links: Links,
        sampler: MachineSampler,
        idle: IdleWatch,
        doctors: Doctors,
        dlkit: Settings,
    ) -> None:
        """Takes the collaborators."""
        self.links = links
        self.sampler = sampler
        self.idle = idle
        self.doctors = doctors
        self.dlkit = dlkit
        self.stream_: Stream | None = None

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Answers."""
        if not await self._may(READ):
            raise web.HTTPError(403, f"User is not authorized to {READ} on resource: {RESOURCE}.")
        await super().get(*args, **kwargs)

    async def _may(self, action: str) -> bool:
        return bool(
            await ensure_async(
                self.authorizer.is_authorized(self, self.current_user, action, RESOURCE)
            )
        )

    async def _may_execute(self) -> bool:
        return await self._may(EXECUTE)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """The connection is upgraded."""
        super().open(*args, **kwargs)
        self.stream_ = Stream(
            self.write_message,
            self._may_execute,
            links=self.links,
            sampler=self.sampler,
            idle=self.idle,
            doctors=self.doctors,
            settings=self.dlkit,
            log=self.log,
        )

    async def on_message(self, message: str | bytes) -> None:
        """The client says something."""
        if self.stream_ is not None:
            await self.stream_.receive(message)

    def on_close(self) -> None:
        """The client is gone."""
        stream, self.stream_ = self.stream_, None
        if stream is not None:
            self.links.keep(stream.close())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Before the upgrade: an ``Error`` of the document."""
        exc_info = kwargs.get("exc_info")
        self.set_header("Content-Type", "application/json")
        self.finish(encode(as_error(status_code, exc_info[1] if exc_info else None)))
