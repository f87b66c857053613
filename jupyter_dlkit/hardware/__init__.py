"""Devices and host, as one machine reports them.

Start at :class:`jupyter_dlkit.hardware.collect.Collector`. Nothing here needs
torch or Jupyter; ``pynvml`` and ``psutil`` are used when they can be imported.
"""
