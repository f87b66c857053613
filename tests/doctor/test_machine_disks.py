"""Disks: full ones, rotating ones, those of others; made and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.report import Finding
from tests.hardware.machine_files import GIB, MIB

from .checked import Outside, checked
from .spaces import Spaces


def test_a_disk_without_room_is_told_with_the_folder_on_it(tmp_path: Path) -> None:
    here, spaces = str(tmp_path), Spaces(tmp_path / "spaces")
    with Outside(spaces.environment()) as process:

        def look(free: int) -> Finding:
            spaces.show({here: (500 * GIB, free), "/tmp": (500 * GIB, 400 * GIB)})
            return process.checked("machine.disk", Facts(cwd=here, home=here))

        assert look(400 * GIB).verdict == "ok"
        little = look(3 * GIB)
        assert little.verdict == "warning"
        assert little.title == "Only 3 GiB is left on the disk of the working folder"
        assert little.command == f"df -h {here}"
        assert look(100 * MIB).verdict == "problem"
        assert look(400 * GIB).verdict == "ok"


class Tree:
    """A /proc and /sys with one disk, on which /data is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def mount(self, kind: str, source: str, number: str = "8:1") -> None:
        root = "20 1 0:5 / / rw - overlay overlay rw"
        data = f"21 20 {number} / /data\\040sets rw - {kind} {source} rw"
        self.write("proc/self/mountinfo", f"{root}\n{data}\n")

    def disk(
        self, name: str, partition: str | None, rotational: int, model: str = "", number: str = ""
    ) -> None:
        below = f"sys/devices/pci0/block/{name}"
        self.write(f"{below}/queue/rotational", f"{rotational}\n")
        if model:
            self.write(f"{below}/device/model", f"{model}\n")
        target = self.folder / below
        if partition is not None:
            target = target / partition
            target.mkdir(exist_ok=True)
        for link in (f"sys/dev/block/{number or '8:1'}", f"sys/class/block/{target.name}"):
            place = self.folder / link
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            place.symlink_to(target)

    def look(self, *data: str) -> Finding:
        facts = Facts(root=str(self.folder), data=data or ("/data sets/images",))
        return checked("machine.storage", facts)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_data_on_a_rotating_disk_is_told(tree: Tree) -> None:
    tree.mount("ext4", "/dev/sda1")
    tree.disk("sda", "sda1", 1, "ST4000DM004")
    seen = tree.look()
    assert (seen.verdict, seen.title) == ("warning", "The data is on a rotating disk")
    assert "ext4 on sda (ST4000DM004), queue/rotational is 1" in seen.evidence[0]
    tree.disk("sda", "sda1", 0, "Samsung SSD 870")
    assert (tree.look().verdict, tree.look().title) == ("ok", "The data is on an SSD")


def test_nvme_mapped_and_btrfs_disks_are_found(tree: Tree) -> None:
    tree.mount("xfs", "/dev/nvme0n1p2", "259:2")
    tree.disk("nvme0n1", "nvme0n1p2", 0, number="259:2")
    assert tree.look().title == "The data is on an NVMe disk"
    tree.mount("ext4", "/dev/mapper/vg-data", "253:0")
    tree.disk("dm-0", None, 1, number="253:0")
    assert tree.look().verdict == "warning"
    tree.mount("btrfs", "/dev/sdb1", "0:40")  # a number of its own: found by its source
    tree.disk("sdb", "sdb1", 1, number="8:17")
    assert tree.look().verdict == "warning"


@pytest.mark.parametrize(("name", "model"), [("vda", ""), ("sda", "QEMU HARDDISK"), ("xvda", "")])
def test_a_virtual_disks_rotation_is_not_believed(tree: Tree, name: str, model: str) -> None:
    tree.mount("ext4", f"/dev/{name}1")
    tree.disk(name, f"{name}1", 1, model)
    seen = tree.look()
    assert seen.verdict == "not_applicable"
    assert "virtual disk" in seen.title
    assert f"on {name}" in seen.evidence[0]


def test_a_disk_of_another_machine_is_told(tree: Tree) -> None:
    tree.mount("nfs4", "server:/export")
    seen = tree.look()
    assert (seen.verdict, seen.title) == ("info", "The data is on another machine (nfs4)")
    tree.mount("9p", "drvfs")
    assert "Windows" in tree.look().title
    tree.mount("tmpfs", "tmpfs")
    assert tree.look().verdict == "ok"
    elsewhere = tree.look("/elsewhere")  # the container's own layers
    assert "not told" in elsewhere.title
