"""No row of the log is passed over, and none is read twice."""

from graphrepo.registry.frontier import PATIENCE, WIDTH, Frontier


def test_what_comes_in_order_moves_the_line() -> None:
    frontier = Frontier(3)
    assert frontier.unseen([4, 5], 0) == {4, 5}
    assert frontier.low == 5
    assert frontier.unseen([], 0) == frozenset()


def test_a_gap_is_waited_for() -> None:
    frontier = Frontier(3)
    assert frontier.unseen([5, 6], 0) == {5, 6}
    assert frontier.low == 3
    assert frontier.unseen([5, 6], PATIENCE / 2) == frozenset()
    assert frontier.unseen([4, 5, 6, 7], PATIENCE / 2) == {4, 7}
    assert frontier.low == 7


def test_a_gap_is_given_up_in_time() -> None:
    frontier = Frontier(3)
    frontier.unseen([5], 0)
    assert frontier.unseen([5, 6, 8], PATIENCE) == {6, 8}
    assert frontier.low == 6
    frontier.unseen([8], 2 * PATIENCE)
    assert frontier.low == 8


def test_a_gap_with_too_much_behind_it_is_given_up_at_once() -> None:
    frontier = Frontier(0)
    frontier.unseen(range(2, WIDTH + 2), 0)
    assert frontier.low == 0
    frontier.unseen([WIDTH + 2], 0)
    assert frontier.low == WIDTH + 2
