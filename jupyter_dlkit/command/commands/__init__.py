"""The subcommands, one module each: put one here, and ``jupyter dlkit`` has it.

A module imports next to nothing at its top, because ``--help`` imports them all, and has

- a docstring, whose first line is the subcommand's line in the help;
- ``configure(parser)``, which adds its arguments;
- ``run(options) -> int``, which does it and returns the exit code, or raises
  :class:`~jupyter_dlkit.command.errors.CommandError`.
"""
