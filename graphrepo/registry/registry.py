"""The registry as a whole: every use case, wired to one database and one blob store."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphrepo.access.attempts import AttemptLimits
from graphrepo.access.passwords import Hasher
from graphrepo.access.publishers import ISSUERS, Provider
from graphrepo.blobs.store import BlobStore
from graphrepo.clock import Clock, system_clock
from graphrepo.conda.limits import Limits
from graphrepo.model.database import Database
from graphrepo.registry.accounts import Accounts
from graphrepo.registry.administration import Administration
from graphrepo.registry.attempts import Attempts
from graphrepo.registry.attesting import Attesting, Signers
from graphrepo.registry.audit import Audit
from graphrepo.registry.catalog import Catalog
from graphrepo.registry.channels import Channels
from graphrepo.registry.collection import Collection
from graphrepo.registry.copying import Copying
from graphrepo.registry.courtesy import Courtesy, CourtesyLimits
from graphrepo.registry.directory import Directory
from graphrepo.registry.download_counts import DownloadCounts
from graphrepo.registry.downloads import Downloads
from graphrepo.registry.feed import Feed
from graphrepo.registry.guesses import Guesses
from graphrepo.registry.housekeeping import Housekeeping, Retention
from graphrepo.registry.indexing import Indexing
from graphrepo.registry.inventory import Inventory
from graphrepo.registry.jobs import Jobs
from graphrepo.registry.keys import Keys
from graphrepo.registry.mass_removal import MassRemoval
from graphrepo.registry.members import Members
from graphrepo.registry.minting import Minting
from graphrepo.registry.notices import Notices
from graphrepo.registry.patching import Patching
from graphrepo.registry.path_gathering import PathGathering
from graphrepo.registry.publish import Publisher
from graphrepo.registry.publishers import Publishers
from graphrepo.registry.quarantines import Quarantines
from graphrepo.registry.removal import Removal
from graphrepo.registry.repair import Repair
from graphrepo.registry.search import Search
from graphrepo.registry.sessions import Sessions
from graphrepo.registry.signatures import Verify, no_verifier
from graphrepo.registry.soundness import Soundness
from graphrepo.registry.storage_growth import StorageGrowth
from graphrepo.registry.twins import Twins
from graphrepo.registry.upkeep import Upkeep
from graphrepo.registry.verification import Verification
from graphrepo.registry.yanking import Yanking


@dataclass(frozen=True, slots=True)
class Registry:
    """Every door of the server leads here."""

    accounts: Accounts
    administration: Administration
    sessions: Sessions
    audit: Audit
    keys: Keys
    courtesy: Courtesy
    channels: Channels
    members: Members
    catalog: Catalog
    directory: Directory
    publisher: Publisher
    attesting: Attesting
    removal: Removal
    quarantines: Quarantines
    publishers: Publishers
    minting: Minting
    search: Search
    indexing: Indexing
    yanking: Yanking
    patching: Patching
    notices: Notices
    housekeeping: Housekeeping
    collection: Collection
    verification: Verification
    soundness: Soundness
    upkeep: Upkeep
    feed: Feed
    jobs: Jobs
    copying: Copying
    mass_removal: MassRemoval
    twins: Twins
    downloads: Downloads
    download_counts: DownloadCounts
    storage_growth: StorageGrowth


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The use cases for which an installation chooses something."""

    accounts: Accounts
    administration: Administration
    courtesy: Courtesy
    attesting: Attesting
    publisher: Publisher
    publishers: Publishers
    minting: Minting
    indexing: Indexing
    housekeeping: Housekeeping
    gathering: PathGathering | None


def assemble(  # noqa: PLR0913 - what an installation is made of
    database: Database,
    store: BlobStore,
    *,
    clock: Clock = system_clock,
    limits: Limits | None = None,
    hasher: Hasher | None = None,
    base_url: str = "",
    keep_paths: bool = True,
    retention: Retention | None = None,
    issuers: Mapping[Provider, str] = ISSUERS,
    verify: Verify = no_verifier,
    attempts: AttemptLimits | None = None,
    courtesy_limits: CourtesyLimits | None = None,
) -> Registry:
    """Return the registry on an open database and store."""
    allowed = limits or Limits()
    most = attempts or AttemptLimits()
    guarding = Attempts(clock, most), Guesses(database, clock, most.seconds)
    attesting = Attesting(database, store, clock, verify, Signers(issuers, base_url))
    chosen = _Chosen(
        accounts=Accounts(database, clock, hasher or Hasher(), *guarding),
        administration=Administration(database, clock, hasher or Hasher(), *guarding),
        courtesy=Courtesy(clock, courtesy_limits),
        attesting=attesting,
        publisher=Publisher(database, store, clock, allowed, attesting, keep_paths=keep_paths),
        publishers=Publishers(database, clock, issuers),
        minting=Minting(database, clock, issuers),
        indexing=Indexing(database, store, clock, base_url),
        housekeeping=Housekeeping(database, store, clock, retention),
        gathering=PathGathering(database, store, allowed) if keep_paths else None,
    )
    return _completed(chosen, database, store, clock)


def _completed(chosen: _Chosen, database: Database, store: BlobStore, clock: Clock) -> Registry:
    jobs = Jobs(database)
    verification = Verification(database, store, clock)
    return Registry(
        accounts=chosen.accounts,
        administration=chosen.administration,
        sessions=Sessions(database, clock),
        audit=Audit(database),
        keys=Keys(database, clock),
        courtesy=chosen.courtesy,
        channels=Channels(database, clock),
        members=Members(database, clock),
        catalog=Catalog(database, chosen.courtesy),
        directory=Directory(database),
        publisher=chosen.publisher,
        attesting=chosen.attesting,
        removal=Removal(database, clock),
        quarantines=Quarantines(database, clock),
        publishers=chosen.publishers,
        minting=chosen.minting,
        search=Search(database, chosen.courtesy),
        indexing=chosen.indexing,
        yanking=Yanking(database, clock),
        patching=Patching(database, clock),
        notices=Notices(database, clock),
        housekeeping=chosen.housekeeping,
        collection=Collection(database, store, clock),
        verification=verification,
        soundness=_soundness(verification, database, store, clock),
        upkeep=Upkeep(database, clock, chosen.indexing, chosen.housekeeping, chosen.gathering),
        feed=Feed(database, clock),
        jobs=jobs,
        copying=Copying(database, clock, chosen.publisher, chosen.indexing, jobs),
        mass_removal=MassRemoval(database, clock, jobs),
        twins=Twins(chosen.publisher, chosen.indexing),
        downloads=Downloads(database, clock),
        download_counts=DownloadCounts(database),
        storage_growth=StorageGrowth(database),
    )


def _soundness(
    verification: Verification, database: Database, store: BlobStore, clock: Clock
) -> Soundness:
    inventory = Inventory(database, store)
    return Soundness(database, inventory, verification, Repair(database, store, inventory, clock))
