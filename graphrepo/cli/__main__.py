"""Let ``python -m graphrepo.cli`` be the same program as ``graphrepo``."""

from graphrepo.cli.program import main

if __name__ == "__main__":  # a worker process imports this file under another name
    main()
