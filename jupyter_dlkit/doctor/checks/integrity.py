"""torch and its CUDA packages, file by file, against what was installed."""

from __future__ import annotations

import os
from typing import List

from ..facts import Facts
from ..installed import Distribution, distributions
from ..registry import Progress, Seen, check
from ..sums import Listed, Wrong, compare, listed_in_record
from .conda import files, records
from .requirements import library_requirements

_SHOWN = 8


@check(
    "pytorch.integrity",
    title="Every file of torch is as it was installed",
    cause=65,
    seconds=890,
    long=True,
)
def integrity(facts: Facts, progress: Progress) -> Seen:
    """SHA-256 of all files: a damaged download or disk, or a file that was changed, is found."""
    packages = _packages(facts)
    conda = [one for one in records(facts) if not one.get("broken")]
    if not packages and not conda:
        return Seen("not_applicable", "torch is not installed here by pip or conda")
    listed: List[Listed] = []
    without: List[Distribution] = []
    for one in packages:
        rows = listed_in_record(one)
        if rows is None:
            without.append(one)
        else:
            listed += rows
    for record in conda:
        name = f"{record.get('name')} {record.get('version')}"
        listed += [
            Listed(name, os.path.join(facts.prefix, path), size, known)
            for path, size, known in files(record)
        ]
    listed = [one for one in listed if not one.path.endswith(".pyc")]
    total = sum(one.size or 0 for one in listed)
    done = 0

    def read(count: int) -> None:
        nonlocal done
        done = min(total, done + count)
        progress("reading torch's files", done, total)

    progress("reading torch's files", 0, total)
    wrong = compare(listed, read)
    progress("reading torch's files", total, total)
    named = [f"{one.name} {one.version}" for one in packages]
    named += [f"{one.get('name')} {one.get('version')} (conda)" for one in conda]
    command = f"{facts.interpreter} -m pip check"
    if wrong:
        return _damaged(facts, wrong, command)
    evidence = [f"{len(listed):,} files, {total / 2**30:.2f} GiB", *_some(named)]
    if without:
        lacking = ", ".join(one.name for one in without)
        title = f"There is no RECORD of {lacking}, so its files cannot be compared"
        return Seen("unknown", title, evidence, command)
    return Seen("ok", evidence=evidence, command=command)


def _packages(facts: Facts) -> List[Distribution]:
    """torch, what it needs of CUDA, and its companions, as far as pip installed them."""
    here = distributions(facts)
    names = ["torch", *(name for name, _, _ in library_requirements(facts))]
    names += ["torchvision", "torchaudio", "torchtext"]
    found = [here[name][0] for name in dict.fromkeys(names) if here.get(name)]
    return [one for one in found if _by_pip(one)]


def _by_pip(distribution: Distribution) -> bool:
    """Conda's own sums are compared; its RECORD is not kept by conda."""
    try:
        with open(os.path.join(distribution.folder, "INSTALLER"), encoding="utf-8") as file:
            return file.read().strip() != "conda"
    except OSError:
        return distribution.folder.endswith(".dist-info")


def _damaged(facts: Facts, wrong: List[Wrong], command: str) -> Seen:
    packages = list(dict.fromkeys(one.file.package for one in wrong))
    evidence = [f"{one.file.path}: {one.why}" for one in wrong[:_SHOWN]]
    if len(wrong) > _SHOWN:
        evidence.append(f"and {len(wrong) - _SHOWN} more")
    asked = " ".join(one.replace(" ", "==") for one in packages)
    return Seen(
        "problem",
        f"{len(wrong)} {'file' if len(wrong) == 1 else 'files'} of {packages[0].split()[0]} "
        f"{'is' if len(wrong) == 1 else 'are'} not what was installed",
        evidence,
        command,
        f"{facts.interpreter} -m pip install --force-reinstall --no-deps "
        f"--no-cache-dir {asked} (add the --index-url it came from); then restart the kernel.",
    )


def _some(names: List[str]) -> List[str]:
    return names if len(names) <= _SHOWN else [*names[:_SHOWN], f"and {len(names) - _SHOWN} more"]
