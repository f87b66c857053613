"""How the pages are built: ``make docs``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

project = "jupyter_dlkit"
author = "jupyter_dlkit contributors"
project_copyright = author
version = release = json.loads((HERE.parent / "package.json").read_text("utf-8"))["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "directives",
]
root_doc = "index"
source_suffix = {".md": "markdown"}
exclude_patterns = ["directives", "pictures"]

# Every link must lead somewhere, every name of the reference must be documented.
nitpicky = True
nitpick_ignore_regex = [
    # Other projects' names: their pages are elsewhere, and building asks nobody.
    (r"py:.*", r"(torch|pandas|numpy|collections|typing|types|IPython)(\..*)?"),
    (r"py:.*", r"(Any|Callable|Iterable|Iterator|Mapping|Path|Sequence|optional|ellipsis)"),
    # Values inside of results, which are documented as fields there.
    (r"py:.*", r"jupyter_dlkit\.(hardware|kernel|shapes)\..*"),
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "jupyter_dlkit"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "default"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1a5fb4", "color-brand-content": "#1a5fb4"},
    "dark_css_variables": {"color-brand-primary": "#8ab8f0", "color-brand-content": "#8ab8f0"},
}
copybutton_selector = "div:not(.highlight-output) > div.highlight > pre"
