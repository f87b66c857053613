"""Real kernels and a real server, for the tests and for the benchmarks."""
