"""Measures, prints one table and keeps it in ``benchmarks/results/``.

python -m benchmarks [--quick] [--only GROUP …] [--stack today|colab …]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from tests.live.server import LiveServer

from . import attach, doctor, figures, lists, moves, peers, shapes, shell, training
from .figures import Figure

GROUPS = (
    "import",
    "status",
    "attach",
    "busy",
    "first",
    "large",
    "inspector",
    "training",
    "moves",
    "shell",
    "doctor",
    "shapes",
)
EXTENSIONS = ("jupyter_dlkit", "jupyter_resource_usage")


def measure(groups: list[str], stacks: list[str], quick: bool) -> Iterator[Figure]:
    """The figures, as they come."""
    if "import" in groups:
        yield attach.importing(5 if quick else 25)
    if "moves" in groups:
        yield from moves.moving(2 if quick else 15)
    if "shell" in groups:
        yield from shell.command_line(2 if quick else 9)
        for stack in stacks:
            yield from shell.loading(stack, 3 if quick else 25)
            yield from shell.completing(stack, 10 if quick else 100)
    if "doctor" in groups:
        for stack in stacks:
            yield from doctor.examining(stack, 3 if quick else 25)
            yield doctor.reading(stack)
    if "shapes" in groups:
        yield from shapes.checking(10 if quick else 200)
    if not set(groups) - {"import", "moves", "shell", "doctor", "shapes"}:
        return
    with LiveServer(extensions=EXTENSIONS) as server:
        if "status" in groups:
            yield from status(server, 20 if quick else 100)
        for stack in stacks:
            if "attach" in groups:
                yield from attach.attaching(stack, 3 if quick else 20)
            if "first" in groups:
                yield from lists.first_lists(server, stack, 2 if quick else 20)
            if "large" in groups:
                yield from lists.large_lists(server, stack, 10 if quick else 100)
            if "inspector" in groups:
                yield from lists.beside_the_inspector(server, stack, 1 if quick else 3)
            if "busy" in groups:
                yield from lists.while_busy(server, stack, 10 if quick else 120)
            if "training" in groups:
                for count in (1_000, 10_000):
                    yield from training.slow_down(server, stack, count, 4 if quick else 110)


def status(server: LiveServer, requests: int) -> Iterator[Figure]:
    """Our status beside jupyter-resource-usage's metrics, on one server."""
    ours = peers.endpoint(server, "jupyter_dlkit/status", requests)
    theirs = peers.endpoint(server, "api/metrics/v1", requests)
    yield Figure("GET status, median", "server", ours.median, "ms", note=str(ours))
    name = "jupyter-resource-usage, GET metrics, median"
    yield Figure(name, "server", theirs.median, "ms", note=str(theirs))


def main() -> int:
    """Exit status 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few of each: shows that it works")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--stack", nargs="+", choices=("today", "colab"), default=None)
    chosen = parser.parse_args()
    started, found = figures.now(), list[Figure]()
    for figure in measure(chosen.only, chosen.stack or ["today", "colab"], chosen.quick):
        found.append(figure)
        path = figures.save(found, started)
        print(f"{figure.name} ({figure.stack}): {figure.value:.4g} {figure.unit}", flush=True)
    print(f"\n{figures.markdown(found)}\n\n{path.relative_to(path.parent.parent.parent)}")
    if chosen.quick:
        print("A short look: too few of each to judge by.")
        return 0
    return 1 if any(figure.kept is False for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
