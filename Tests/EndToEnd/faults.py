"""Faults of the system on demand: a shared object that is compiled here and preloaded (faults.c) makes calls of one process fail."""

import ctypes
import mmap
import os
import shutil
import subprocess
from pathlib import Path


class Control(ctypes.Structure):
    """`struct faults` of faults.c."""

    _fields_ = [
        ("clock_shift", ctypes.c_int64), ("sync_errno", ctypes.c_int32), ("syncs_failed", ctypes.c_int32),
        ("write_errno", ctypes.c_int32), ("writes_failed", ctypes.c_int32), ("sync_delay", ctypes.c_int32),
        ("syncs_delayed", ctypes.c_int32), ("failing", ctypes.c_char * 64), ("slow", ctypes.c_char * 64)]


class Faults:
    """What goes wrong in the processes that are started with `environment`. An assignment to a member of `now` holds from their
    next call on; `failing` and `slow` are parts of the paths concerned."""

    def __init__(self, folder):
        library, control = Path(folder) / "faults.so", Path(folder) / "faults.control"
        source = Path(__file__).with_name("faults.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source, "-ldl"], check=True)
        control.write_bytes(bytes(ctypes.sizeof(Control)))
        with control.open("r+b") as file:
            self.now = Control.from_buffer(mmap.mmap(file.fileno(), ctypes.sizeof(Control)))
        self.environment = {"LD_PRELOAD": str(library), "SESAME_TEST_FAULTS": str(control)}

    @staticmethod
    def are_possible():
        return os.uname().sysname == "Linux" and shutil.which("cc") is not None
