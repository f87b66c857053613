"""``kernels/{kernel_id}/tensors/{tensor_id}``."""

from __future__ import annotations

from ...kernel import protocol
from .. import document
from ..access import EXECUTE, DLKitHandler, needs
from ..changes import Doomed
from ..errors import BadRequest, Forbidden
from ..links import Links
from ..rows import splice
from ..settings import Settings
from .moves import answer_deletion


class TensorHandler(DLKitHandler):
    """One tensor in full, its values only on request; deletes its names."""

    def initialize(self, links: Links, settings: Settings) -> None:
        """Takes the collaborators."""
        self.links = links
        self.dlkit = settings

    @needs(EXECUTE)
    async def get(self, kernel_id: str, tensor_id: str) -> None:
        """Answers."""
        query = document.query(
            "/kernels/{kernel_id}/tensors/{tensor_id}", self.request.query_arguments
        )
        values = query.get("values")
        if "slice" in query and values != "slice":
            raise BadRequest("slice", "goes with values=slice")
        link = self.links.link(kernel_id)
        if values is not None and not self.dlkit.values:
            raise Forbidden(
                "values_disabled",
                "Showing the values of tensors is switched off on this server.",
                "The administrator can set DLKit.values = True.",
            )
        reply = await link.ask(
            protocol.TENSOR,
            {
                "id": tensor_id,
                "path": query.get("path"),
                "values": values,
                "slice": query.get("slice"),
                "limit": self.dlkit.max_slice,
                "timeout_ms": self.dlkit.request_timeout * 500,
            },
        )
        self.answer(splice(link.kernel_state, reply.content))

    @needs(EXECUTE)
    async def delete(self, kernel_id: str, tensor_id: str) -> None:
        """Answers."""
        await self.links.allow_changes(kernel_id)
        changes = self.links.changes(kernel_id)
        query = document.query(
            "/kernels/{kernel_id}/tensors/{tensor_id}", self.request.query_arguments, "delete"
        )
        doomed = Doomed(tensor_id, query["path"])
        await answer_deletion(self, changes, doomed, bool(query.get("dry_run")))
