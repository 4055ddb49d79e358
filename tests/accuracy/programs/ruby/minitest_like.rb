#: type: FrozenError
#: message: "can't modify frozen String: \"A-1\""
#: frames: tap ... block sku
class Item
  def initialize(sku)
    @sku = sku.freeze
  end

  def sku=(value)
    @sku << value #@ sku sku=
  end
end

Item.new("A-1").tap do |item| #@ tap <main>
  item.sku = "-b" #@ block block in <main>
end
