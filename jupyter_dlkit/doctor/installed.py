"""The packages of the examined environment, read from their files; nothing is imported."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Dict, List, Tuple

from ..hardware.cgroup import read
from .facts import Facts
from .markers import holds


@dataclass(frozen=True)
class Requirement:
    """A line ``Requires-Dist``: ``name`` (normalised), ``extras``, ``specifier``, ``marker``."""

    name: str
    extras: Tuple[str, ...]
    specifier: str
    marker: str


@dataclass(frozen=True)
class Distribution:
    """An installed package: normalised name, version, and its folder ``*.dist-info``."""

    name: str
    version: str
    folder: str

    @property
    def site(self) -> str:
        """The folder that it was installed into."""
        return os.path.dirname(self.folder)


def normal(name: str) -> str:
    """The name as the packaging standards compare it: lower case, words joined by ``-``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(facts: Facts) -> Dict[str, List[Distribution]]:
    """All by name; of several with one name the first is imported."""
    return facts.once("distributions", lambda: _distributions(facts))


def _distributions(facts: Facts) -> Dict[str, List[Distribution]]:
    found: Dict[str, List[Distribution]] = {}
    for site in facts.site:
        try:
            names = sorted(os.listdir(site))
        except OSError:
            continue
        for folder in names:
            stem, ending = os.path.splitext(folder)
            if ending not in (".dist-info", ".egg-info") or "-" not in stem:
                continue
            name, _, version = stem.partition("-")
            one = Distribution(
                normal(name), re.sub(r"-py\d.*$", "", version), os.path.join(site, folder)
            )
            found.setdefault(one.name, []).append(one)
    return found


def requirements(distribution: Distribution) -> List[Requirement]:
    """What it says that it needs; none when that cannot be read."""
    text = read(os.path.join(distribution.folder, "METADATA")) or ""
    lines = text.partition("\n\n")[0].splitlines()
    given = (line[len("Requires-Dist:") :] for line in lines if line.startswith("Requires-Dist:"))
    return [_requirement(line.strip()) for line in given]


def _requirement(line: str) -> Requirement:
    wanted, _, marker = line.partition(";")
    match = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?\s*\(?([^)]*)\)?", wanted)
    if match is None:
        return Requirement("", (), "", "extra == 'never'")
    extras = tuple(normal(one.strip()) for one in (match.group(2) or "").split(",") if one.strip())
    return Requirement(normal(match.group(1)), extras, match.group(3).strip(), marker.strip())


def needed(
    facts: Facts, distribution: Distribution, extras: Tuple[str, ...] = ()
) -> List[Requirement]:
    """Its requirements on this machine, those of ``extras`` too."""
    return [
        one
        for one in requirements(distribution)
        if any(holds(one.marker, facts, extra) for extra in ("", *extras))
    ]
