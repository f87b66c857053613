"""A real Jupyter server in a process of its own, with a kernelspec for each stack."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import requests
import websocket

from .stack import ROOT, clean_environment, stacks

TOKEN = "a-token-for-tests"
PATIENCE = 60.0

#: Extensions that the environment enables by its own configuration.
KNOWN = (
    "jupyter_dlkit",
    "jupyter_lsp",
    "jupyter_resource_usage",
    "jupyterlab",
    "notebook",
    "notebook_shim",
)


class LiveServer:
    """Started on entering, stopped with its kernels on leaving.

    Listens on a free port of the loopback interface; configuration, data and
    runtime folders are its own.  ``traits`` are command line settings such as
    ``"DLKit.attach=False"``; only the ``extensions`` named are loaded; ``environment`` is added to
    what the server, and so its kernels, gets.
    """

    def __init__(
        self,
        traits: Sequence[str] = (),
        extensions: Sequence[str] = ("jupyter_dlkit",),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._traits = list(traits)
        self._extensions = {name: name in extensions for name in {*KNOWN, *extensions}}
        self._environment = dict(environment or {})
        self._home = tempfile.TemporaryDirectory(prefix="dlkit-server-")
        self.folder = Path(self._home.name, "notebooks")
        self.log = Path(self._home.name, "log")
        self.url = ""
        self._notebooks = 0
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"token {TOKEN}"
        self.http.trust_env = False

    def __enter__(self) -> LiveServer:
        home = Path(self._home.name)
        self.folder.mkdir()
        for name, stack in stacks().items():
            spec = home / "data" / "kernels" / name
            spec.mkdir(parents=True)
            (spec / "kernel.json").write_text(json.dumps(stack.kernelspec()))
        environment = {
            **clean_environment(),
            **self._environment,
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
        command += ["--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"]
        command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.folder}"]
        command += [f"--ServerApp.jpserver_extensions={self._extensions!r}"]
        command += [f"--{trait}" for trait in self._traits]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self.url = self._wait_until_up(home / "runtime")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_until_up(self, runtime: Path) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            for file in runtime.glob("jpserver-*.json"):
                try:
                    url = str(json.loads(file.read_text())["url"])
                    if self.http.get(url + "api", timeout=5).ok:
                        return url
                except (ValueError, requests.RequestException):
                    pass
            time.sleep(0.05)
        raise AssertionError(f"The server did not start:\n{self.log.read_text()}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._home.cleanup()

    # Requests ----------------------------------------------------------------

    def get(self, path: str, timeout: float = PATIENCE, **query: Any) -> requests.Response:
        """``GET {base_url}{path}``; not checked for its status."""
        return self.http.get(self.url + path, params=query, timeout=timeout)

    def dlkit(self, path: str, timeout: float = PATIENCE, **query: Any) -> Any:
        """The parsed answer of one of our endpoints, which must be 200."""
        answer = self.get(f"jupyter_dlkit/{path}", timeout, **query)
        assert answer.status_code == 200, f"{answer.status_code} {path}: {answer.text[:2000]}"
        return answer.json()

    def socket(self, path: str, **query: str) -> websocket.WebSocket:
        """An open WebSocket; ``path`` is relative to the base URL."""
        address = self.url.replace("http", "ws", 1) + path + "?" + urlencode(query)
        opened = websocket.WebSocket()
        opened.connect(address, header=[f"Authorization: token {TOKEN}"], timeout=PATIENCE)
        return opened

    # Kernels -------------------------------------------------------------------

    def start_kernel(self, stack: str, notebook: str | None = None) -> ServedKernel:
        """A kernel with a session for a notebook of its own, as a browser would start it."""
        self._notebooks += 1
        notebook = notebook or f"notebook-{self._notebooks}.ipynb"
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": stack}}
        answer = self.http.post(self.url + "api/sessions", json=body, timeout=PATIENCE)
        answer.raise_for_status()
        return ServedKernel(self, str(answer.json()["kernel"]["id"]))


class ServedKernel:
    """One kernel of a server, spoken to over the server's WebSocket."""

    def __init__(self, server: LiveServer, kernel_id: str) -> None:
        self.server = server
        self.id = kernel_id
        self._session = os.urandom(8).hex()
        self._socket = self._connected()
        self._count = 0

    def _connected(self) -> websocket.WebSocket:
        address = f"api/kernels/{self.id}/channels"
        return self.server.socket(address, session_id=self._session)

    @property
    def state(self) -> str:
        """``execution_state`` as the server knows it."""
        return str(self.server.get(f"api/kernels/{self.id}").json()["execution_state"])

    def send(self, channel: str, kind: str, content: dict[str, Any]) -> str:
        """One message on a channel (``shell`` or ``control``); its id."""
        self._count += 1
        message_id = f"{self._session}-{self._count}"
        header = {"msg_id": message_id, "msg_type": kind, "username": "", "version": "5.3"}
        header |= {"session": self._session, "date": datetime.now(timezone.utc).isoformat()}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps({**message, "channel": channel, "buffers": []}))
        return message_id

    def start(self, code: str, **options: Any) -> str:
        """Send a cell; the id of its message.  Its error aborts no other cell, unless asked."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        content |= {"user_expressions": {}, "stop_on_error": False} | options
        return self.send("shell", "execute_request", content)

    def control(
        self, kind: str, content: dict[str, Any], timeout: float = PATIENCE
    ) -> dict[str, Any]:
        """Send one message on the control channel; the reply to it."""
        asked = self.send("control", kind, content)
        deadline = time.monotonic() + timeout
        while True:
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            message: dict[str, Any] = json.loads(self._socket.recv())
            if message["parent_header"].get("msg_id") == asked and message["channel"] == "control":
                return message

    def messages(self, message_id: str, timeout: float = PATIENCE) -> Any:
        """The messages that a cell causes, to its idle."""
        deadline = time.monotonic() + timeout
        while True:
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            message = json.loads(self._socket.recv())
            if message["parent_header"].get("msg_id") != message_id:
                continue
            yield message
            if message["content"].get("execution_state") == "idle":
                return

    def finish(self, message_id: str, timeout: float = PATIENCE) -> str:
        """What the cell printed, once it is idle again.  Raises when it raised."""
        printed = ""
        for message in self.messages(message_id, timeout):
            if message["msg_type"] == "stream":
                printed += message["content"]["text"]
            elif message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
        return printed

    def run(self, code: str, timeout: float = PATIENCE, **options: Any) -> str:
        """Run a cell to its end; what it printed."""
        return self.finish(self.start(code, **options), timeout)

    def wait_for_output(self, message_id: str, text: str, timeout: float = PATIENCE) -> None:
        """Until that cell has printed ``text``: it is in the middle of running now."""
        for message in self.messages(message_id, timeout):
            if message["msg_type"] == "stream" and text in message["content"]["text"]:
                return
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
        raise AssertionError(f"The cell ended and had not printed {text!r}.")

    def interrupt(self) -> None:
        """As the button does."""
        self.server.http.post(
            f"{self.server.url}api/kernels/{self.id}/interrupt", timeout=PATIENCE
        ).raise_for_status()

    def restart(self) -> None:
        """As the button does, and then connects anew, as the browser does.

        The old connection finds the new process by itself, but not at once: what a cell says
        before that is lost.
        """
        address = f"{self.server.url}api/kernels/{self.id}/restart"
        self.server.http.post(address, timeout=PATIENCE).raise_for_status()
        self.reconnect()

    def reconnect(self) -> None:
        """Connect anew: a client that reads nothing for 90 s is disconnected by the server."""
        self.disconnect()
        self._socket = self._connected()

    def disconnect(self) -> None:
        """Ends the connection, not the kernel."""
        self._socket.close()

    def shut_down(self) -> None:
        """Ends the kernel and the connection."""
        self.disconnect()
        self.server.http.delete(f"{self.server.url}api/kernels/{self.id}", timeout=PATIENCE)
