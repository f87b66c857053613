"""The server extension: its settings are traits, its work is done elsewhere."""

from __future__ import annotations

from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Float, Integer, Unicode

from ..kernel.protocol import REPLY, REQUEST
from .doctor_facts import ServerFacts
from .doctors import Doctors
from .handlers import handlers
from .idle import IdleWatch
from .idle_choice import Choice, ChoiceFile
from .links import Links
from .notebooks import Notebooks
from .sampler import Collector, MachineSampler
from .settings import Settings


class DLKit(ExtensionApp):
    """Live tensors and devices of this server's kernels."""

    name = "jupyter_dlkit"
    load_other_extensions = True

    attach = Bool(
        True,
        help="""Whether anything may be attached to kernels. Without it there are no
        tensors, only what the server sees by itself: host, devices, processes.
        A kernelspec (metadata.jupyter_dlkit.attach = false) and a notebook (the same
        in its metadata) can switch it off for themselves.""",
    ).tag(config=True)
    values = Bool(
        True,
        help="Whether values of tensors may be shown (to those who may execute code).",
    ).tag(config=True)
    changes = Bool(
        True,
        help="""Whether tensors may be moved, released and deleted (by those who may execute
        code). A kernelspec (metadata.jupyter_dlkit.changes = false) and a notebook (the same in
        its metadata) can switch it off for themselves.""",
    ).tag(config=True)
    process_names = Bool(
        True,
        help="""Whether processes of the server's own user that hold a device's memory
        are named. Those of other users never are.""",
    ).tag(config=True)
    min_interval = Float(
        0.5,
        min=0.05,
        help="The shortest time between two looks at an idle kernel or the machine, in seconds.",
    ).tag(config=True)
    busy_interval = Float(
        2.0,
        min=0.5,
        help="""The shortest time between two looks at a kernel that runs a cell, in seconds.
        It is longer where a look would otherwise take more than 1 % of the cell's time.""",
    ).tag(config=True)
    scan_budget_ms = Float(
        150.0,
        min=1.0,
        help="""How long one look may search containers, in milliseconds. Variables are
        always listed, and what was left out is named.""",
    ).tag(config=True)
    request_timeout = Float(
        5.0,
        min=0.1,
        help="How long an answer of a kernel is waited for, in seconds.",
    ).tag(config=True)
    change_patience = Float(
        10.0,
        min=0.0,
        help="""How long a request to move or delete waits for the result while the kernel
        runs nothing else, in seconds. Then, or at once while a cell runs, it is answered with
        an id under which the result can be had.""",
    ).tag(config=True)
    max_slice = Integer(
        10_000,
        min=1,
        help="How many elements of a tensor are shown at most.",
    ).tag(config=True)
    max_subscriptions = Integer(
        32,
        min=1,
        help="How many subscriptions one WebSocket may have.",
    ).tag(config=True)
    max_body = Integer(
        1024 * 1024,
        min=1024,
        help="How long a request's body, or a message of a WebSocket's client, may be, in bytes.",
    ).tag(config=True)

    idle_limit = Float(
        0.0,
        min=0.0,
        help="""After how many idle minutes a person is told that kernels hold accelerators that
        nobody uses; 0 watches nothing. What a user sets in the settings comes first.""",
    ).tag(config=True)
    idle_interval = Float(
        60.0,
        min=0.05,
        help="The time between two looks for idle accelerators, in seconds.",
    ).tag(config=True)
    hourly_price = Float(
        0.0,
        min=0.0,
        help="""What this machine costs an hour; 0 when that is not known. What a user sets in
        the settings comes first.""",
    ).tag(config=True)
    currency = Unicode("", help="What is written before the price, such as `$`.").tag(config=True)

    def initialize_settings(self) -> None:
        """Makes the collaborators."""
        server = self.serverapp
        assert server is not None
        self._settings = Settings(
            **{name: getattr(self, name) for name in Settings.__dataclass_fields__}
        )
        self._notebooks = Notebooks(server.session_manager, server.contents_manager, self.log)
        self._links = Links(server.kernel_manager, self._notebooks, self._settings, self.log)
        self._links.listen(server.event_logger)
        self._sampler = MachineSampler(self._make_collector, self._links, self.log)
        self._idle = IdleWatch(
            self._sampler,
            self._links,
            ChoiceFile.of_this_user(self.log),
            Choice(self.idle_limit or None, self.hourly_price or None, self.currency[:8]),
            log=self.log,
            period=self.idle_interval,
        )
        facts = ServerFacts(server, self._links, self._sampler, self._price)
        self._doctors = Doctors(self._links, facts, self.log)
        self._untrack()

    def initialize_handlers(self) -> None:
        """Adds the addresses."""
        self.handlers.extend(
            handlers(self._links, self._sampler, self._idle, self._doctors, self._settings)
        )

    def _make_collector(self) -> Collector:
        from ..hardware.collect import Collector as MachineCollector

        collector: Collector = MachineCollector(process_names=self.process_names)
        return collector

    def _price(self) -> dict[str, Any] | None:
        """What the machine costs, for the doctor."""
        choice = self._idle.choice
        if choice.price is None:
            return None
        return {"per_hour": choice.price, "currency": choice.currency}

    def _untrack(self) -> None:
        """Our messages are no activity, neither for culling nor for the kernel's indicator."""
        server = self.serverapp
        assert server is not None
        kernels = server.kernel_manager
        known = list(getattr(kernels, "untracked_message_types", []))
        known += [name for name in (REQUEST, REPLY) if name not in known]
        kernels.untracked_message_types = known
        # JupyterLab copies the list into its page when it loads: after us, as extensions
        # load by the alphabet, or before us, where it was told to.
        page: dict[str, Any] = server.web_app.settings.setdefault("page_config_data", {})
        shown = page.get("untracked_message_types")
        page["untracked_message_types"] = list(dict.fromkeys([*(shown or known), REQUEST, REPLY]))

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """After all extensions have loaded."""
        self._untrack()
        self._idle.start()

    async def stop_extension(self) -> None:
        """Ends what runs in the background."""
        await self._doctors.close()
        await self._idle.close()
        await self._sampler.close()
        await self._links.close()
