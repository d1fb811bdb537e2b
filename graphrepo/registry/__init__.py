"""The use cases: the only callers of entities, the only askers of the policy."""
