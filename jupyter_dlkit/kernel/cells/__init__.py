"""Which cell changed memory, by how much: numbers and texts of each execution.

Only ``hook`` is imported when the agent is attached; the rest is when first needed.
"""
