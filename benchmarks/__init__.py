"""The figures that jupyter_dlkit promises, measured beside its peers'."""
