"""What a file says of its package, kept as JSON beside its row for channeldata and the catalog."""

import json
from typing import Any

from graphrepo.conda.package import CheckedPackage

_URL_KINDS = {"home": "home", "dev_url": "dev", "doc_url": "doc", "source_url": "source"}


def facts_json(package: CheckedPackage) -> str:
    """Return ``{"about": …, "timestamp": ms, "traits": […]}`` with the names of CEP 38."""
    about = {
        **package.urls,
        "summary": package.summary,
        "description": package.description,
        "license": package.license,
    }
    facts = {
        "about": {name: text for name, text in about.items() if text},
        "timestamp": package.timestamp,
        "traits": sorted(trait for trait, present in package.features.items() if present),
    }
    return json.dumps(facts, sort_keys=True)


def description_of(facts: str) -> dict[str, str | None]:
    """Return summary, description and urls for the package's own row; urls as JSON by kind."""
    about: dict[str, Any] = json.loads(facts)["about"]
    urls = {kind: [about[name]] for name, kind in _URL_KINDS.items() if name in about}
    return {
        "summary": about.get("summary"),
        "description": about.get("description"),
        "urls": json.dumps(urls, sort_keys=True),
    }
