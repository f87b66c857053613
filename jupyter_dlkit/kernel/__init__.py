"""The part of jupyter_dlkit that lives in the user's kernel.

Portable: Python 3.9 and later, standard library only.  Whatever else it reads
(torch, NumPy) it takes from ``sys.modules``, and never imports.
"""
