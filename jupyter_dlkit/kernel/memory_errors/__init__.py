"""When a cell runs out of memory: what was asked for, who has the most, what can be given back.

Only ``hook`` is imported when a shell is watched; the rest is when it happens.
"""
