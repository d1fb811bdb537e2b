"""Documents of queries as they were read before: clients send the same ones again and again.

Reading and checking a document costs more than most answers. What it means depends on its text
and the schema alone, so a text that was found valid is read once; variables are measured and
checked for each request. Texts without number cannot fill the memory: the oldest ones go.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, parse

from graphrepo.errors import QueryTooComplexError
from graphrepo.graphql.compat import accept_older_forms

_ROOM: Final = 200_000
"""Characters of all remembered texts; the tree of a document takes about 100 bytes for each."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was sent, and as the schema wants it; whether that is known to be valid."""

    text: str
    sent: DocumentNode
    wanted: DocumentNode
    is_valid: bool = False


class Documents:
    """The valid documents of one schema."""

    def __init__(self, tokens: int, room: int = _ROOM) -> None:
        """Remember nothing yet; no document may have more than so many tokens."""
        self._tokens = tokens
        self._room = room
        self._taken = 0
        self._known: OrderedDict[str, Document] = OrderedDict()

    def read(self, text: str) -> Document:
        """Return the document of a text.

        Raises:
            GraphQLSyntaxError: it is none.
            QueryTooComplexError: it has too many tokens.
        """
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        sent = self._parsed(text)
        return Document(text, sent, accept_older_forms(sent, text))

    def remember(self, document: Document) -> None:
        """Keep a document that was found valid; those that were not asked for longest go."""
        if document.text in self._known:
            return
        self._known[document.text] = replace(document, is_valid=True)
        self._taken += len(document.text)
        while self._taken > self._room:
            text, _ = self._known.popitem(last=False)
            self._taken -= len(text)

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_tokens=self._tokens)
        except GraphQLSyntaxError as error:
            if "Parsing aborted" not in error.message:  # graphql-core says so in words alone
                raise
            message = (
                f"The query is over the limit of {self._tokens} tokens; ask in several requests."
            )
            raise QueryTooComplexError(message) from error
