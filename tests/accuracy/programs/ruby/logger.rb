#: type: Errno::ECONNREFUSED
#: message: "Connection refused - connect(2) for \"127.0.0.1\" port 9"
#: frames: main sync dial new initialize
require "logger"
require "socket"

LOG = Logger.new($stdout, progname: "sync")

def dial
  TCPSocket.new("127.0.0.1", 9) #@ dial dial; new new; initialize initialize
end

def sync
  dial #@ sync sync
end

begin
  LOG.info("sync started")
  sync #@ main <main>
rescue SystemCallError => e
  LOG.error(e)
end
