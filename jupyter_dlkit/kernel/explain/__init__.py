"""Says why a line of a cell failed: which sub-expression, of what, and how it is mended.

After the fact and on the main thread, from frames of the exception; nothing is evaluated
again, nothing is kept, and the user's exception is not touched.
"""
