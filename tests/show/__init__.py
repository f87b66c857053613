"""Answers as HTML and as text."""
