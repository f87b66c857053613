"""The text for a forum names nobody, no machine, no secret."""

from __future__ import annotations

import pytest

from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.forum import forum_text
from jupyter_dlkit.doctor.private import Private
from jupyter_dlkit.doctor.report import Finding, build

from .patient import Patient

TOKEN = "0123456789abcdef0123456789abcdef0123456789abcdef"


def facts(**environ: str) -> Facts:
    given = {"USER": "mira.k", "HOSTNAME": "venus.lab.example", "JUPYTER_TOKEN": "op3nsesame"}
    return Facts(environ={**given, **environ}, home="/home/mira.k")


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("/home/mira.k/env/bin/python", "~/env/bin/python"),
        ("/home/other/env", "/home/<user>/env"),
        ("/" + "Users/jo/venv", "/" + "Users/<user>/venv"),
        (r"C:\Users\Jo\env", r"C:\Users\<user>\env"),
        ("/data/mira.k/sets", "/data/<user>/sets"),
        ("MIRA.K and mira.k's", "<user> and <user>'s"),
        ("~kim/notebooks", "~<user>/notebooks"),
        ("venus.lab.example:8888 and Venus", "<host>:8888 and <host>"),
        ("http://10.1.2.3:8888/lab?token=abc", "http://<address>:8888/lab?token=<token>"),
        ("address 192.168.7.8", "address <address>"),
        ("10.20.30.40:8888", "<address>:8888"),
        ("[fe80:0:0:0:1:2:3:4]:8888", "<address>:8888"),
        (f"/lab?x=1&token={TOKEN}&y=2", "/lab?x=1&token=<token>&y=2"),
        (TOKEN, "<token>"),
        ("password: hunter2", "password: <token>"),
        ('"api_key": "k-123"', '"api_key": "<token>"'),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer <token>"),
        ("Authorization: token 9f8e7d6c5b", "Authorization: token <token>"),
        ("hf_abcdefghijklmnop ghp_abcdefghijklmnop", "<token> <token>"),
        ("op3nsesame", "<secret>"),
        ("https://mira.k:pw@pypi.example/simple", "https://<user>@pypi.example/simple"),
        ("jo@example.org", "<mail>"),
        ("/user/jo/lab", "/user/<user>/lab"),
        ("a\x1b[31mred\x1b[0m\x07", "ared "),
    ],
)
def test_what_is_taken_out(text: str, instead: str) -> None:
    assert Private(facts()).out_of(text) == instead


@pytest.mark.parametrize(
    "text",
    [
        "torch 2.9.1+cu128, built for CUDA 12.8",
        "nvidia-cudnn-cu12==9.10.2.21 is needed, 10.3.9.90 is installed",
        "driver: 580.65.06 in 0000:01:00.0 at 20:30:55",
        "it listens on 0.0.0.0:8888, http://127.0.0.1:8888",
        "The server asks for a token or a password",
        "the container of a user is run by root in " + "/root" + "/work",
        "CUDA_VISIBLE_DEVICES is empty: it hides every GPU",
        "https://docs.nvidia.com/deploy/cuda-compatibility/",
        "token: not set",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    private = Private(Facts(environ={"USER": "root", "HOSTNAME": "localhost"}, home="/"))
    assert private.out_of(text) == text


def test_names_that_are_part_of_other_words_are_left_alone() -> None:
    private = Private(Facts(environ={"USER": "to", "HOSTNAME": "a"}, home="/home/to"))
    assert private.out_of("torch on a tensor") == "torch on a tensor"


def test_secrets_of_the_environment_are_taken_out_wherever_they_are() -> None:
    private = Private(facts(WANDB_API_KEY="plain-words-only", MY_PASSWORD="correct horse"))
    assert private.out_of("x plain-words-only, correct horse") == "x <secret>, <secret>"


def test_the_whole_text(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")
    patient.card("0x10de")
    patient.environ.update(USER="mira", HOSTNAME="venus")
    patient.more.update(cwd="/home/mira/thesis", executable="/home/mira/env/bin/python")
    made = registry.report(patient.facts(), ["accelerator", "pytorch"])
    text = forum_text(made, patient.facts())
    assert "mira" not in text and "venus" not in text
    assert text.startswith("```text\n") and text.endswith("\n```\n")
    first = text.index("This torch is built for the CPU only")
    assert first < text.index("The NVIDIA driver is not installed") < text.index("DOES NOT APPLY")
    assert "Next: Install the right build: pytorch.org/get-started" in text


def test_nothing_in_it_ends_the_block() -> None:
    nasty = Finding(
        "pytorch.build", "pytorch", "```\n# heading", "problem", ("line\nbreak", "```", "é\u202e")
    )
    made = build(
        [nasty], executable="", python="3", where="shell", seconds=0, taken_at="2026-01-02T03"
    )
    text = forum_text(made, facts())
    assert text.count("```") == 2 and "\u202e" not in text and "é" in text
    assert "- line break" in text
