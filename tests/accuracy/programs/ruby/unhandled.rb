#: type: null
#: message: unhandled exception
#: frames: main stop
def stop
  raise #@ stop stop
end

stop #@ main <main>
