"""What torch.distributed makes of tensors and modules: one process is enough to have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import Replicate, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

from .picture import Watched
from .target import Target
from .user import User


@pytest.fixture
def mesh() -> Iterator[DeviceMesh]:
    """A group of one process, on the host."""
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield init_device_mesh("cpu", (1,))
    dist.destroy_process_group()


def test_a_module_for_data_parallel_training(user: User, target: Target, mesh: DeviceMesh) -> None:
    inner = torch.nn.Linear(2, 2)
    user.has(model=DistributedDataParallel(inner), x=torch.ones(2))
    watched = Watched(weight=inner.weight, bias=inner.bias, x=user["x"])
    (refused,) = user.cannot_move("x", "model").refused
    assert (refused.name, refused.code) == ("model", "distributed")
    assert "DistributedDataParallel" in refused.message and "wraps" in refused.hint
    watched.have_not_changed()


def test_a_tensor_of_several_processes(user: User, target: Target, mesh: DeviceMesh) -> None:
    user.has(spread=distribute_tensor(torch.ones(4), mesh, [Replicate()]), x=torch.ones(2))
    watched = Watched(x=user["x"])
    (refused,) = user.cannot_move("x", "spread").refused
    assert refused.code == "wrapper" and "DTensor" in refused.message
    watched.have_not_changed()


def test_a_module_whose_parameters_are_of_several_processes(
    user: User, target: Target, mesh: DeviceMesh
) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    fully_shard(model, mesh=mesh)
    user.has(model=model)
    watched = Watched(mean=model[1].running_mean)
    parameters = dict(model.named_parameters())
    refused = user.cannot_move("model").refused
    assert {row.code for row in refused} == {"wrapper"} and len(refused) == len(parameters)
    assert all(model.get_parameter(name) is p for name, p in parameters.items())
    watched.have_not_changed()
