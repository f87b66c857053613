"""Whatever the facts hold, the text for a forum names nobody and no machine."""

from __future__ import annotations

from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.forum import forum_text
from jupyter_dlkit.doctor.private import Private

from .patient import Patient

USER, HOST, DOMAIN = "qzuser", "qzhost", "qzlab.example"
TOKEN = "qzt0ken-Abcdef"
FULL = f"{HOST}.{DOMAIN}"

#: No name of this machine, nor of a variable: only its shape tells.
names = st.sampled_from(["qzfiler", "qz-nas01", "QZFILER.corp.example", "qz_nas"])
fours = st.ip_addresses(v=4).filter(lambda one: not (one.is_loopback or one.is_unspecified))
sixes = st.ip_addresses(v=6).filter(lambda one: not (one.is_loopback or one.is_unspecified))
addresses = st.one_of(fours, sixes)


def written(one: Any) -> str:
    """A host as it stands before a port or a path."""
    return f"[{one}]" if isinstance(one, IPv6Address) else str(one)


@given(host=st.one_of(names, addresses), before=st.sampled_from(["", "(data): nfs4 from ", '"']))
@settings(deadline=None)
@pytest.mark.parametrize(
    "shape",
    [
        "{host}:/export/set",
        "qzother@{host}:/data",
        "qzother@{host}",
        "//{host}/share",
        "\\\\{host}\\share",
        "/net/{host}/set",
        "--ip={host}",
        "--ServerApp.ip {host}",
        "listens on {host}, port 8888",
        "listening at {host}:8888",
        "host={host}",
        "address: {host}",
    ],
)
def test_a_host_is_known_by_its_place(shape: str, host: Any, before: str) -> None:
    text = before + shape.format(host=written(host))
    left = Private(Facts(environ={"USER": "mira"}, home="/home/mira")).out_of(text)
    assert "qz" not in left.lower(), (text, left)
    assert str(host) not in left, (text, left)


@given(address=sixes, before=st.sampled_from(["", "on ", "(", '"']), after=st.sampled_from(",) ]"))
@settings(deadline=None)
def test_an_address_of_ipv6_is_known_anywhere(address: Any, before: str, after: str) -> None:
    for form in (str(address), address.exploded.upper(), f"[{address}]:8888", f"{address}%eth0"):
        assert str(address) not in Private(Facts()).out_of(before + form + after)


def mounts(sources: list[tuple[str, str, str]]) -> str:
    """/proc/self/mountinfo with these (folder, kind, source)."""
    rows = [("/", "ext4", "/dev/sda1"), *sources]
    return "".join(f"{n} 1 0:{n} / {at} rw - {k} {s} rw\n" for n, (at, k, s) in enumerate(rows))


def kernelspec(host: str) -> dict[str, Any]:
    argv = [f"/home/{USER}/env/bin/python", "-m", "run", f"--token={TOKEN}", f"--ip={host}"]
    argv += [f"{USER}@{host}", f"qzother@{host}:/run", "--key", TOKEN]
    place = f"/home/{USER}/.local/share/jupyter/kernels/own"
    return {"name": f"{USER}-env", "display_name": f"of {USER}", "argv": argv, "path": place}


