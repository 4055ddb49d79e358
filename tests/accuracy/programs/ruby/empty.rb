#: type: Refund::Denied
#: message: ""
#: frames: main deny
module Refund
  class Denied < RuntimeError; end

  def self.deny
    raise Denied, "" #@ deny deny
  end
end

Refund.deny #@ main <main>
