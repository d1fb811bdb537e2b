"""The uploading client against a server that answers as the test says."""

import asyncio
import hashlib
import sys
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Lock, Thread

import pytest

from graphrepo import client
from graphrepo.client import LANES, Outcome, Target, Verdict

TOKEN = "gr-secret"
SENTENCE = "The archive cannot be read; build the package again."


@dataclass(frozen=True)
class Answer:
    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain"})


@dataclass(frozen=True)
class Seen:
    path: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedServer(ThreadingHTTPServer):
    """Gives its answers in order, then the last one for ever, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, *answers: Answer, together: int = 1) -> None:
        super().__init__(("127.0.0.1", 0), ScriptedHandler)
        self._answers = list(answers)
        self._lock = Lock()
        self.seen: list[Seen] = []
        self.meeting = Barrier(together)
        self.patience = sys.maxsize  # bytes of a body, above which it hangs up at once

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer_to(self, request: Seen) -> Answer:
        with self._lock:
            self.seen.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class ScriptedHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, ScriptedServer)
        length = int(self.headers["Content-Length"])
        if length > server.patience:
            self.close_connection = True
            return
        body = self.rfile.read(length)
        answer = server.answer_to(Seen(self.path, dict(self.headers), body))
        server.meeting.wait(timeout=20)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def serving(*answers: Answer, together: int = 1) -> Generator[ScriptedServer]:
    with ScriptedServer(*answers, together=together) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Onlooker:
    """Adds up what it is told."""

    def __init__(self) -> None:
        self.attempts: list[tuple[str, int]] = []
        self.bytes: Counter[str] = Counter()
        self.outcomes: list[Outcome] = []

    def started(self, path: Path, size: int) -> None:
        self.attempts.append((path.name, size))

    def sent(self, path: Path, size: int) -> None:
        self.bytes[path.name] += size

    def finished(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "zlib-1.3-h1_0.conda"
    path.write_bytes(b"zlib" * 200_000)
    return path


def upload(
    target: Target, *paths: Path, onlooker: Onlooker | None = None
) -> tuple[tuple[Outcome, ...], list[float]]:
    """Upload without waiting; also return the pauses that were asked for."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    outcomes = client.upload(target, paths, onlooker or Onlooker(), pause=pause)
    return asyncio.run(outcomes), pauses


def upload_one(target: Target, path: Path) -> Outcome:
    (outcome,), _pauses = upload(target, path)
    return outcome


def test_sends_the_bytes_with_name_digest_length_and_key(file: Path) -> None:
    with serving(Answer(201)) as server:
        onlooker = Onlooker()
        (outcome,), pauses = upload(Target(server.url + "/", "lab", TOKEN), file, onlooker=onlooker)
    assert (outcome, pauses) == (Outcome(file, Verdict.UPLOADED), [])
    (seen,) = server.seen
    assert seen.path == "/api/v1/upload/lab"
    assert seen.body == file.read_bytes()
    assert seen.headers["X-File-Name"] == file.name
    assert seen.headers["X-File-SHA256"] == hashlib.sha256(seen.body).hexdigest()
    assert seen.headers["Content-Length"] == str(len(seen.body))
    assert seen.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Transfer-Encoding" not in seen.headers
    assert onlooker.attempts == [(file.name, len(seen.body))]
    assert onlooker.bytes == {file.name: len(seen.body)}
    assert onlooker.outcomes == [outcome]


def test_force_and_odd_channel_names_reach_the_address() -> None:
    target = Target("https://conda.example.org", "a/b?", TOKEN, force=True)
    assert target.address == "https://conda.example.org/api/v1/upload/a%2Fb%3F?force=true"


def test_the_key_is_not_in_the_representation_of_its_target() -> None:
    assert TOKEN not in repr(Target("https://conda.example.org", "lab", TOKEN))


def test_200_says_that_the_same_bytes_were_there(file: Path) -> None:
    with serving(Answer(200)) as server:
        assert upload_one(Target(server.url, "lab", TOKEN), file).verdict is Verdict.PRESENT


@pytest.mark.parametrize(
    ("skip_existing", "verdict"), [(True, Verdict.SKIPPED), (False, Verdict.FAILED)]
)
def test_409_fails_unless_existing_files_are_to_be_left(
    file: Path, *, skip_existing: bool, verdict: Verdict
) -> None:
    with serving(Answer(409, "zlib exists.")) as server:
        target = Target(server.url, "lab", TOKEN, skip_existing=skip_existing)
        assert upload_one(target, file).verdict is verdict
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_refusal_is_final_and_told_in_the_words_of_the_server(file: Path, status: int) -> None:
    with serving(Answer(status, SENTENCE + "\n")) as server:
        (outcome,), pauses = upload(Target(server.url, "lab", TOKEN), file)
    assert outcome == Outcome(file, Verdict.FAILED, SENTENCE)
    assert (len(server.seen), pauses) == (1, [])


