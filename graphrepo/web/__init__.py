"""What the server says over HTTP: routes, files, uploads, pages."""
