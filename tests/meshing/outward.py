"""Which way the triangles of a voxel surface face."""

import numpy as np

from meshing.mesh import Mesh, world_vertices


def assert_outward(mesh: Mesh, mask: np.ndarray, affine: np.ndarray) -> None:
    """A little inside of each triangle of a voxel surface lies a voxel of the mask, a little outside none."""
    corners = world_vertices(mesh)[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    padded = np.pad(mask, 1)
    # a point just off the middle of a triangle lies in the voxel of the index it rounds to
    for step, expected in ((-0.1, True), (0.1, False)):
        points = corners.mean(axis=1) + step * normals
        index = np.rint((points - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T).astype(int)
        assert (padded[tuple(index.T + 1)] == expected).all()
