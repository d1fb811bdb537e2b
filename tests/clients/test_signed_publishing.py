"""py-rattler-build in a CI job: it has no key, and it sends an attestation along."""

import json

from tests.builders import package
from tests.clients.conftest import Home
from tests.clients.test_rattler_build import PREFIX, call, saved
from tests.issuer import AUDIENCES, TRUST, Issuer
from tests.server import Server
from tests.sigstore import Signing, Sigstore


def in_ci(home: Home, issuer: Issuer) -> None:
    """Let the client find a GitHub job around it, whose service gives it one token."""
    address = "/id-token?api-version=2.0"
    for audience in AUDIENCES:
        issuer.documents[f"{address}&audience={audience}"] = {"value": issuer.job(aud=audience)}
    home.variables.update(
        CI="true",
        GITHUB_ACTIONS="true",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN="made up",
        ACTIONS_ID_TOKEN_REQUEST_URL=f"{issuer.url}{address}",
    )


def test_a_job_uploads_without_a_key(hub: Server, issuer: Issuer, home: Home) -> None:
    built = package("from-ci", subdir="linux-64")
    with hub.client("olga") as olga:
        channel = olga.create_channel(is_public=False)
        olga.ask(TRUST, c=channel)
        in_ci(home, issuer)
        call(home, PREFIX, saved(home, built), hub.url, channel)
        assert olga.get(f"/{channel}/linux-64/{built.filename}").content == built.data


def test_a_job_sends_its_attestation_along(
    hub: Server, issuer: Issuer, sigstore: Sigstore, home: Home
) -> None:
    built = package("signed")
    repository = f"https://{issuer.url.removeprefix('http://')}/octo/repo"
    signing = Signing(
        issuer=issuer.url,
        repository=repository,
        identity=f"{repository}/.github/workflows/r.yml@refs/heads/main",
    )
    with hub.client("olga") as olga:
        channel = olga.create_channel()
        olga.ask(TRUST, c=channel)
        bundle = sigstore.attest(built, f"{hub.url}/{channel}", **signing)
        file = home.path / "bundle.sigstore.json"
        file.write_bytes(bundle)
        in_ci(home, issuer)
        files = saved(home, built)
        call(home, PREFIX, files, hub.url, channel, attestation_file=str(file))
        assert olga.get(f"/{channel}/noarch/{built.filename}").content == built.data
        listed = olga.get(f"/{channel}/noarch/{built.filename}.sigs").json()
        assert listed == [json.loads(bundle)]
