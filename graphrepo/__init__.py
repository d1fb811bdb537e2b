"""graphrepo: a server for conda channels."""

__version__ = "0.1.0"
