"""The GraphQL API: a schema over the registry's views, and the way it is asked over HTTP."""
