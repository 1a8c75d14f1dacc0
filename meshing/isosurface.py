"""The isosurface of a field sampled at voxel centres (VTK's flying edges)."""

import numpy as np
import numpy.typing as npt

from meshing.mesh import Faces

Field = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]


def isosurface(field: Field, level: float) -> tuple[Points, Faces]:
    """Extract the surface where a field crosses a level.

    Args:
        field: (x, y, z); where the surface should be closed, the field is below the level at the array's
            border.
        level: values above it are inside.

    Returns:
        Points in voxel indices, (n, 3), and faces, (m, 3), outward on right-handed axes; both empty where the
        field does not cross the level.
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    values = np.ascontiguousarray(field, np.float32)
    image = vtkImageData()
    # VTK's first axis runs fastest: it reads the array with its axes turned round
    image.SetDimensions(*values.shape[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(values.ravel()))
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, level)
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    surface = edges.GetOutput()
    if surface.GetNumberOfPolys() == 0:
        return np.zeros((0, 3)), np.zeros((0, 3), np.uint32)
    points = vtk_to_numpy(surface.GetPoints().GetData())[:, ::-1].astype(np.float64)
    faces = vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    return np.ascontiguousarray(points), np.ascontiguousarray(faces[:, ::-1], np.uint32)
