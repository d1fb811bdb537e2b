"""Write the schema: ``python -m graphrepo.graphql.export > schema.graphql``."""

import sys

from graphrepo.graphql.schema import build_schema


def schema_text() -> str:
    """Return the schema in GraphQL's own language, as it stands in ``schema.graphql``."""
    return f"{build_schema().as_str()}\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
