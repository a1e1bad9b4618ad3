"""Why a file cannot be written, in one sentence: the disk is full, read-only or gone, or the name is not possible.

Writers need not catch anything: `replacing`, journals and the command line turn the errors of the system, and of
libraries that hide them in errors of their own, into a StorageError.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whenabouts.errors import StorageError, WhenaboutsError

__all__ = ["storage_error", "storing", "why"]

GONE = "its disk or network folder is gone; connect it again, or name another folder"
OF_DISK = {  # what a disk says, whichever file is named
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "the quota of the disk is used up; free some space and try again",
    errno.EFBIG: "it is larger than a file may be here; raise the limit (`ulimit -f`), or name another disk",
    errno.EROFS: "the disk is read-only; name another folder",
    errno.EIO: "the disk reports an error; check it, or name another one",
    errno.ESTALE: GONE,
    errno.ENOTCONN: GONE,
    errno.ENODEV: GONE,
    errno.ENXIO: GONE,
}
OF_NAME = {  # what is said of one file
    errno.EACCES: "there is no permission; change it, or name another folder",
    errno.EPERM: "it is not allowed; change the permissions, or name another folder",
    errno.ENOENT: "its folder does not exist; make it, or name another one",
    errno.ENOTDIR: "a part of its path is a file, not a folder; name another folder",
    errno.EISDIR: "it is a folder; name a file",
    errno.EEXIST: "a part of its path is a file, not a folder; name another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EINVAL: "the name is not possible on this disk; choose another one",
    errno.ELOOP: "its links go in a circle; name another folder",
    errno.EBUSY: "another program uses it; close that, or name another file",
    errno.ETXTBSY: "another program uses it; close that, or name another file",
    errno.EMFILE: "too many files are open; raise the limit (`ulimit -n`)",
    errno.ENFILE: "too many files are open on this machine; close some programs",
}


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """In the block `path` is written: an error that says why it cannot be is raised as StorageError."""
    try:
        yield
    except WhenaboutsError:
        raise
    except Exception as error:
        if (told := storage_error(error, path)) is None:
            raise
        raise told from error


def storage_error(error: BaseException, path: Path | None = None) -> StorageError | None:
    """The sentence for an error that came while `path` was written; None where no disk is its reason.

    Without a path it is that of the file that the error names, or of the output of the program. Of what is said of one
    file only that counts which is said of `path`, its folder, or a file in it: not that an input does not exist.
    """
    if isinstance(error, StorageError):
        return error
    if (code := _of_disk(error)) is not None:
        where = path or _named(error)
        return StorageError(code, f"{where or 'the output'} cannot be written: {OF_DISK[code]}")
    if isinstance(error, OSError) and error.errno in OF_NAME and (named := _named(error)) is not None:
        if path is None:
            return StorageError(error.errno, f"{named} cannot be used: {OF_NAME[error.errno]}")
        if named == path or path.parent in (named, named.parent) or named in path.parents:
            return StorageError(error.errno, f"{path} cannot be written: {OF_NAME[error.errno]}")
    return None


def why(error: BaseException) -> str | None:
    """The reason and what to do, as "the disk is full; free some space"; None where it is no disk's or file's."""
    code = _of_disk(error)
    if code is None and isinstance(error, OSError):
        code = error.errno
    return OF_DISK.get(code or 0) or OF_NAME.get(code or 0)


def _of_disk(error: BaseException) -> int | None:
    """The number of what a disk said, also where a library says it in words, or raised something else over it."""
    seen: set[int] = set()
    reason: BaseException | None = error
    while reason is not None and id(reason) not in seen:
        seen.add(id(reason))
        if isinstance(reason, OSError) and reason.errno in OF_DISK:
            return reason.errno
        said = str(reason)
        for code in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG):  # h5py, safetensors, LanceDB, onnx
            if os.strerror(code) in said:
                return code
        if "disk is full" in said or re.search(r"\d+ requested and \d+ written", said):  # SQLite; NumPy
            return errno.ENOSPC
        reason = reason.__cause__ or reason.__context__
    return None


def _named(error: BaseException) -> Path | None:
    name = error.filename if isinstance(error, OSError) else None
    return Path(os.fsdecode(name)) if isinstance(name, str | bytes) and name else None
