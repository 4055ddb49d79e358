#: type: NoMethodError
#: message: "undefined method `upcase' for nil:NilClass"
#: frames: main each map block label
Product = Struct.new(:sku, :name)

class Shelf
  def initialize(products)
    @products = products
  end

  def labels
    @products.map do |product| #@ each labels; map map
      label(product) #@ block block in labels
    end
  end

  def label(product)
    "#{product.sku} #{product.name.upcase}" #@ label label
  end
end

puts Shelf.new([Product.new("A-1", nil)]).labels #@ main <main>
