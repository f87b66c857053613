"""Answers of the API as HTML for notebooks and exports, and as text for terminals.

``show.html`` and ``show.text`` have one function for each ``Result.kind``.
"""
