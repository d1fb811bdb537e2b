"""Call one function of py-rattler-build: a program of its own, told by one JSON argument.

``{"call": "upload_package_to_…", "arguments": […], "options": {…}}``, or ``"build"`` with the
recipe and the output directory, which prints the built file's path.
"""

import json
import os
import sys
import traceback
from typing import Any

import rattler_build
from rattler_build import RenderConfig, Stage0Recipe, VariantConfig


def build(recipe: str, output: str) -> str:
    stage0 = Stage0Recipe.from_yaml(recipe)  # pyright: ignore[reportUnknownMemberType]
    variant = stage0.render(VariantConfig(), RenderConfig())[0]
    done = variant.run_build(  # pyright: ignore[reportUnknownMemberType]
        output_dir=output, channels=[]
    )
    return str(done.packages[0])


def main(wish: dict[str, Any]) -> str:
    if wish["call"] == "build":
        return build(*wish["arguments"])
    getattr(rattler_build, wish["call"])(*wish["arguments"], **wish["options"])
    return "done"


if __name__ == "__main__":
    status = 0
    try:
        print(main(json.loads(sys.argv[1])), flush=True)  # noqa: T201 - its answer
    except Exception:  # noqa: BLE001 - whatever it is, the test wants to see it
        traceback.print_exc()
        status = 1
    sys.stderr.flush()
    os._exit(status)
