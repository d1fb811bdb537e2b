"""Immutable bytes named by their BLAKE3: synchronous code, called from worker threads."""
