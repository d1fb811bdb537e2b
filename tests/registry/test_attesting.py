"""Attestations enter a channel only if they are proven, of the file, and by the right signer."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from graphrepo.access.policy import Role
from graphrepo.access.publishers import GithubPublisher, GitlabPublisher, GooglePublisher, Publisher
from graphrepo.conda.attestations import MAX_BUNDLES, PAYLOAD_TYPE
from graphrepo.errors import (
    AttestationRequiredError,
    AttestationsOffError,
    AttestationsUnavailableError,
    ForbiddenError,
    GoneError,
    InvalidAttestationError,
    InvalidInputError,
    NotFoundError,
)
from graphrepo.intake.sigstore_bundles import SigstoreBundles
from graphrepo.intake.trust_root import TrustRoot
from graphrepo.model.database import Database
from graphrepo.registry.quarantine_views import (
    ChannelFile,
    NewQuarantine,
    QuarantineAction,
    Selection,
)
from graphrepo.registry.requests import Attest, Batch, ChannelChange, FileName, Upload
from graphrepo.registry.signatures import Signed
from graphrepo.registry.views import ArtifactView, AttestationPolicy, Published, Window
from tests.builders import Built, package
from tests.clocks import HandClock
from tests.registry.damage import verify
from tests.registry.world import Person, World
from tests.sigstore import Signing, Sigstore, statement

P = ParamSpec("P")
T = TypeVar("T")

SIGSTORE = Sigstore()
ZLIB = package("zlib")
FILE = FileName("noarch", ZLIB.filename)
SERVER = "https://packages.example"
HERE = f"{SERVER}/lab"


def world_of(data: Path, clock: HandClock, kind: type[Database] = Database) -> World:
    """Return an installation that believes the tests' Sigstore."""
    root = data / "trusted_root.json"
    root.write_bytes(SIGSTORE.trust_root())
    return World(data, clock, kind, SigstoreBundles(TrustRoot(clock, root)).verify)


@pytest.fixture
def world(tmp_path: Path, clock: HandClock) -> Iterator[World]:
    world = world_of(tmp_path, clock)
    yield world
    world.close()


def publish(
    person: Person, attestation: bytes = b"", built: Built = ZLIB, *, force: bool = False
) -> Published:
    async def work() -> Published:
        publisher = person.world.registry.publisher
        with publisher.stage() as staged:
            staged.write(built.data)
            upload = Upload(
                "lab",
                built.filename,
                staged,
                staged.finish(),
                force=force,
                attestation=attestation,
                address=SERVER,
            )
            return await publisher.publish(person.viewer, upload)

    return person.world.run(work())


def attest(person: Person, attestation: bytes, file: FileName = FILE) -> ArtifactView:
    asked = Attest("lab", file, attestation, SERVER)
    return person.world.run(person.world.registry.attesting.attest(person.viewer, asked))


def trust(owner: Person, publisher: Publisher) -> None:
    owner.world.run(owner.world.registry.publishers.add(owner.viewer, "lab", publisher))


def set_policy(owner: Person, policy: AttestationPolicy) -> None:
    change = ChannelChange(attestations=policy)
    owner.world.run(owner.world.registry.channels.update(owner.viewer, "lab", change))


def sidecar(person: Person, digest: str = "", built: Built = ZLIB) -> bytes:
    name = f"{built.filename}.sigs{'.' * bool(digest)}{digest}"
    return person.download("lab", "noarch", name)


def record(person: Person, built: Built = ZLIB) -> dict[str, Any]:
    return person.repodata("lab")["packages.conda"][built.filename]


def nothing_is_attested(person: Person) -> None:
    assert "attestations_sha256" not in record(person)
    with pytest.raises(NotFoundError):
        sidecar(person)


def test_an_upload_brings_its_attestation(owner: Person) -> None:
    bundle = SIGSTORE.attest(ZLIB, HERE)
    assert publish(owner, bundle).created
    listed = b"[" + bundle + b"]"
    digest = hashlib.sha256(listed).hexdigest()
    assert sidecar(owner) == sidecar(owner, digest) == listed
    assert record(owner)["attestations_sha256"] == digest
    with pytest.raises(NotFoundError):
        sidecar(owner, "0" * 64)
    (view,) = attestations(owner)
    assert (view.bundle.encode(), view.target_channel, view.added_by) == (bundle, HERE, "ada")


def attestations(person: Person) -> Any:  # noqa: ANN401 - a tuple of views
    registry = person.world.registry
    artifact = person.world.run(
        registry.catalog.variant(person.viewer, "lab", "noarch", ZLIB.filename)
    )
    assert artifact is not None
    window = Window(10)
    pages = person.world.run(registry.attesting.pages([artifact.id], window))
    return pages[artifact.id].items


