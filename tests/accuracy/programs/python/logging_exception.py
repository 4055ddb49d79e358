#: type: ConnectionRefusedError
#: message: "[Errno 111] Connection refused"
#: frames: sync dial ...
import logging
import socket

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
log = logging.getLogger("shop.sync")


def dial():
    return socket.create_connection(("127.0.0.1", 9), timeout=2)  #@ dial dial


def sync():
    log.info("sync started")
    try:
        dial()  #@ sync sync
    except OSError:
        log.exception("sync with warehouse failed")
    log.info("sync ended")


sync()
