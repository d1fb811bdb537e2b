"""What graphrepo's tests use of conda-package-handling 2.4 and later."""
