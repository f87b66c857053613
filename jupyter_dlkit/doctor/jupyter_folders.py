"""Where Jupyter keeps its files for the examined process, as ``jupyter_core`` finds it."""

from __future__ import annotations

import os
from typing import List

from .facts import Facts


def data(facts: Facts) -> str:
    """The user's data folder."""
    given = facts.environ.get("JUPYTER_DATA_DIR")
    if given:
        return given
    if facts.platform == "darwin":
        return os.path.join(facts.home, "Library", "Jupyter")
    if facts.platform == "win32":
        return os.path.join(facts.environ.get("APPDATA") or facts.home, "jupyter")
    base = facts.environ.get("XDG_DATA_HOME") or os.path.join(facts.home, ".local", "share")
    return os.path.join(base, "jupyter")


def runtime(facts: Facts) -> str:
    """Where running servers announce themselves."""
    return facts.environ.get("JUPYTER_RUNTIME_DIR") or os.path.join(data(facts), "runtime")


def config(facts: Facts) -> List[str]:
    """Where configuration is looked for; what comes first counts."""
    own = facts.environ.get("JUPYTER_CONFIG_DIR") or os.path.join(facts.home, ".jupyter")
    environment = os.path.join(facts.prefix, "etc", "jupyter")
    given = (facts.environ.get("JUPYTER_CONFIG_PATH") or "").split(os.pathsep)
    both = [environment, own] if _prefers_environment(facts) else [own, environment]
    system = [facts.under(one) for one in ("/usr/local/etc/jupyter", "/etc/jupyter")]
    return list(dict.fromkeys([one for one in given if one] + both + system))


def _prefers_environment(facts: Facts) -> bool:
    """In an environment of its own, that one's files count more than the user's."""
    said = facts.environ.get("JUPYTER_PREFER_ENV_PATH")
    if said is not None:
        return said.lower() not in ("no", "n", "false", "off", "0", "0.0")
    if facts.base_prefix and facts.prefix != facts.base_prefix:
        return True
    conda = facts.environ.get("CONDA_PREFIX")
    named = facts.environ.get("CONDA_DEFAULT_ENV", "base") != "base"
    return bool(conda) and named and facts.prefix.startswith(str(conda))
