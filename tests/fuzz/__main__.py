"""Fuzz a target for a while, guided by coverage: ``python -m tests.fuzz TARGET SECONDS FOLDER``.

Needs the extra ``fuzz``. What it has learned is kept in FOLDER, and a run goes on from there.
An input that fails is written there as ``crash-…``; it belongs into ``tests/fuzz/findings``.
"""

import importlib
import sys
from pathlib import Path
from typing import Any


def main(target: str, seconds: str, folder: str) -> None:
    """Run until the time is up, or an input fails."""
    fuzzer: Any = importlib.import_module("atheris")
    with fuzzer.instrument_imports(include=["graphrepo", "multipart", "tarfile", "zipfile"]):
        targets = importlib.import_module("tests.fuzz.every")
    run, seeds = targets.TARGETS[target]
    corpus = Path(folder) / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=65536", "-len_control=20")
    report = (f"-artifact_prefix={folder}/{target}-", "-print_final_stats=1")
    fuzzer.Setup([sys.argv[0], f"-max_total_time={seconds}", *limits, *report, str(corpus)], run)
    fuzzer.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:4])
