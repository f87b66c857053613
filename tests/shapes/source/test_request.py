"""A request as JSON has it, and its answer."""

import json
import time

import pytest

from jupyter_dlkit.shapes import Operand, Scalar
from jupyter_dlkit.shapes.source import ABSENT, UNKNOWN, Layer, Named, follow_cell
from jupyter_dlkit.shapes.source.request import Circumstances, NotAnswered, answered

LIVE = {
    "x": Operand((4, 3), strides=(3, 1)),
    "w": Operand((4, 3)),
    "b": Operand((4,)),
    "n": Operand((2,), "int64"),
    "net": Layer("Linear", {"weight": Operand((5, 3)), "bias": Operand((5,))}),
    "torch": Named("torch"),
    "model": UNKNOWN,
}


def of(source, kind="expression", **circumstances):
    request = {"source": source, "kind": kind}
    return answered(
        request, lambda path: LIVE.get(path, ABSENT), None, Circumstances(**circumstances)
    )


def test_an_operation_on_shapes():
    request = {
        "operation": "add",
        "operands": [
            {"shape": [8, 1]},
            {"shape": [3]},
        ][:2],
    }
    answer = answered(request)
    assert answer["ok"] and answer["result"]["shape"] == [8, 3] and answer["result"]["bytes"] == 96
    assert [one["verdict"] for one in answer["dimensions"]] == ["missing", "stretch"]
    json.dumps(answer)


def test_an_expression_that_runs_has_its_steps_in_order_and_its_result():
    answer = of("(x @ w.T + b).relu().sum(dim=0)")
    assert answer["ok"] and answer["problems"] == []
    assert answer["result"] == {"shape": [4], "dtype": "float32", "device": "cpu", "bytes": 16}
    assert [one["source"] for one in answer["steps"]] == [
        "w.T", "x @ w.T", "x @ w.T + b", "(x @ w.T + b).relu()", "(x @ w.T + b).relu().sum(dim=0)"
    ]  # fmt: skip
    assert [one["name"] for one in answer["steps"][1]["operands"]] == ["x", "w.T"]


def test_an_expression_that_fails_has_the_step_that_does_and_a_mend():
    answer = of("(x @ w + b).sum()")
    assert not answer["ok"] and answer["result"] is None
    assert answer["problems"][0]["code"] == "inner"
    assert [one["name"] for one in answer["operands"]] == ["x", "w"]
    assert answer["findings"][0]["mends"][0]["expression"] in ("x @ w.T", "x.T @ w")
    assert [one["ok"] for one in answer["steps"]] == [False]


def test_a_trap_is_a_warning_of_what_runs():
    answer = of("((x[:, :1] - b) ** 2).mean()")
    assert answer["ok"] and answer["result"]["shape"] == []
    assert [one["code"] for one in answer["warnings"]] == ["outer_product"]


def test_what_is_not_known_is_said():
    assert "not known" in of("model(x) + b")["undetermined"]
    assert of("model(x) + b")["ok"]
    absent = of("q + x")
    assert not absent["ok"] and absent["problems"][0]["message"] == "There is no q in this kernel."
    assert of("len(x) + 1")["undetermined"] == "The result is 5."
    assert of("x.shape")["undetermined"] == "The result is no tensor."
    assert of("[x for x in range(3)]")["problems"] == []


def test_a_cell():
    answer = of("y = net(x)\nz = y @ x\n", "cell")
    assert not answer["ok"]
    assert [(one["line"], one["column"]) for one in answer["findings"]] == [(2, 4)]
    fine = of("y = net(x)\nfor i in range(3):\n    y = y * 2\n", "cell")
    assert fine["ok"] and fine["findings"] == [] and fine["undetermined"] is None
    assert "Line 1 cannot be parsed" in of("y = (", "cell")["undetermined"]


def test_other_defaults_than_torchs_own_are_not_guessed_at():
    line = "y = torch.zeros(4, 3) @ x"
    assert not of(line, "cell")["ok"]
    assert of(line, "cell", usual=False)["ok"]
    assert of("n / n", usual=False)["result"] is None
    assert of("n / n")["result"]["dtype"] == "float32"


