"""The command line: what an operator does beside the web, and the client that uploads."""

from graphrepo.cli.program import main

__all__ = ["main"]
