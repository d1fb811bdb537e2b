"""What graphrepo uses of Pony 0.7.19 and later, which ships without types."""
