"""What graphrepo and its tests use of conda-package-streaming 0.11 and later."""
