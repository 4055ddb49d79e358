#: type: IndentationError
#: message: unexpected indent
#: frames: bad
def ship(order):
    print(order)
      print("shipped")  #@ bad


ship(1)
