"""Rows: entities, the database they live in, and the migrations that make their tables."""
