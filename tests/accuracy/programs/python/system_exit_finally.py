#: chain:
#: - {type: ConnectionResetError, message: "[Errno 104] Connection reset by peer", frames: flush sent}
#: - {type: RuntimeError, message: cannot close twice, frames: main flush2 closed}
import errno


class Stream:
    open = False

    def send(self):
        raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")  #@ sent send

    def close(self):
        raise RuntimeError("cannot close twice")  #@ closed close


def flush(stream):
    try:
        stream.send()  #@ flush flush
    finally:
        stream.close()  #@ flush2 flush


flush(Stream())  #@ main <module>
