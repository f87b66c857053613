"""The agent, in real kernels of both stacks."""