def hostile(patient: Patient, host: str, kind: str, source: str, site: str) -> Facts:
    """Each text that a person could have chosen holds what may not be told."""
    patient.write("proc/self/mountinfo", mounts([("/data", kind, source)]))
    patient.write("etc/hostname", FULL + "\n")
    secrets = ("JUPYTER_TOKEN", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "MY_PASSWORD")
    environ = {
        **patient.environ,
        **dict.fromkeys(secrets, TOKEN),
        **{"USER": USER, "HOSTNAME": FULL, "HOME": f"/home/{USER}"},
        "PATH": f"/home/{USER}/bin:/srv/{USER}/bin",
        "PYTHONPATH": f"/home/{USER}/src:/net/{host}/src",
        "CUDA_VISIBLE_DEVICES": f"GPU-{TOKEN}",
        "OMP_NUM_THREADS": TOKEN,
        "HF_HOME": f"/data/{USER}/cache",
        "HTTPS_PROXY": f"http://{USER}:{TOKEN}@{host}:3128",
        "CONDA_PREFIX": f"/home/{USER}/conda",
    }
    server: dict[str, Any] = {
        "executable": f"/home/{USER}/server/bin/python",
        "prefix": f"/home/{USER}/server",
        "ip": host.strip("[]"),
        "port": 8888,
        "authenticated": False,
        "base_url": f"/user/{USER}/",
        "allow_origin": f"https://{FULL}",
        "versions": {"jupyterlab": "4.5.0"},
        "torch": "2.9.1",
    }
    kernel = {"id": TOKEN, "pid": 1, "notebook": f"/home/{USER}/of-{USER}.ipynb", "busy": True}
    return Facts(
        root=str(patient.root),
        where="kernel",
        environ=environ,
        initial_environ={**environ, "CUDA_VISIBLE_DEVICES": TOKEN},
        executable=f"{site}/env/bin/python",
        prefix=f"{site}/env",
        base_prefix="/usr",
        python="3.11.2",
        site=(str(patient.site), f"{site}/site-packages"),
        path=(str(patient.site), f"{site}/site-packages"),
        cwd=f"/home/{USER}/work",
        home=f"/home/{USER}",
        loaded={"version": "2.9.0", "file": f"{site}/torch/__init__.py"},
        kernelspec=kernelspec(host),
        server=server,
        usage={"devices": [], "kernels": [kernel]},
        packages={"ipykernel": "6.0.0"},
        data=(f"/data/{USER}/set",),
    )


@given(
    host=st.one_of(names, addresses).map(written),
    mount=st.sampled_from(
        [
            ("nfs4", "{host}:/export/" + USER),
            ("nfs", "{host}:/"),
            ("cifs", "//{host}/" + USER),
            ("fuse.sshfs", "qzother@{host}:/data"),
            ("fuse.sshfs", "{host}:"),
            ("ceph", "{host}:6789,{host}:6790:/"),
        ]
    ),
    site=st.sampled_from([f"/home/{USER}", f"/srv/{USER}", f"/net/qzfiler/{USER}", "/opt"]),
)
@settings(deadline=None, max_examples=12)
def test_of_hostile_facts_nothing_is_told(
    tmp_path_factory: pytest.TempPathFactory, host: str, mount: tuple[str, str], site: str
) -> None:
    folder: Path = tmp_path_factory.mktemp("x")
    patient = Patient(folder)
    patient.torch("2.9.1+cu128", cuda="12.8")
    patient.card("0x10de")
    facts = hostile(patient, host, mount[0], mount[1].format(host=host), site)
    made = registry.report(facts)
    storage = next(one for one in made.checks if one.id == "machine.storage")
    # It was seen; on a machine that is too busy for the check's limit, it was not.
    assert storage.verdict == "info" or "did not end within" in storage.evidence[0], storage
    text = forum_text(made, facts)
    assert "qz" not in text.lower(), [line for line in text.splitlines() if "qz" in line.lower()]
    address = host.strip("[]")
    assert address not in text, [line for line in text.splitlines() if address in line]
    # The kernelspec's words and the source of the mount are not even in the report.
    raw = str(made.to_dict())
    assert "--ip" not in raw and "qzother" not in raw
    assert mount[1].format(host=host) not in raw


def test_what_is_asked_for_is_kept() -> None:
    """A version that looks like an address, C++ names, times and PCI addresses are none."""
    private = Private(Facts(home="/home/mira"))
    for text in (
        "c10::cuda::CUDACachingAllocator at::Tensor",
        "nvidia-nccl-cu12 2.27.5, cudnn 9.10.2.21, driver 31.0.15.3623",
        "0000:01:00.0 at 2026-01-02T20:30:55",
        "LD_LIBRARY_PATH: /usr/lib:/usr/local/cuda-12.8/lib64:/opt/lib",
        "listens on all addresses, port 8888; listens on this machine only; on port 8888",
        "pip install torch --index-url https://example.org/whl/cu128",
        "::1 and 127.0.0.1 and --ip=0.0.0.0",
    ):
        assert private.out_of(text) == text
