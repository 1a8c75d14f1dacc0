from meshing import (
    boundary,
    boxes,
    collapse,
    fidelity,
    intersections,
    rectangles,
    relaxation,
    triangles,
    voxels,
)
from meshing.warm import warm_up

MODULES = (boundary, boxes, collapse, fidelity, intersections, rectangles, relaxation, triangles, voxels)


def test_after_warming_up_every_kernel_is_compiled() -> None:
    warm_up()
    kernels = {
        f"{module.__name__}.{name}": kernel
        for module in MODULES
        for name, kernel in vars(module).items()
        if hasattr(kernel, "signatures") and kernel.py_func.__module__ == module.__name__
    }
    assert len(kernels) > 40
    # kernels that only others call are compiled into those, and counted there
    called = {name for name, kernel in kernels.items() if not name.split(".")[-1].startswith("_")}
    assert [name for name in called if not kernels[name].signatures] == []
