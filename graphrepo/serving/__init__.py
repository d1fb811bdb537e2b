"""How requests come in and answers go out: what graphrepo adds to uvicorn."""
