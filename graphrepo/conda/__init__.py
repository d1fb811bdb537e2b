"""What conda packages and channels are made of: names, archives, records. Pure functions."""