def test_a_long_refusal_is_cut(file: Path) -> None:
    with serving(Answer(422, "x" * 10_000)) as server:
        assert upload_one(Target(server.url, "lab", TOKEN), file).message == "x" * 512


def test_a_page_of_html_is_no_sentence(file: Path) -> None:
    html = Answer(413, "<html>too big</html>", {"Content-Type": "text/html"})
    with serving(html) as server:
        outcome = upload_one(Target(server.url, "lab", TOKEN), file)
    assert outcome.message == "The server answered 413 Request Entity Too Large."


def test_a_redirect_is_not_followed_for_it_would_lose_the_body(file: Path) -> None:
    with serving(Answer(302, headers={"Location": "/login"}), Answer(200)) as server:
        outcome = upload_one(Target(server.url, "lab", TOKEN), file)
    assert outcome == Outcome(file, Verdict.FAILED, "The server answered 302 Found.")
    assert len(server.seen) == 1


def test_a_server_in_trouble_is_asked_again_with_growing_pauses(file: Path) -> None:
    trouble = Answer(503, "The database does not answer; try again in a moment.")
    onlooker = Onlooker()
    with serving(trouble, trouble, trouble, Answer(201)) as server:
        target = Target(server.url, "lab", TOKEN)
        (outcome,), pauses = upload(target, file, onlooker=onlooker)
    assert outcome.verdict is Verdict.UPLOADED
    assert pauses == [0.5, 2.0, 8.0]
    assert [seen.body for seen in server.seen] == [file.read_bytes()] * 4
    assert len(onlooker.attempts) == 4
    assert len(onlooker.outcomes) == 1


def test_after_three_further_attempts_the_last_answer_counts(file: Path) -> None:
    with serving(Answer(507, "The server's disk is full; nothing was stored.")) as server:
        outcome = upload_one(Target(server.url, "lab", TOKEN), file)
    assert outcome.message == "The server's disk is full; nothing was stored."
    assert len(server.seen) == 4


def test_a_server_that_is_not_there_is_a_failure_with_a_sentence(file: Path) -> None:
    with serving(Answer(201)) as server:
        url = server.url
    (outcome,), pauses = upload(Target(url, "lab", TOKEN), file)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.message.startswith("The server cannot be reached: ")
    assert outcome.message.endswith(".")
    assert len(pauses) == 3


def test_whoever_hangs_up_on_a_big_file_is_asked_why(file: Path) -> None:
    with serving(Answer(401, "Sign in, or send a valid API key.")) as server:
        server.patience = 1000
        (outcome,), pauses = upload(Target(server.url, "lab", TOKEN), file)
    assert outcome == Outcome(file, Verdict.FAILED, "Sign in, or send a valid API key.")
    assert pauses == []


def test_a_connection_that_always_breaks_is_a_failure_with_a_sentence(file: Path) -> None:
    with serving(Answer(422, "This is no package.")) as server:
        server.patience = 1000
        (outcome,), pauses = upload(Target(server.url, "lab", TOKEN), file)
    assert outcome.message.startswith("The connection broke before the server answered")
    assert len(pauses) == 3


def test_a_file_that_cannot_be_read_does_not_keep_back_the_others(file: Path) -> None:
    missing = file.with_name("missing-1.0-0.conda")
    with serving(Answer(201)) as server:
        outcomes, _pauses = upload(Target(server.url, "lab", TOKEN), missing, file)
    assert outcomes == (
        Outcome(missing, Verdict.FAILED, "The file cannot be read: No such file or directory."),
        Outcome(file, Verdict.UPLOADED),
    )


def test_four_files_travel_at_a_time_and_outcomes_keep_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / f"package-{number}-0.conda" for number in range(3 * LANES)]
    for path in paths:
        path.write_bytes(path.name.encode())
    # Each request waits until three more are there: fewer lanes would never get an answer.
    with serving(Answer(201), together=LANES) as server:
        outcomes, _pauses = upload(Target(server.url, "lab", TOKEN), *paths)
    assert outcomes == tuple(Outcome(path, Verdict.UPLOADED) for path in paths)
    assert {seen.body.decode() for seen in server.seen} == {path.name for path in paths}
