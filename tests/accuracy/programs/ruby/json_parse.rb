#: type: JSON::ParserError
#: message: "859: unexpected token at 'name=tea'"
#: frames: main read ...
require "json"

def read(body)
  JSON.parse(body) #@ read read
end

read("name=tea") #@ main <main>
