#: chain:
#: - {type: ThreadError, message: queue is closed for good, frames: block take}
#: - {frames: block take}
#: note: printed twice, by the thread and by the one that joined it
class Mailer
  def take
    raise ThreadError, "queue is closed for good" #@ take take
  end
end

worker = Thread.new do
  Mailer.new.take #@ block block in <main>
end
worker.name = "mailer-1"
worker.join
