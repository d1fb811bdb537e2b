"""How alike a name is to what somebody typed: a distance that knows typos.

It counts what has to be typed anew (Damerau and Levenshtein: a letter missing, too many, wrong,
or swapped with its neighbour). Whatever the name has before and after the text costs next to
nothing, for people type the beginning of a name, or its middle, more often than all of it.
"""

from collections.abc import Iterator

_SURPLUS = 0.1  # cost of a letter of the name before or after the text
_LEAST = 0.6  # below this nobody would call two names alike
_ROUNDING = 1e-9


def likeness(text: str, name: str) -> float:
    """Return how alike a name is to a text, 0 to 1; 0 where they are not alike at all."""
    if not text:
        return 0.0
    most = (1 - _LEAST) * len(text) + _ROUNDING
    distance = _distance(text, name, most)
    return 1 - distance / len(text) if distance <= most else 0.0


def trigrams(text: str) -> frozenset[str]:
    """Return the runs of three letters of a name, with two spaces before it and one after."""
    padded = f"  {text} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def trigrams_of_typos(text: str) -> frozenset[str]:
    """Return the trigrams of a text and of all texts with two neighbours of it swapped.

    Any other typo leaves most trigrams as they are; in a short name, a swap leaves none.
    """
    return trigrams(text).union(*map(trigrams, _swapped(text)))


def _swapped(text: str) -> Iterator[str]:
    for place in range(len(text) - 1):
        yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _distance(text: str, name: str, most: float) -> float:
    """Return the distance, or anything over ``most`` where it is greater than that."""
    length = len(name)
    before: list[float] = []
    above = [place * _SURPLUS for place in range(length + 1)]
    for row in range(len(text)):
        current = [float(row + 1)]
        for place in range(length):
            cost = min(
                above[place] + (text[row] != name[place]),
                above[place + 1] + 1,
                current[place] + 1,
            )
            if row and place and text[row - 1 : row + 1] == name[place] + name[place - 1]:
                cost = min(cost, before[place - 1] + 1)
            current.append(cost)
        if min(current) > most and min(above) > most:
            break  # every way on comes from one of these two rows, and none gets shorter
        before, above = above, current
    return min(cost + _SURPLUS * (length - place) for place, cost in enumerate(above))
