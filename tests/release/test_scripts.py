"""What ``%run`` leaves behind: IPython keeps the globals of a script that it ran."""

from __future__ import annotations

from pathlib import Path

from .conftest import Releasing

SCRIPT = """
import torch
big = torch.ones(1000, device="toy:0")
more = [torch.ones(10, device="toy:0")]
class Box: pass
box = Box()
box.tensor = torch.ones(7, device="toy:0")
"""


def test_the_account_says_who_keeps_it(releasing: Releasing, tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    releasing.run(f"%run {path}")
    owners = {owner["name"]: owner["bytes"] for owner in releasing.owners("toy:0")}
    assert owners == {"big": 4000, "more[0]": 40, "box.tensor": 28}
    releasing.run("del big, more, box")
    owners = {owner["name"]: owner for owner in releasing.owners("toy:0")}
    assert {name: owner["bytes"] for name, owner in owners.items()} == {
        "%run train.py: big": 4000,
        "%run train.py: more[0]": 40,
        "%run train.py: box.tensor": 28,
    }
    for owner in owners.values():
        assert owner["hint"].startswith("IPython keeps the variables of a script")
    path.write_text("")
    releasing.run(f"%run {path}")  # as the hint says
    assert releasing.allocated() == (0, 0)
