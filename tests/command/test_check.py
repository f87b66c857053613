"""`jupyter dlkit check`."""

from __future__ import annotations

import json

import pytest

from .shell import dlkit, one_sentence


def test_shapes_that_fit_run_and_are_code_0() -> None:
    said = dlkit("check", "(3,1)", "(4,)")
    assert (said.code, said.err) == (0, "")
    assert "(3, 4)" in said.out
    assert "float32" in said.out


def test_shapes_that_do_not_fit_are_code_1_with_a_mend_in_the_users_names() -> None:
    said = dlkit("check", "loss=(3,2)", "weights=(3,)", "--op", "mul")
    assert (said.code, said.err) == (1, "")
    assert "weights.unsqueeze(1)" in said.out
    assert "loss" in said.out


def test_tensors_without_a_name_are_called_x_and_y() -> None:
    said = dlkit("check", "(3,2)", "(3,)")
    assert "y.unsqueeze(1)" in said.out


def test_names_that_are_given_are_not_given_again() -> None:
    answer = dlkit("check", "(3,2)", "x=(2,)", "(2,)", "--json").json
    assert [one["name"] for one in answer["operands"]] == ["y", "x", "z"]


def test_dtype_and_device_of_each_operand_and_of_all() -> None:
    answer = dlkit(
        *("check", "(3,1):float16@cuda:0", "(4,)", "--dtype", "torch.float64"),
        *("--device", "cuda", "--json"),
    ).json
    assert [(one["dtype"], one["device"]) for one in answer["operands"]] == [
        ("float16", "cuda:0"),
        ("float64", "cuda"),
    ]
    assert answer["result"]["dtype"] == "float64"
    assert answer["result"]["device"] == "cuda:0"


def test_tensors_on_two_devices_are_told_apart() -> None:
    said = dlkit("check", "x=(3,)", "y=(3,)@cuda")
    assert said.code == 1
    assert "x is on cpu and y is on cuda:0" in said.out


@pytest.mark.parametrize("operation", ["matmul", "torch.matmul", "@"])
def test_an_operation_by_its_name_or_its_operator(operation: str) -> None:
    answer = dlkit("check", "(8,1,6,1)", "(7,1,5)", "--op", operation, "--json").json
    assert answer["operation"] == "matmul"
    assert answer["result"]["shape"] == [8, 7, 6, 5]


def test_arguments_of_the_operation() -> None:
    answer = dlkit("check", "(2,3)", "(2,4)", "--op", "cat", "--arg", "dim=1", "--json").json
    assert answer["result"]["shape"] == [2, 7]
    words = ("check", "(2,3)", "(3,4)", "--op", "einsum", "--arg", "equation=ij,jk->ik")
    assert dlkit(*words).code == 0


def test_a_number_and_what_a_notebook_prints_of_a_shape() -> None:
    answer = dlkit("check", "torch.Size([3, 1])", "-2.5", "--op", "mul", "--json").json
    assert answer["result"]["shape"] == [3, 1]
    assert answer["operands"][1]["name"] == "-2.5"


def test_a_trap_is_said_although_it_runs() -> None:
    said = dlkit("check", "(32,1)", "(32,)", "--op", "mse_loss")
    assert said.code == 0
    assert "(32, 32)" in said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("(3,1", "(4,)"), "'(3,1' is neither a shape nor a number."),
        (("3x4",), "'3x4' is neither a shape nor a number."),
        (("(3)", "(3,)"), 'Write "(3,)" for a shape of one dimension'),
        (("(3,)", "2:int64"), "a number has neither a dtype nor a device"),
        (("(3,):flaot", "1"), "'flaot' is not a dtype"),
        (("(3,)@gpu", "1"), "torch has no device 'gpu'."),
        (("(-3,)", "1"), "A size cannot be negative: -3."),
        (("(3,2.5)", "1"), "A size is a whole number"),
        (("(3,)", "(3,)", "--op", "matmull"), "no rule for 'matmull'. Near it: matmul"),
        (("(3,)", "--op", "sum", "--arg", "dmi=0"), "does not know 'dmi' of sum."),
        (("(3,)", "--op", "sum", "--arg", "0"), "'0' is not an argument."),
        (("(" * 3000 + ")" * 3000,), "is neither a shape nor a number."),
        (("x\x1b[31m",), r"\x1b[31m"),
    ],
)
def test_what_cannot_be_checked_is_a_sentence_and_code_2(
    words: tuple[str, ...], expected: str
) -> None:
    said = dlkit("check", *words)
    assert said.code == 2
    assert expected in one_sentence(said)


def test_json_is_the_answer_of_the_rest_api() -> None:
    from jupyter_dlkit.server.check import answer

    operands = [{"shape": [3, 2]}, {"shape": [3]}]
    expected = json.loads(answer({"operation": "mul", "operands": operands}))
    said = dlkit("check", "(3,2)", "(3,)", "--op", "mul", "--json")
    assert said.code == 1
    assert set(expected) <= set(said.json)
    assert said.json["dimensions"] == expected["dimensions"]
    assert said.json["mends"][0]["expression"] == "y.unsqueeze(1)"
