"""The magics: each file has one, as ``MAGIC``."""
