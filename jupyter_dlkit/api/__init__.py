"""The Python API: ``import jupyter_dlkit as dlkit``.

Each function answers with a value (a ``Result``) that is immutable and can be pickled and
compared.  It holds numbers and texts, never a tensor.
"""
