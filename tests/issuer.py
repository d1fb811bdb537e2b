"""A CI service's token issuer on this machine: OpenID Connect discovery, keys, signed tokens."""

import json
import secrets
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from graphrepo.clock import system_clock

AUDIENCES = ("packages.example", "127.0.0.1", "prefix.dev")
"""By which names tokens mean the hub; the others are those that real clients ask for."""

TRUST = """mutation($c: String!) {
  addGithubOidcPublisher(channelName: $c, owner: "octo", repository: "repo", workflow: "r.yml") {
    issuer
  }
}"""
"""Lets a channel trust the jobs of ``Issuer.job``."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass
class Issuer:
    """What the service says of itself; ``asked`` are the paths that were asked for."""

    url: str
    documents: dict[str, object] = field(default_factory=dict[str, object])
    asked: list[str] = field(default_factory=list[str])
    keys: dict[str, PrivateKey] = field(default_factory=dict[str, PrivateKey])

    def add_key(self, ident: str, key: PrivateKey | None = None) -> None:
        """Sign with one more key from now on."""
        self.keys[ident] = key or rsa_key()
        self.publish(*(jwk(name, each) for name, each in self.keys.items()))

    def publish(self, *keys: Mapping[str, Any]) -> None:
        """Show these keys."""
        configuration = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.documents["/.well-known/openid-configuration"] = configuration
        self.documents["/keys"] = {"keys": list(keys)}

    def token(self, claims: Mapping[str, object], key: str = "first", **head: object) -> str:
        """Return a token that says this, signed."""
        headers = {"kid": key, **head}
        algorithm = "RS256" if isinstance(self.keys[key], rsa.RSAPrivateKey) else "ES256"
        told = {"iss": self.url, **claims}
        said = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(said, self.keys[key], algorithm=algorithm, headers=headers)

    def job(self, **changed: object) -> str:
        """Return the token of a job of octo/repo, as its service would give it now."""
        now = system_clock()
        claims = {
            "aud": AUDIENCES[0],
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "jti": secrets.token_hex(),
            "repository_owner": "octo",
            "repository": "octo/repo",
            "job_workflow_ref": "octo/repo/.github/workflows/r.yml@refs/heads/main",
        }
        return self.token({**claims, **changed})


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return the one RSA key of the tests: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(ident: str, key: PrivateKey) -> dict[str, Any]:
    """Return the public half as a JSON Web Key (RFC 7517)."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = RSAAlgorithm.to_jwk(key.public_key())
    else:
        public = ECAlgorithm.to_jwk(key.public_key())
    return {**json.loads(public), "kid": ident, "use": "sig"}


@contextmanager
def issuing() -> Generator[Issuer]:
    """Run an issuer with one key, named ``first``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    issuer.add_key("first")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            found = self.path in issuer.documents
            body = json.dumps(issuer.documents.get(self.path)).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            pass

    server.RequestHandlerClass = Answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
