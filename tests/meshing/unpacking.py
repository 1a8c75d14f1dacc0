"""Packed files as the browser unpacks them: the page's own TypeScript, run by node."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.khronos import node

FRONTEND = Path(__file__).parents[2] / "viewer" / "frontend"
PROGRAM = """
import { readFileSync, writeFileSync } from "node:fs";
import { unpackedGlb } from "%s";
for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  writeFileSync(`${path}.glb`, new Uint8Array(unpackedGlb(file)));
}
"""


def unpacked(files: Sequence[bytes], folder: Path) -> list[bytes]:
    """Unpack files in one go; skip, saying so, where node or esbuild is missing."""
    program, bundler = node(), FRONTEND / "node_modules" / ".bin" / "esbuild"
    if program is None or not bundler.exists():
        pytest.skip("node or viewer/frontend/node_modules is missing")
    source = folder / "unpacking.ts"
    source.write_text(PROGRAM % (FRONTEND / "src" / "engine" / "packed_glb"))
    bundle = folder / "unpacking.mjs"
    options = ["--bundle", "--platform=node", "--format=esm", f"--outfile={bundle}", "--log-level=error"]
    subprocess.run([bundler, source, *options], check=True)
    paths = [folder / str(number) for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    subprocess.run([program, bundle, *paths], check=True)
    return [path.with_name(f"{path.name}.glb").read_bytes() for path in paths]