def test_names_that_functions_rebind_are_not_known_in_a_cell():
    assert not of("change()\ny = x @ w", "cell")["ok"]
    assert of("change()\ny = x @ w", "cell", volatile=["x"])["ok"]
    # Until something of the user's may have run, they are what they are.
    assert not of("y = x @ w\nchange()", "cell", volatile=["x"])["ok"]
    for line in (
        "model(x)",
        "model + 1",
        "model.size",
        "for m in model:\n    pass",
        "print(model)",
    ):
        assert of(f"{line}\ny = x @ w", "cell", volatile=["x"])["ok"], line


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"operation": "zzz", "operands": []}, "unknown_operation"),
        ({"operation": "add", "operands": [{"shape": [-1]}, {"shape": [1]}]}, "malformed"),
        ({"operation": "add", "operands": [{"shape": [2**63]}, {"shape": [1]}]}, "malformed"),
        ({"operation": "add", "operands": [{"shape": [1] * 65}, {"shape": [1]}]}, "malformed"),
        ({"operation": "add", "operands": [{"shape": [1], "dtype": "f"}]}, "malformed"),
        ({"operation": "add", "operands": [{"shape": [1], "device": "?"}]}, "malformed"),
        ({"operation": "add", "operands": [{"shape": [1]}] * 100}, "malformed"),
        (
            {"operation": "sum", "operands": [{"shape": [1]}], "arguments": {"x": 1}},
            "unknown_argument",
        ),
        ({"operation": "add", "operands": [{"expression": "x"}]}, "needs_kernel"),
        ({"source": "x + 1"}, "needs_kernel"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence_and_quick(request_, code):
    begun = time.perf_counter()
    with pytest.raises(NotAnswered) as caught:
        answered(request_)
    assert time.perf_counter() - begun < 10
    assert caught.value.code == code
    assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")


@pytest.mark.parametrize("source", ["x @", "x; y", "(" * 3000, "x = 3", "\0", "x + " * 90_000])
def test_what_is_no_expression_is_refused(source):
    with pytest.raises(NotAnswered) as caught:
        of(source)
    assert caught.value.code in ("cannot_parse", "too_long")


def test_a_name_that_is_no_tensor_is_said():
    request = {"operation": "neg", "operands": [{"expression": "net"}]}
    with pytest.raises(NotAnswered) as caught:
        answered(request, None, LIVE.__getitem__)
    assert caught.value.message == "operands.0: net is neither a tensor nor a number."


ON_A_GPU = {**LIVE, "g": Operand((4, 3), device="cuda:0"), "i": Operand((2,), "int64")}


def _found(cell, live):
    return [one.code for one in follow_cell(cell, lambda path: live.get(path, ABSENT))]


def test_two_devices_are_told_apart_where_both_are_known():
    assert _found("y = g + x", ON_A_GPU) == ["device"]
    assert _found("y = g + x.to(g.device)", ON_A_GPU) == []
    assert _found("y = g.cpu() + x\nz = g + torch.tensor(2.0)\nu = g[i]", ON_A_GPU) == []
    assert _found("y = g + torch.zeros(3, device=0)", ON_A_GPU) == []
    assert _found("y = g + torch.zeros(3, device='cuda:1')", ON_A_GPU) == ["device"]


def test_the_current_device_is_relied_upon_only_where_it_is_known():
    line = "y = g + torch.zeros(3, device='cuda')"
    assert _found(line, ON_A_GPU) == []
    current = {**ON_A_GPU, "torch.cuda.current_device()": Scalar(1)}
    assert _found(line, current) == ["device"]
    assert _found(line.replace("zeros(3", "zeros(2"), ON_A_GPU) == ["shape"]


def test_whether_there_is_a_gpu_is_taken_from_the_kernel():
    cell = "d = 'cuda:0' if torch.cuda.is_available() else 'cpu'\ny = x.to(d) + g"
    assert _found(cell, ON_A_GPU) == []
    assert _found(cell, {**ON_A_GPU, "torch.cuda.is_available()": Scalar(True)}) == []
    assert _found(cell, {**ON_A_GPU, "torch.cuda.is_available()": Scalar(False)}) == ["device"]


def test_modules_of_the_kernel_are_reached_by_their_names():
    first, second = LIVE["net"], Layer("Linear", {"weight": Operand((2, 9))})
    live = {
        **LIVE,
        "seq": Layer("Sequential", children=(first, second)),
        "seq.head": second,
        "listed": Layer("ModuleList", children=(first, first)),
        "mine.fc": second,
        "mine": UNKNOWN,
    }
    assert _found("y = seq.head(x)", live) == ["features"]
    assert _found("h = seq.head\ny = h(x)", live) == ["features"]
    assert _found("y = listed[1](x)\nz = y @ y", live) == ["inner"]
    assert _found("for layer in listed:\n    y = layer(x) @ w", live) == ["inner"]
    assert _found("y = mine.fc(x)", live) == ["features"]
    # A call of the user's may have put another layer there.
    assert _found("mine(x)\ny = mine.fc(x)", live) == []
    assert _found("mine.fc = other\ny = mine.fc(x)", live) == []
