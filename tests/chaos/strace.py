"""strace on a running daemon. https://man7.org/linux/man-pages/man1/strace.1.html

It counts the calls of each thread from the moment it is attached, and at the one that is asked for sends a signal or makes it fail.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from running import until


def there() -> bool:
    return shutil.which("strace") is not None


@contextmanager
def attached(thread: int, *words: str) -> Iterator[None]:
    """With strace's own ``words``; returns when it is at work, or the thread has gone."""
    tracer = subprocess.Popen(["strace", "-p", str(thread), *words], stderr=subprocess.PIPE)
    try:
        until(lambda: _traced(thread))
        yield
    finally:
        tracer.terminate()
        tracer.communicate()


def _traced(thread: int) -> bool:
    try:
        status = Path(f"/proc/{thread}/status").read_text()
    except OSError:
        return True
    return "TracerPid:\t0\n" not in status or "State:\tZ" in status