def test_a_package_may_be_named_like_a_list(owner: Person) -> None:
    odd = package("a.sigs")
    publish(owner, SIGSTORE.attest(odd), odd)
    assert owner.download("lab", "noarch", odd.filename) == odd.data
    assert sidecar(owner, built=odd).startswith(b"[")


def test_two_bundles_come_as_an_array(owner: Person) -> None:
    first, second = SIGSTORE.attest(ZLIB), SIGSTORE.attest(ZLIB, HERE)
    publish(owner, b"[ " + first + b" , " + second + b" , " + first + b" ]")
    assert sidecar(owner) == b"[" + first + b"," + second + b"]"


def test_a_later_attestation_makes_a_longer_list_and_keeps_the_shorter(owner: Person) -> None:
    publish(owner)
    nothing_is_attested(owner)
    first, second = SIGSTORE.attest(ZLIB), SIGSTORE.attest(ZLIB)
    revisions = [revision(owner)]
    for bundle in (first, second):
        attest(owner, bundle)
        revisions.append(revision(owner))
    assert revisions == sorted(set(revisions))
    shorter = b"[" + first + b"]"
    assert sidecar(owner) == b"[" + first + b"," + second + b"]"
    assert sidecar(owner, hashlib.sha256(shorter).hexdigest()) == shorter
    attest(owner, first)  # is there already
    assert revision(owner) == revisions[-1]
    with pytest.raises(NotFoundError):
        attest(owner, first, FileName("noarch", "other-1.0-0.conda"))


def revision(person: Person) -> int:
    return person.find("lab", "noarch", "repodata.json").revision


def test_the_same_file_again_adds_what_is_new_of_its_attestations(owner: Person) -> None:
    first, second = SIGSTORE.attest(ZLIB), SIGSTORE.attest(ZLIB)
    publish(owner, first)
    for _ in range(2):
        assert not publish(owner, b"[" + first + b"," + second + b"]").created
        assert sidecar(owner) == b"[" + first + b"," + second + b"]"


class Meeting(Database):
    """Lets two additions to a file meet: neither is written down before both have looked."""

    def meet(self) -> None:
        self._barrier = asyncio.Barrier(2)
        self._expected = 2

    async def transact(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if work.__name__ == "_append" and self._expected:
            self._expected -= 1
            await self._barrier.wait()
        return await super().transact(work, *args, **kwargs)


def test_two_additions_at_once_are_both_kept(tmp_path: Path, clock: HandClock) -> None:
    world = world_of(tmp_path, clock, Meeting)
    try:
        ada = world.person("ada")
        ada.create_channel("lab")
        publish(ada)
        bundles = [SIGSTORE.attest(ZLIB) for _ in range(2)]
        world.run(together(ada, bundles))
        listed = sidecar(ada)
        orders = (bundles, bundles[::-1])
        assert listed in [b"[" + b",".join(order) + b"]" for order in orders]
        assert record(ada)["attestations_sha256"] == hashlib.sha256(listed).hexdigest()
    finally:
        world.close()


async def together(person: Person, bundles: Sequence[bytes]) -> None:
    database = person.world.database
    assert isinstance(database, Meeting)
    database.meet()
    attesting = person.world.registry.attesting
    asked = [Attest("lab", FILE, bundle, SERVER) for bundle in bundles]
    await asyncio.gather(*(attesting.attest(person.viewer, each) for each in asked))


def test_a_file_has_so_many_attestations_and_no_more(owner: Person) -> None:
    one = json.loads(SIGSTORE.attest(ZLIB))
    bundles = [json.dumps(one, indent=indent) for indent in range(33)]  # the same, spaced apart
    listed = ",".join(bundles[1:]).encode()
    publish(owner, b"[" + listed + b"]")
    assert len(json.loads(sidecar(owner))) == MAX_BUNDLES
    with pytest.raises(InvalidAttestationError, match="may have 32"):
        attest(owner, bundles[0].encode())


OTHER = package("other")


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        (b"{}", "mediaType"),
        (SIGSTORE.attest(OTHER), "one subject"),
        (Sigstore().attest(ZLIB), "could not be verified"),
        (SIGSTORE.attest(ZLIB, f"{SERVER}/other"), "targetChannel"),
        (b"[" + SIGSTORE.attest(ZLIB) + b"," + SIGSTORE.attest(OTHER) + b"]", "one subject"),
    ],
    ids=["nothing", "other file", "other trust root", "other channel", "one good, one not"],
)
def test_what_is_not_good_stores_nothing(owner: Person, bundle: bytes, reason: str) -> None:
    with pytest.raises(InvalidAttestationError, match=reason):
        publish(owner, bundle)
    assert owner.repodata("lab")["packages.conda"] == {}
    publish(owner)
    with pytest.raises(InvalidAttestationError, match=reason):
        attest(owner, bundle)
    nothing_is_attested(owner)


