"""Is everything sound: the rows by themselves, the bytes they name, the documents they make?"""

from dataclasses import dataclass

from graphrepo.access.viewer import SYSTEM
from graphrepo.blobs.store import BlobStore
from graphrepo.model.database import Database
from graphrepo.registry.faults import Fault, FaultKind, Listener
from graphrepo.registry.inventory import Inventory
from graphrepo.registry.repair import Repair
from graphrepo.registry.row_checks import REPAIRABLE, repair_packages, row_faults
from graphrepo.registry.verification import Difference, Verification


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to verify; ``backup`` is where a repair may find lost bytes."""

    jobs: int = 1
    resume: bool = False
    repair: bool = False
    backup: BlobStore | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and every fault that was found, repaired ones too."""

    blobs: int
    documents: int
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong any more."""
        return all(fault.is_repaired for fault in self.faults)


class Soundness:
    """Verifies an installation, and repairs it if that is asked for."""

    def __init__(
        self,
        database: Database,
        inventory: Inventory,
        verification: Verification,
        repair: Repair,
    ) -> None:
        """Keep what verifying needs."""
        self._database = database
        self._inventory = inventory
        self._verification = verification
        self._repair = repair

    async def verify(self, listener: Listener, wanted: Wanted) -> Verdict:
        """Look at everything; safe beside a running server.

        Without ``wanted.repair`` nothing changes but documents that are out of date, which are
        rendered as for the next reader.
        """
        of_rows = await self._rows(wanted)
        blobs, of_blobs = await self._blobs(listener, wanted)
        documents, of_documents = await self._documents(wanted, {fault.place for fault in of_blobs})
        return Verdict(blobs, documents, (*of_rows, *of_blobs, *of_documents))

    async def _rows(self, wanted: Wanted) -> list[Fault]:
        faults = await self._database.survey(lambda: list(row_faults()))
        if not wanted.repair or not faults:
            return faults
        await self._database.transact(repair_packages)
        return [
            Fault(fault.kind, fault.place, fault.details, is_repaired=fault.details in REPAIRABLE)
            for fault in faults
        ]

    async def _blobs(self, listener: Listener, wanted: Wanted) -> tuple[int, list[Fault]]:
        blobs, troubles = await self._inventory.take(
            listener, jobs=wanted.jobs, resume=wanted.resume
        )
        faults: list[Fault] = []
        for trouble in troubles:
            if wanted.repair:
                faults += await self._repair.mend(trouble, wanted.backup)
            else:
                faults += trouble.faults()
        return blobs, faults

    async def _documents(self, wanted: Wanted, known: set[str]) -> tuple[int, list[Fault]]:
        verified = await self._verification.index(SYSTEM)
        found = verified.differences
        if not wanted.repair or not found:
            faults = [_fault(each) for each in found]
            return verified.documents, [fault for fault in faults if fault.place not in known]
        for channel, subdir in sorted({(each.channel, each.subdir) for each in found}):
            await self._repair.renew(channel, subdir)
        left = set((await self._verification.index(SYSTEM)).differences)
        return verified.documents, [_fault(each, is_repaired=each not in left) for each in found]


def _fault(difference: Difference, *, is_repaired: bool = False) -> Fault:
    place = f"{difference.channel}/{difference.subdir}/{difference.document}"
    return Fault(FaultKind.DOCUMENT, place, difference.problem, is_repaired)
