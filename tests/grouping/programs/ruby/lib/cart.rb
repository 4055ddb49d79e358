module Shop
  Item = Struct.new(:price, :sku)

  class Cart
    def initialize(items)
      @items = items
    end

    def currency #@2
      %w[EUR].map { |code| code } #@2
    end #@2

    def total
      amount = 0
      @items.each do |item|
        price = item.price
        amount += price.round(2)
      end
      amount
    end

    def weigh(item)
      price = item.fetch(:price)
      price * item.fetch(:unit)
    end

    def shares
      @items.map { |part| 100 / part }
    end
  end
end