WORKFLOW = GithubPublisher("octo", "repo", "release.yml")
BRANCH = GithubPublisher("octo", "repo", "release.yml", ref="refs/heads/main")
GITLAB = "https://gitlab.com/group/project//.gitlab-ci.yml@refs/heads/main"


def test_a_trusted_publishers_signature_is_taken(owner: Person) -> None:
    trust(owner, GooglePublisher("robot@example.org"))
    for publisher in (WORKFLOW, BRANCH):
        trust(owner, publisher)
    trust(owner, GitlabPublisher("group", "project"))
    publish(owner, SIGSTORE.attest(ZLIB))
    google = Signing(identity="robot@example.org", issuer="https://accounts.google.com")
    gitlab = Signing(
        identity=GITLAB,
        issuer="https://gitlab.com",
        repository="https://gitlab.com/group/project",
    )
    for how in (google, gitlab):
        attest(owner, SIGSTORE.attest(ZLIB, **how))
    assert len(json.loads(sidecar(owner))) == 3


@pytest.mark.parametrize(
    "how",
    [
        {"identity": "https://github.com/evil/repo/.github/workflows/release.yml@refs/heads/main"},
        {"identity": "https://github.com/octo/repo/.github/workflows/evil.yml@refs/heads/main"},
        {"identity": "https://github.com/octo/repo/.github/workflows/release.yml@refs/heads/dev"},
        {"issuer": "https://token.actions.githubusercontent.com/"},
        {"issuer": "https://gitlab.com"},
        {"repository": "https://github.com/evil/repo"},
        {"repository": None},
    ],
)
def test_anybody_elses_signature_is_refused(owner: Person, how: Signing) -> None:
    trust(owner, BRANCH)
    with pytest.raises(InvalidAttestationError, match="no trusted publisher"):
        publish(owner, SIGSTORE.attest(ZLIB, **how))


def test_a_channel_may_require_attestations(owner: Person) -> None:
    publish(owner)
    set_policy(owner, AttestationPolicy.REQUIRE)
    assert not publish(owner).created  # what is there stays there
    with pytest.raises(AttestationRequiredError):
        publish(owner, built=OTHER)
    assert publish(owner, SIGSTORE.attest(OTHER), OTHER).created


def test_a_channel_may_want_none(owner: Person) -> None:
    set_policy(owner, AttestationPolicy.OFF)
    published = publish(owner, b"whatever")
    assert published.warnings == ("The attestation was not kept: lab keeps none.",)
    nothing_is_attested(owner)
    with pytest.raises(AttestationsOffError):
        attest(owner, SIGSTORE.attest(ZLIB))


def test_a_file_may_go_while_its_attestation_is_verified(tmp_path: Path, clock: HandClock) -> None:
    async def verify(_bundle: bytes) -> Signed:
        batch = Batch("lab", (FILE,))
        await world.registry.removal.delete(ada.viewer, batch)
        payload = json.dumps(statement(ZLIB)).encode()
        return Signed("ada", "", None, PAYLOAD_TYPE, payload)

    world = World(tmp_path / "hasty", clock, verify=verify)
    try:
        ada = world.person("ada")
        ada.create_channel("lab")
        publish(ada)
        with pytest.raises(NotFoundError, match="was deleted"):
            attest(ada, SIGSTORE.attest(ZLIB))
    finally:
        world.close()


def test_a_server_that_cannot_verify_takes_none(tmp_path: Path, clock: HandClock) -> None:
    world = World(tmp_path / "plain", clock)
    try:
        ada = world.person("ada")
        ada.create_channel("lab")
        with pytest.raises(AttestationsUnavailableError):
            publish(ada, SIGSTORE.attest(ZLIB))
        publish(ada)
    finally:
        world.close()


def test_who_may_upload_may_attest(world: World, owner: Person) -> None:
    publish(owner)
    carl, mia = world.person("carl"), world.person("mia")
    owner.add_member("lab", carl, Role.CONTRIBUTOR)
    owner.add_member("lab", mia, Role.MEMBER)
    with pytest.raises(ForbiddenError):
        attest(mia, SIGSTORE.attest(ZLIB))
    attest(carl, SIGSTORE.attest(ZLIB))
    assert attestations(mia)[0].added_by == "carl"


