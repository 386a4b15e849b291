"""Turns itself into a server process: drops privileges, ties its life to its parent, executes the binary.

It is run as a script by `process.py`, never imported. A script is used and not `preexec_fn`, because
code between fork and exec of a process with threads may deadlock. It runs as root when the platform
does, so everything it needs is imported before the privileges are dropped.

Usage: launch.py DEATH_SIGNAL PARENT_PID UID GID DIRECTORY BINARY [ARGUMENT...]   (UID -1: keep the user)
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PRIVATE_UMASK = 0o077


def main(arguments: list[str]) -> None:
    """Executes the binary; returns only by raising."""
    death_signal, parent_pid, uid, gid = (int(argument) for argument in arguments[:4])
    directory, binary = arguments[4], arguments[5]
    libc = ctypes.CDLL(None, use_errno=True)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(_PRIVATE_UMASK)
    # After setuid, which clears it; exec keeps it.
    if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        sys.exit("The supervisor ended before its server started.")
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(directory)
    os.execv(binary, arguments[5:])  # noqa: S606 - the supervisor chose the binary


if __name__ == "__main__":
    main(sys.argv[1:])
