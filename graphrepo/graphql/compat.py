"""What existing clients of prefix.dev send that a strict schema would refuse."""

from typing import Any, Final

from graphql import DocumentNode, FieldNode, NameNode, Visitor, visit

_OWNER: Final = "owner"


class _OwnerLogins(Visitor):
    """Turns ``owner`` without a selection into ``owner: ownerLogin``.

    ``owner`` was a text before it became an object, and no schema can be both.
    """

    @staticmethod
    def enter_field(node: FieldNode, *_rest: Any) -> FieldNode | None:  # noqa: ANN401 - Visitor's
        """Return the field to put in place of the node, if another one is to be."""
        if node.name.value != _OWNER or node.selection_set is not None:
            return None
        return FieldNode(
            name=NameNode(value="ownerLogin"),
            alias=node.alias or node.name,
            arguments=node.arguments,
            directives=node.directives,
            loc=node.loc,
        )


def accept_older_forms(document: DocumentNode, text: str) -> DocumentNode:
    """Return the document as the schema wants it; ``text`` is what it was parsed from."""
    if _OWNER not in text:
        return document
    return visit(document, _OwnerLogins())
