"""How VTK draws where there is no display: chosen before it tries, since its own failure ends the process."""

import ctypes.util
import os

_VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"
#: Libraries that draw without a display, in software where there is no graphics card, and VTK's windows for
#: them.
_WINDOWS = {"EGL": "vtkEGLRenderWindow", "OSMesa": "vtkOSOpenGLRenderWindow"}


def choose_window() -> None:
    """Tell VTK which window to use, unless a display or the environment already says.

    Raises:
        OSError: if there is nothing to draw with, with what to install.
    """
    if (
        os.environ.get("DISPLAY")
        or os.environ.get(_VARIABLE)
        or os.name != "posix"
        or os.uname().sysname == "Darwin"
    ):
        return
    for library, window in _WINDOWS.items():
        if ctypes.util.find_library(library):
            os.environ[_VARIABLE] = window
            return
    raise OSError(
        "pictures need a display, or libEGL or libOSMesa to draw without one: "
        "install libegl1 (Debian, Ubuntu), mesa-libEGL (Fedora) or their like"
    )
