#: type: KeyError
#: message: "key not found: :price"
#: frames: main sum block price fetch
def price(item)
  item.fetch(:price) #@ price price; fetch fetch
end

total = [{ sku: "A-1" }].sum do |item| #@ main <main>; sum sum
  price(item) * 2 #@ block block in <main>
end
puts total
