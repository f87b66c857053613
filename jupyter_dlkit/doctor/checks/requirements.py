"""Whether torch, the CUDA packages that it needs, and its companions fit together."""

from __future__ import annotations

from typing import Dict, List, Tuple

from ..facts import Facts
from ..installed import Distribution, distributions, needed
from ..registry import Seen, check
from ..torch_build import torch_build
from ..versions import local, release, satisfies

#: Packages with which torch brings its CUDA, ROCm or XPU libraries, and its compiler.
_LIBRARIES = ("nvidia-", "cuda-", "triton", "pytorch-triton", "intel-", "rocm")

#: How their authors number them: of torch 2.N torchvision is 0.(N + 15) and torchtext
#: 0.(N + 15) until 2.3; torchaudio has torch's number, and since 2.11 is for every later torch
#: as well (https://docs.pytorch.org/audio, "Compatibility Matrix").
_COMPANIONS = ("torchvision", "torchaudio", "torchtext")


def _torch(facts: Facts) -> List[Distribution]:
    return distributions(facts).get("torch", [])


def library_requirements(facts: Facts) -> List[Tuple[str, str, Tuple[str, ...]]]:
    """Name, specifier and versions here of each library that torch asks for; also of bundles.

    ``cuda-toolkit[cublas,cudart]`` is a bundle: what it asks for under these extras counts.
    """
    rows: Dict[str, Tuple[str, str, Tuple[str, ...]]] = {}
    here = distributions(facts)
    queue: List[Tuple[Distribution, Tuple[str, ...]]] = [(one, ()) for one in _torch(facts)[:1]]
    while queue:
        distribution, extras = queue.pop()
        for one in needed(facts, distribution, extras):
            if not one.name.startswith(_LIBRARIES) or one.name in rows:
                continue
            have = here.get(one.name, [])
            rows[one.name] = (one.name, one.specifier, tuple(each.version for each in have))
            if one.extras and have:
                queue.append((have[0], one.extras))
    return sorted(rows.values())


@check("pytorch.requirements", title="torch and the CUDA packages that it needs fit", cause=60)
def requirements(facts: Facts) -> Seen:
    """The versions that torch's METADATA asks for against those that are installed."""
    torch = _torch(facts)
    if not torch:
        return Seen("not_applicable", "torch was not installed by pip")
    rows = library_requirements(facts)
    if not rows:
        return Seen("not_applicable", "This torch asks for no CUDA packages")
    wrong = []
    missing = False
    for name, wanted, versions in rows:
        if not versions:
            missing = True
            wrong.append(f"{name}{wanted} is needed, and not installed")
        elif not satisfies(versions[0], wanted):
            wrong.append(f"{name}{wanted} is needed, {versions[0]} is installed")
    command = f"{facts.interpreter} -m pip check"
    if not wrong:
        evidence = [f"{len(rows)} packages, each as torch {torch[0].version} asks for"]
        return Seen("ok", evidence=evidence, command=command)
    return Seen(
        "problem" if missing else "warning",
        "CUDA packages that torch needs are missing"
        if missing
        else "CUDA packages have other versions than torch needs",
        wrong,
        command,
        f"{facts.interpreter} -m pip install --upgrade --force-reinstall "
        f"torch=={torch[0].version} brings all of them (add the --index-url it came from).",
    )


@check("pytorch.companions", title="torchvision and torchaudio belong to this torch", cause=70)
def companions(facts: Facts) -> Seen:
    """Each is compiled against one version of torch."""
    build = torch_build(facts)
    if build is None:
        return Seen("not_applicable", "There is no torch")
    here = distributions(facts)
    found = [here[name][0] for name in _COMPANIONS if here.get(name)]
    if not found:
        return Seen("not_applicable", "Neither torchvision nor torchaudio is installed")
    evidence = [f"torch {build.version}"]
    wrong: List[str] = []
    mixed: List[str] = []
    for one in found:
        wanted = _wanted(facts, one, build.version)
        said = f"{one.name} {one.version}"
        if wanted and not satisfies(build.version, wanted):
            wrong.append(one.name)
            said += f" is for torch{wanted}"
        elif _variants_differ(one.version, build.version):
            mixed.append(one.name)
            said += f" is for {local(one.version)}, torch for {local(build.version)}"
        evidence.append(said)
    python = facts.interpreter
    command = f"{python} -m pip list | grep -i torch"
    if not wrong and not mixed:
        return Seen("ok", evidence=evidence, command=command)
    names = " and ".join(wrong or mixed)
    title = (
        f"{names} {'does' if len(wrong or mixed) == 1 else 'do'} not belong to this torch"
        if wrong
        else f"{names} and torch are built for different devices"
    )
    return Seen(
        "problem" if wrong else "warning",
        title,
        evidence,
        command,
        f"Install them together, from one place: {python} -m pip install --upgrade torch "
        f"{' '.join(one.name for one in found)}.",
    )


def _variants_differ(one: str, torch: str) -> bool:
    ours, theirs = local(one), local(torch)
    return bool(ours and theirs and ours != theirs and "cpu" in (ours, theirs))


def _wanted(facts: Facts, one: Distribution, torch: str) -> str:
    """What it asks of torch: its METADATA, else the numbering; empty when neither tells."""
    asked = [each.specifier for each in needed(facts, one) if each.name == "torch"]
    if any("==" in each for each in asked):
        return ",".join(asked)
    numbers, theirs = release(one.version), release(torch)
    if len(numbers) < 2 or len(theirs) < 2:
        return ""
    if one.name == "torchaudio":
        if numbers >= (2, 11):
            return ">=2.11"
        return f"=={numbers[0]}.{numbers[1]}.*" if numbers[0] >= 2 else ""
    if numbers[0] != 0 or numbers[1] < 15:
        return ""
    return f"==2.{numbers[1] - 15}.*"
