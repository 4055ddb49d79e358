#: named: 0
#: chain:
#: - {type: Config::Invalid, message: "port is not a number: 80a", frames: main start rescue port2}
#: - {type: ArgumentError, message: 'invalid value for Integer(): "80a"', frames: main start port integer}
class Config
  class Invalid < StandardError; end

  def initialize(values)
    @values = values
  end

  def port #@ rescue port
    Integer(@values["port"]) #@ port port; integer Integer
  rescue ArgumentError
    raise Invalid, "port is not a number: #{@values['port']}" #@ port2 rescue in port
  end
end

def start
  Config.new("port" => "80a").port #@ start start
end

start #@ main <main>
