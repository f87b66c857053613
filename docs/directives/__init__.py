"""Parts of the reference that are read from what the product itself goes by.

``{endpoints}`` from the OpenAPI document, ``{settings}`` from the panel's schema, ``{traits}``
from the server extension's class.  Each writes Markdown, which is parsed in its place.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from . import endpoints, settings, traits


class Endpoints(SphinxDirective):
    """A section for each request."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(endpoints.DOCUMENT))
        return self.parse_text_to_nodes(endpoints.requests(), allow_section_headings=True)


class Objects(SphinxDirective):
    """A section for each object that is sent or received."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(endpoints.DOCUMENT))
        return self.parse_text_to_nodes(endpoints.objects(), allow_section_headings=True)


class Settings(SphinxDirective):
    """The user's settings (``properties``), and the keys that can be changed (``keys``)."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(settings.SCHEMA))
        parts = {"properties": settings.properties, "keys": settings.keys}
        return self.parse_text_to_nodes(parts[self.arguments[0]]())


class Traits(SphinxDirective):
    """The administrator's settings."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(traits.source())
        return self.parse_text_to_nodes(traits.table_text())


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("endpoints", Endpoints)
    app.add_directive("objects", Objects)
    app.add_directive("settings", Settings)
    app.add_directive("traits", Traits)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
