"""``import jupyter_dlkit as dlkit`` in a kernel."""
