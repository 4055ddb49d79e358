#: type: Order::Invalid
#: message: |-
#:   order 17 has 2 problems:
#:     - price is missing
#:     - quantity is "many"
#: frames: main check
class Order
  class Invalid < StandardError
    def initialize(number, problems)
      super("order #{number} has #{problems.size} problems:\n" + problems.map { |p| "  - #{p}" }.join("\n"))
    end
  end

  def self.check(number)
    raise Invalid.new(number, ["price is missing", 'quantity is "many"']) #@ check check
  end
end

begin
  Order.check(17) #@ main <main>
ensure
  puts "checked"
end
