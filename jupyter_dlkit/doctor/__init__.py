"""The doctor: why there is no GPU, and whether this machine is fit.

Portable (Python 3.9, the standard library only), reads files and never imports torch.

``facts`` says what is examined, ``registry`` runs the checks of ``checks/`` on it, ``report``
is what comes out, ``examine`` does that in a fresh process of another interpreter, ``forum``
writes a report as text that can be posted.
"""