def test_a_replaced_file_begins_without_attestations(owner: Person) -> None:
    publish(owner, SIGSTORE.attest(ZLIB))
    before = hashlib.sha256(sidecar(owner)).hexdigest()
    other = package("zlib", about={"summary": "other bytes"})
    publish(owner, built=other, force=True)
    nothing_is_attested(owner)
    with pytest.raises(NotFoundError):
        sidecar(owner, before)
    publish(owner, SIGSTORE.attest(ZLIB), force=True)
    assert hashlib.sha256(sidecar(owner)).hexdigest() != before


def test_yanked_files_keep_theirs_and_deleted_ones_take_them_along(owner: Person) -> None:
    registry = owner.world.registry
    publish(owner, SIGSTORE.attest(ZLIB))
    kept = sidecar(owner)
    batch = Batch("lab", (FILE,))
    owner.world.run(registry.yanking.yank(owner.viewer, batch, "broken"))
    assert sidecar(owner) == kept
    attest(owner, SIGSTORE.attest(ZLIB))
    owner.delete("lab", f"noarch/{ZLIB.filename}")
    with pytest.raises(NotFoundError):
        sidecar(owner)


def test_patches_do_not_touch_the_hash_and_additions_do_not_touch_patches(owner: Person) -> None:
    publish(owner, SIGSTORE.attest(ZLIB))
    patching = owner.world.registry.patching
    digest = record(owner)["attestations_sha256"]
    with pytest.raises(InvalidInputError):
        owner.world.run(patching.patch(owner.viewer, "lab", FILE, {"attestations_sha256": None}))
    owner.world.run(patching.patch(owner.viewer, "lab", FILE, {"license": "MIT"}))
    assert record(owner)["attestations_sha256"] == digest
    attest(owner, SIGSTORE.attest(ZLIB))
    assert record(owner)["license"] == "MIT"
    assert record(owner)["attestations_sha256"] != digest
    owner.world.run(patching.patch(owner.viewer, "lab", FILE, {}))
    digest = hashlib.sha256(sidecar(owner)).hexdigest()
    assert record(owner)["attestations_sha256"] == digest


def test_a_quarantined_files_attestations_are_gone_and_come_back(
    world: World, owner: Person
) -> None:
    publish(owner, SIGSTORE.attest(ZLIB))
    kept = sidecar(owner)
    root = world.person("root", is_admin=True)
    selection = Selection(files=(ChannelFile("lab", "noarch", ZLIB.filename),))
    quarantines = world.registry.quarantines
    new = NewQuarantine(QuarantineAction.DELETE, "malware", selection)
    applied, _files = world.run(quarantines.apply(root.viewer, new))
    with pytest.raises(GoneError):
        sidecar(owner)
    world.run(quarantines.revoke(root.viewer, applied.id))
    assert sidecar(owner) == kept


def test_sidecars_stay_in_the_store_as_long_as_their_file(
    world: World, owner: Person, clock: HandClock
) -> None:
    publish(owner, SIGSTORE.attest(ZLIB))
    name = f"{ZLIB.filename}.sigs"
    first = owner.find("lab", "noarch", name).blake3
    attest(owner, SIGSTORE.attest(ZLIB))
    second = owner.find("lab", "noarch", name).blake3

    def stored() -> list[bool]:
        clock.advance(timedelta(hours=2))
        world.run(world.registry.housekeeping.sweep())
        return [world.store.exists(first), world.store.exists(second)]

    assert stored() == [True, True]
    assert verify(world).is_sound
    owner.delete("lab", f"noarch/{ZLIB.filename}")
    assert stored() == [False, False]
    assert verify(world).is_sound


def test_channels_take_their_sidecars_along(world: World, owner: Person, clock: HandClock) -> None:
    publish(owner, SIGSTORE.attest(ZLIB))
    blake3 = owner.find("lab", "noarch", f"{ZLIB.filename}.sigs").blake3
    world.run(world.registry.channels.delete(owner.viewer, "lab"))
    clock.advance(timedelta(hours=2))
    world.run(world.registry.housekeeping.sweep())
    assert not world.store.exists(blake3)


def test_a_latest_version_is_verified_if_all_its_files_are(world: World, owner: Person) -> None:
    def is_verified() -> bool:
        (found,) = world.run(world.registry.attesting.latest_verified([1])).values()
        return found

    publish(owner, SIGSTORE.attest(ZLIB))
    assert is_verified()
    twin = package("zlib", subdir="linux-64")
    publish(owner, built=twin)
    assert not is_verified()
    attest(owner, SIGSTORE.attest(twin), FileName("linux-64", twin.filename))
    assert is_verified()
    publish(owner, built=package("zlib", "2.0"))
    assert not is_verified()
