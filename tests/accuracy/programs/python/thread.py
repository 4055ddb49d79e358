#: type: RuntimeError
#: message: queue is closed
#: frames: ... work take
import threading


class Queue:
    def take(self):
        raise RuntimeError("queue is closed")  #@ take take


def work(queue):
    while True:
        queue.take()  #@ work work


worker = threading.Thread(target=work, args=(Queue(),), name="mailer-1")
worker.start()
worker.join()
print("bye")
